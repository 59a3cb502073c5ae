import { afterEach, describe, expect, it } from "vitest";
import type { Spend } from "../backend/bindings/Spend";
import { showCurrency } from "./currency.svelte";
import {
  daysBetween,
  formatCost,
  formatCount,
  formatDuration,
  formatExact,
  formatPrice,
  formatRate,
  formatSeconds,
  formatSpend,
  formatUsd,
  formatUsdRange,
  formatWhen,
} from "./format";
import { showZone } from "./zone.svelte";

afterEach(() => showZone(null));

describe("money in words", () => {
  it.each([
    ["12.34", "$12.34"],
    ["12", "$12.00"],
    ["1234567.891", "$1,234,567.89"],
    ["1", "$1.00"],
    ["0.999", "$1.00"],
    ["9.999", "$10.00"],
    ["-9.999", "−$10.00"],
    ["-0.060307", "−$0.06"],
    ["-0.0000001", "−<$0.0001"],
    ["0.42", "$0.42"],
    ["0.06", "$0.06"],
    ["0.061234", "$0.061"],
    ["0.0061", "$0.0061"],
    ["0.00614999", "$0.0061"],
    ["0.0099999", "$0.01"],
    ["0.5", "$0.50"],
    ["0.0001", "$0.0001"],
    ["0.000123", "$0.00012"],
    ["0.00009", "<$0.0001"],
    ["0.000000000001", "<$0.0001"],
    ["0", "free"],
    ["0.000", "free"],
  ])("%s reads %s", (usd, words) => expect(formatUsd(usd)).toBe(words));

  it("keeps digits that a float would lose", () => {
    expect(formatUsd("90071992547409.93")).toBe("$90,071,992,547,409.93");
  });

  const cost = {
    provenance: "computed",
    price_date: null,
    at_least: false,
    simulated: false,
    lines: [],
  } as const;

  it("marks estimates, lower bounds and the unpriced", () => {
    expect(formatCost({ ...cost, lines: [], usd: "0.0061", provenance: "estimated" })).toBe("~$0.0061");
    expect(formatCost({ ...cost, lines: [], usd: "0.0061", at_least: true })).toBe("≥ $0.0061");
    expect(formatCost({ ...cost, lines: [], usd: null, provenance: null })).toBe("unpriced");
    expect(formatCost({ ...cost, lines: [], usd: "0.00", provenance: "estimated" })).toBe("free");
  });
});

describe("what a conversation cost", () => {
  const none: Spend = {
    usd: "0",
    simulated_usd: "0",
    estimated: false,
    at_least: false,
    unpriced_calls: 0,
    calls: 0,
    simulated_calls: 0,
  };

  it("says nothing before the first call", () => expect(formatSpend(none)).toBeNull());

  it("never adds invented money to real", () => {
    const both = { ...none, calls: 1, usd: "0.10", simulated_calls: 3, simulated_usd: "5" };
    expect(formatSpend(both)).toEqual({ text: "$0.10", simulated: false, besides: true });
    expect(formatSpend({ ...none, simulated_calls: 3, simulated_usd: "5" })).toEqual({
      text: "$5.00",
      simulated: true,
      besides: false,
    });
  });

  it("says when part of it is unknown", () => {
    expect(formatSpend({ ...none, calls: 2, unpriced_calls: 2 })?.text).toBe("unpriced");
    expect(formatSpend({ ...none, calls: 2, unpriced_calls: 1, usd: "0.10" })?.text).toBe("$0.10+");
    expect(formatSpend({ ...none, calls: 2, usd: "0.10", estimated: true })?.text).toBe("~$0.10");
    expect(formatSpend({ ...none, calls: 2, estimated: true })?.text).toBe("free");
  });

  it("stays the least it can be where one answer in it is", () => {
    const least = { ...none, calls: 2, usd: "0.05", at_least: true };
    expect(formatSpend(least)?.text).toBe("≥ $0.05");
    expect(formatSpend({ ...least, estimated: true })?.text).toBe("≥ $0.05");
    expect(formatSpend({ ...least, unpriced_calls: 1 })?.text).toBe("≥ $0.05+");
  });

  it("tells a correction without a call", () =>
    expect(formatSpend({ ...none, usd: "-0.5" })?.text).toBe("−$0.50"));

  it("is told to the last digit", () => {
    expect([formatExact("0.000000000001"), formatExact("-1.5"), formatExact("0")]).toEqual([
      "$0.000000000001",
      "−$1.5",
      "free",
    ]);
  });
});

