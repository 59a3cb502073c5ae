import { describe, expect, it } from "vitest";
import { modelUsd, perDollar, placeOf, ratePercent, trendWords } from "./figures";
import { someModel } from "./some.test-support";
import { sparkOf } from "./spark";

describe("figures of a model", () => {
  it("never say all where one is missing", () => {
    expect(ratePercent(1)).toBe("100 %");
    expect(ratePercent(0.99999)).toBe("99.9 %");
    expect(ratePercent(0.929)).toBe("92.9 %");
    expect(ratePercent(0.9899)).toBe("98.9 %");
    expect(ratePercent(0)).toBe("0 %");
  });

  it("tell unpriced from free", () => {
    const unpriced = someModel({ usdPerCall: null });
    expect([modelUsd(unpriced, unpriced.usd), perDollar(unpriced)]).toEqual(["unpriced", "–"]);
    const failing = someModel({ failures: { unavailable: 1_000 } });
    expect(modelUsd(failing, failing.usd), "nothing was charged, which is no missing price").toBe("–");
    const free = someModel({ usdPerCall: "0" });
    expect([modelUsd(free, free.usd_per_request), perDollar(free)]).toEqual(["free", "free"]);
    expect(perDollar(someModel({}))).toBe("100");
    expect(perDollar(someModel({ usdPerCall: "0.3" }))).toBe("3.3");
  });

  it("say where a latency is going, and when they cannot", () => {
    expect(trendWords({ direction: "slower", change_percent: 22.6 })).toBe("23 % slower");
    expect(trendWords({ direction: "faster", change_percent: -14 })).toBe("14 % faster");
    expect(trendWords({ direction: "steady", change_percent: 1 })).toBe("steady");
    expect(trendWords({ direction: "unknown", change_percent: null })).toBe("too few to say");
  });

  it("have most of the line for the rates that are near all", () => {
    expect([0, 0.75, 0.96, 0.99, 1].map((rate) => Math.round(placeOf(rate) * 100))).toEqual([
      0, 50, 80, 90, 100,
    ]);
    expect(placeOf(1.2)).toBe(1);
  });
});

describe("the line of latencies", () => {
  const step = (average_ms: number | null, at: number) => ({ at, requests: 1, succeeded: 1, average_ms });
  const line = (...values: (number | null)[]) => sparkOf(values.map(step), 10, 10);

  it("rises where calls take longer", () => {
    expect(line(100, 200, 300).path).toBe("M0 10L5 5L10 0");
    expect(line(100, 200, 300).last).toEqual({ x: 10, y: 0 });
  });

  it("is all but flat where next to nothing has changed", () => {
    const ys = [...line(1_000, 1_010).path.matchAll(/ ([\d.]+)/g)].map(([, y]) => Number(y));
    expect(Math.abs((ys[0] ?? 0) - (ys[1] ?? 0))).toBeLessThan(1);
  });

  it("is interrupted where nothing answered, and what stands alone is a dot", () => {
    const spark = line(100, 200, null, 300);
    expect(spark.path).toBe("M0 10L3.33 5");
    expect(spark.alone).toEqual([{ x: 10, y: 0 }]);
    expect(line(null, null)).toEqual({ path: "", alone: [], last: null });
  });
});
