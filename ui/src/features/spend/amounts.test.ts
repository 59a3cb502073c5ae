import { expect, it } from "vitest";
import type { SpendSums } from "../../backend/bindings/SpendSums";
import { axisValue, exactly, money, moneyOf, percent, valueExact, valueShort } from "./amounts";

const sums = (change: Partial<SpendSums>): SpendSums => ({
  usd: "0",
  estimated_usd: "0",
  requests: 1,
  unpriced: 0,
  input_tokens: 0,
  cached_tokens: 0,
  output_tokens: 0,
  ...change,
});

it("never says a bare 0", () => {
  expect(money("0")).toBe("nothing");
  expect(money("0.00000001")).toBe("<$0.0001");
  expect(exactly("0")).toBe("free");
  expect(axisValue(0, "cost")).toBe("");
  expect(valueShort(null, "cost")).toBe("–");
});

it("marks estimates and what is missing from a sum", () => {
  expect(money("1.5", true)).toBe("~$1.50");
  expect(moneyOf(sums({ usd: "1.5", requests: 3, unpriced: 1 }))).toBe("$1.50+");
  expect(moneyOf(sums({ usd: "1.5", estimated_usd: "0.1" }))).toBe("~$1.50");
  expect(moneyOf(sums({ unpriced: 1 }))).toBe("unpriced");
  expect(moneyOf(sums({ requests: 0 }))).toBe("nothing");
  expect(moneyOf(sums({}))).toBe("free");
});

it("gives tables the last digit", () => {
  expect(valueExact("0.000000000012", "cost")).toBe("$0.000000000012");
  expect(valueExact("1234567", "tokens")).toBe("1,234,567");
  expect(valueExact("1250", "latency")).toBe("1,250 ms");
});

it("never says none of something, or all when something is left", () => {
  expect(percent(0)).toBe("0 %");
  expect(percent(3)).toBe("<1 %");
  expect(percent(9_999)).toBe(">99 %");
  expect(percent(10_000)).toBe("100 %");
});

it("keeps the words beside an axis alike", () => {
  expect([0.3, 0.6, 0.9, 1.2].map((value) => axisValue(value, "cost"))).toEqual([
    "$0.30",
    "$0.60",
    "$0.90",
    "$1.20",
  ]);
  expect(axisValue(0.0005, "cost")).toBe("$0.0005");
  expect([2, 10].map((value) => axisValue(value, "cost", 11))).toEqual(["$2", "$10"]);
  expect([0.05, 0.1].map((value) => axisValue(value, "cost", 0.12))).toEqual(["$0.05", "$0.10"]);
  expect(axisValue(20, "cost")).toBe("$20");
});
