import { describe, expect, it } from "vitest";
import { beginsDown, rowsOf, sorted, type Column } from "./rows";
import { someModel } from "./some.test-support";

const steady = someModel({ label: "Steady", target: "b/steady", perDay: 30 });
const failing = someModel({ label: "Failing", target: "a/failing", failures: { timeout: 200 }, drift: 30 });
const free = someModel({ label: "Free", target: "c/free", usdPerCall: "0", perDay: 2 });
const unpriced = someModel({ label: "Unpriced", target: "d/unpriced", usdPerCall: null, perDay: 1 });
const silent = someModel({ label: "Silent", target: "e/silent", perDay: 0.1, failures: { network: 1_000 } });
const invented = someModel({ label: "Invented", target: "demo/x", simulated: true, perDay: 99, drift: 90 });
const rows = rowsOf([invented, steady, failing, free, unpriced, silent]);

const by = (column: Column, down = beginsDown(column)): string[] =>
  sorted(rows, column, down).map(({ model }) => model.label);

describe("the table of models", () => {
  it("has what is invented last, whatever it is sorted by", () => {
    const columns: Column[] = ["model", "calls", "success", "average", "trend", "perCall", "errors"];
    for (const column of columns) {
      expect(by(column, true).at(-1)).toBe("Invented");
      expect(by(column, false).at(-1)).toBe("Invented");
    }
  });

  it("begins rates with the worst and everything else with the most", () => {
    expect(by("success")[0]).toBe("Silent");
    expect(by("success")[1]).toBe("Failing");
    expect(by("calls")[0]).toBe("Steady");
    expect(by("trend")[0]).toBe("Failing");
    expect(by("model")).toEqual(["Failing", "Free", "Silent", "Steady", "Unpriced", "Invented"]);
  });

  it("has what is unknown behind what is known, either way", () => {
    expect(by("average", true).slice(-2, -1)).toEqual(["Silent"]);
    expect(by("average", false).slice(-2, -1)).toEqual(["Silent"]);
    expect(by("perCall", true).indexOf("Unpriced")).toBeGreaterThan(by("perCall", true).indexOf("Free"));
    expect(by("perCall", false)[0]).toBe("Free");
  });

  it("has what costs nothing above any number of answers for a dollar", () => {
    expect(by("perDollar")[0]).toBe("Free");
  });

  it("tells two models of one name apart", () => {
    const twins = rowsOf([
      someModel({ target: "a/x", label: "X" }),
      someModel({ target: "b/x", label: "X" }),
    ]);
    expect(twins.map(({ twice, provider }) => [provider, twice])).toEqual([
      ["a", true],
      ["b", true],
    ]);
    expect(rows.some(({ twice }) => twice)).toBe(false);
  });
});