describe("figures", () => {
  it.each([
    [0, "0"],
    [412, "412"],
    [999, "999"],
    [1_000, "1k"],
    [2_134, "2.1k"],
    [34_499, "34k"],
    [999_499, "999k"],
    [999_999, "1M"],
    [1_047_576, "1M"],
    [1_250_000, "1.3M"],
  ])("%d tokens read %s", (count, words) => expect(formatCount(count)).toBe(words));

  it.each([
    [12, "0.1 s"],
    [640, "0.6 s"],
    [4_210, "4.2 s"],
    [12_400, "12 s"],
    [59_900, "1 min"],
    [125_000, "2 min 5 s"],
  ])("%d ms read %s", (ms, words) => expect(formatDuration(ms)).toBe(words));

  it.each([
    [400, "1\u00a0s"],
    [4_000, "4\u00a0s"],
    [4_001, "5\u00a0s"],
    [125_000, "2\u00a0min\u00a05\u00a0s"],
  ])("%d ms that are left read %s", (ms, words) => expect(formatSeconds(ms)).toBe(words));

  it("writes rates and list prices", () => {
    expect(formatRate(84.4)).toBe("84");
    expect(formatRate(3.14)).toBe("3.1");
    expect(formatPrice("15")).toBe("$15");
    expect(formatPrice("0.5")).toBe("$0.50");
    expect(formatPrice("0.075")).toBe("$0.075");
  });

  it("counts days by midnights, not by hours", () => {
    const late = new Date(2026, 10, 20, 23, 59).getTime();
    const early = new Date(2026, 10, 21, 0, 1).getTime();
    expect(daysBetween(late, early)).toBe(1);
  });

  it("tells when in the zone of the settings, whatever the machine's is", () => {
    const [evening, night] = [Date.UTC(2026, 10, 20, 14, 59), Date.UTC(2026, 10, 20, 15, 30)];
    showZone("Asia/Tokyo");
    expect(formatWhen(night, night, "en")).toBe("00:30");
    expect(formatWhen(evening, night, "en"), "the day before, over there").toBe("20 Nov");
    showZone("America/New_York");
    expect(formatWhen(evening, night, "en")).toBe("09:59");
  });
});

describe("a range of amounts", () => {
  it.each([
    ["0.021", "0.094", "$0.021–0.094"],
    ["0.0209", "0.0212", "$0.021"],
    ["0", "0.09", "up to $0.09"],
    ["0.00001", "0.09", "<$0.0001–0.09"],
  ])("%s to %s reads %s", (least, most, words) => expect(formatUsdRange(least, most)).toBe(words));
});

describe("another currency", () => {
  afterEach(() => showCurrency(null));

  it.each([
    ["EUR", "0.92", "12.34", "≈€11.35"],
    ["EUR", "0.92", "0.0061", "≈€0.0056"],
    ["EUR", "0.92", "0.00001", "<€0.0001"],
    ["EUR", "0.92", "0", "free"],
    ["JPY", "151.2", "12.34", "≈¥1,866"],
    ["CNY", "7.1", "1", "≈CN¥7.10"],
    ["CHF", "0.9", "2", "≈CHF\u00a01.80"],
    ["??", "2", "2", "≈??\u00a04.00"],
    ["EUR", "0.1", "90071992547409.93", "≈€9,007,199,254,740.99"],
  ])("in %s at %s, %s reads %s", (code, per_usd, usd, words) => {
    showCurrency({ code, per_usd });
    expect(formatUsd(usd)).toBe(words);
  });

  it("says once that an amount is not exact", () => {
    showCurrency({ code: "EUR", per_usd: "0.5" });
    const cost = { price_date: null, simulated: false, lines: [], usd: "0.012" };
    expect(formatCost({ ...cost, provenance: "estimated", at_least: false })).toBe("~€0.006");
    expect(formatCost({ ...cost, provenance: "computed", at_least: true })).toBe("≥ €0.006");
    expect(formatUsdRange("0.02", "0.4")).toBe("≈€0.01–0.20");
  });

  it("converts list prices too, so that a line still multiplies", () => {
    showCurrency({ code: "EUR", per_usd: "0.923" });
    expect([formatPrice("15"), formatPrice("0.075"), formatPrice("0")]).toEqual([
      "≈€13.85",
      "≈€0.0692",
      "free",
    ]);
  });
});
