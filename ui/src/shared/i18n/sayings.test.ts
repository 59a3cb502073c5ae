import { afterEach, expect, it } from "vitest";
import { speak } from "./language.svelte";
import { sayIt } from "./messages/sayings";

afterEach(() => speak("en"));

const ENGLISH = "Acme limits how often you may ask. It asks to wait 12 seconds.";
const SAYING = { code: "rate_limited_wait", values: { provider: "Acme", wait_ms: "12000" } };

it("says the host's sentence in the window's language", () => {
  expect(sayIt(SAYING, ENGLISH)).toBe(ENGLISH);
  speak("zh");
  expect(sayIt(SAYING, ENGLISH)).toBe("Acme 限制了请求频率，要求等待 12\u00a0s。");
});

it("keeps the host's own where the word is not known or something is missing in it", () => {
  speak("zh");
  expect(sayIt(null, ENGLISH)).toBe(ENGLISH);
  expect(sayIt({ code: "of_a_newer_host", values: {} }, ENGLISH)).toBe(ENGLISH);
  expect(sayIt({ ...SAYING, values: { provider: "Acme" } }, ENGLISH)).toBe(ENGLISH);
});
