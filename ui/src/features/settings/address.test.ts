import { expect, it } from "vitest";
import { judgeAddress, originOf } from "./address";
import { ago } from "./when";

it.each([
  ["", "missing"],
  ["llm.example.com", "invalid"],
  ["ftp://llm.example.com", "invalid"],
  ["javascript:alert(1)", "invalid"],
  ["https://", "invalid"],
  ["https://user:pass@llm.example.com", "credentials"],
  [" https://llm.example.com/v1/ ", "fine"],
  ["http://127.0.0.1:8080", "fine"],
  ["http://localhost:1234/v1", "fine"],
  ["http://[::1]:11434", "fine"],
  ["http://192.168.1.9:8080", "private"],
  ["http://10.0.0.2", "private"],
  ["http://172.31.0.1", "private"],
  ["http://[fd00::1]", "private"],
  ["http://172.32.0.1", "plain"],
  ["http://8.8.8.8", "plain"],
  ["http://llm.example.com", "plain"],
  ["http://127.0.0.1.example.com", "plain"],
  ["http://192.168.1.9.example.com", "plain"],
  ["http://localhost.example.com", "plain"],
])("a key never travels readable over %j: %s", (address, verdict) => {
  expect(judgeAddress(address)).toBe(verdict);
});

it("binds a key to scheme, host and port", () => {
  expect(originOf("https://llm.example.com:8443/v1/x")).toBe("https://llm.example.com:8443");
  expect(originOf("nonsense")).toBeNull();
});

it("says when something was", () => {
  const now = 1_000_000_000;
  expect(ago(now - 5_000, now, "en")).toBe("now");
  expect(ago(now - 3_600_000, now, "en")).toBe("1 hour ago");
  expect(ago(now - 2 * 60_000, now, "zh")).toBe("2分钟前");
  expect(ago(now + 60_000, now, "en")).toBe("now");
});
