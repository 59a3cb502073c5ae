import { afterEach, expect, it } from "vitest";
import type { SpendSums } from "../../backend/bindings/SpendSums";
import { showCurrency } from "../../shared/currency.svelte";
import {
  axisRate,
  axisValue,
  exactly,
  inDollars,
  isUnpriced,
  money,
  moneyOf,
  percent,
  valueExact,
  valueSaid,
  valueShort,
} from "./amounts";

afterEach(() => showCurrency(null));

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

it("shows money that was corrected where there was no call, or none with a price", () => {
  expect(moneyOf(sums({ usd: "0.4", requests: 0 }))).toBe("$0.40");
  expect(moneyOf(sums({ usd: "-0.4", requests: 0 }))).toBe("−$0.40");
  expect(moneyOf(sums({ usd: "0.4", requests: 2, unpriced: 2 }))).toBe("$0.40+");
  expect(isUnpriced(sums({ requests: 0, unpriced: 0 })), "nothing is not unpriced").toBe(false);
  expect(exactly("-0.25")).toBe("−$0.25");
});

it("has one currency beside, in and below a chart, and says where the digits are those of the books", () => {
  showCurrency({ code: "EUR", per_usd: "0.5" });
  expect(axisValue(4 * axisRate(), "cost")).toBe("€2.00");
  expect(axisValue(-3, "cost", 10)).toBe("−€3");
  expect(valueSaid("4", "cost")).toBe("≈€2.00");
  expect(money("4", true)).toBe("~€2.00");
  expect(inDollars("Time")).toBe("Time (USD)");
  showCurrency(null);
  expect([valueSaid("4.25", "cost"), inDollars("Time")]).toEqual(["$4.25", "Time"]);
});
