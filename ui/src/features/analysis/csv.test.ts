import { expect, it } from "vitest";
import { csvOf } from "./csv";
import { someModel } from "./some.test-support";

const linesOf = (text: string): string[] => text.split("\r\n");

it("writes every figure as the host has said it, a line for each model", () => {
  const [head = "", line = "", rest] = linesOf(
    csvOf([someModel({ failures: { timeout: 20, network: 10 } })]),
  );
  const cells = new Map(head.split(",").map((name, at) => [name, line.split(",")[at]]));
  expect(cells.get("model")).toBe("acme/plain");
  expect(cells.get("calls")).toBe("300");
  expect(cells.get("usd_per_call")).toBe("0.0097");
  expect(cells.get("errors")).toBe("timeout 6; network 3");
  expect(Number(cells.get("success_rate"))).toBeCloseTo(0.97);
  expect(rest).toBe("");
});

it("leaves what is unknown empty: it is not nothing", () => {
  const [head = "", line = ""] = linesOf(csvOf([someModel({ usdPerCall: null })]));
  const at = head.split(",").indexOf("usd");
  expect(line.split(",").slice(at, at + 4)).toEqual(["", "", "", ""]);
});

it("hands no spreadsheet a formula, and keeps commas and quotes in their cell", () => {
  const text = csvOf([someModel({ label: '=HYPERLINK("x"),1' })]);
  expect(text).toContain(`"'=HYPERLINK(""x""),1"`);
});

it("is a head alone without models", () => {
  expect(linesOf(csvOf([]))).toHaveLength(2);
});
