import { expect, it } from "vitest";
import { factsOf, formatPart } from "./figures";

it.each([
  [0, "0.00"],
  [0.4, "0.40"],
  [0.29, "0.29"],
  [0.999, "0.99"],
  [1, "1.00"],
])("a part of %d reads %s: only a whole one reads 1", (part, words) => {
  expect(formatPart(part)).toBe(words);
});

it("leaves out what is not known: it is not nothing", () => {
  const candidate = {
    target: "a/b",
    route: null,
    rank: 0,
    score: { total: 1, performance: 1, cost: 1, load: 1, capability: 1 },
    excluded: null,
    excluded_reason: null,
    excluded_saying: null,
    usd: null,
    ttft_ms: null,
    tokens_per_second: null,
    reliability: 0.9,
    compared: 0,
    picked: 0,
  };
  expect(factsOf(candidate)).toEqual(["unpriced", "succeeds 90 %"]);
  expect(factsOf({ ...candidate, score: null, route: "coding.echelon2" })).toEqual(["coding.echelon2"]);
  expect(factsOf({ ...candidate, usd: "0.0061", ttft_ms: 640, tokens_per_second: 84.4 })).toEqual([
    "$0.0061",
    "0.6 s",
    "84 tok/s",
    "succeeds 90 %",
  ]);
});
