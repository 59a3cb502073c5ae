import { expect, it } from "vitest";
import type { BudgetView } from "../../backend/bindings/BudgetView";
import type { LanePreview } from "../../backend/bindings/LanePreview";
import type { TurnPreview } from "../../backend/bindings/TurnPreview";
import { costOf, dearestOf, formatShare, fullest, fullnessOf, tokensOf, moneyOf } from "./meter";

const lane: LanePreview = {
  lane_id: "a",
  tokens: 100,
  source: "tokenizer",
  context_window: 1_000,
  fits: true,
  expected_usd: "0.01",
  worst_usd: "0.04",
  expected_tokens: 600,
  share_percent: null,
  simulated: false,
  notices: [],
};
const demo: LanePreview = { ...lane, lane_id: "d", simulated: true, expected_usd: "5", worst_usd: "50" };
const unpriced: LanePreview = { ...lane, lane_id: "u", expected_usd: null, worst_usd: null };

const sums = {
  expected_usd: "0.021",
  worst_usd: "0.094",
  simulated_expected_usd: "0",
  simulated_worst_usd: "0",
  unpriced: 0,
  tightest: null,
  stop: null,
};

function preview(lanes: LanePreview[], change: Partial<TurnPreview> = {}): TurnPreview {
  return { lanes, ...sums, ...change };
}

it.each([
  ["the host's own sums, as footers write them", preview([lane, lane]), "about $0.021–0.094"],
  ["one amount where both read alike", preview([lane], { worst_usd: "0.0212" }), "about $0.021"],
  ["invented money is named, not added", preview([lane, demo]), "about $0.021–0.094 + 1 demo"],
  [
    "invented money alone has a sum, labelled as such",
    preview([demo, demo], {
      expected_usd: "0",
      worst_usd: "0",
      simulated_expected_usd: "0.3",
      simulated_worst_usd: "2.5",
    }),
    "about $0.30–2.50 (invented)",
  ],
  [
    "unknown is never nothing",
    preview([unpriced], { expected_usd: "0", worst_usd: "0", unpriced: 1 }),
    "unpriced",
  ],
  [
    "what has no price is said beside what has one",
    preview([lane, unpriced], { unpriced: 1 }),
    "about $0.021–0.094 + 1 unpriced",
  ],
])("%s", (_, given, words) => expect(costOf(given)).toBe(words));

it("marks a sum of tokens as an estimate when one of them is", () => {
  expect(
    tokensOf(
      preview([
        { ...lane, tokens: 3_000 },
        { ...lane, source: "provider" },
      ]),
    ),
  ).toBe("3,100");
  expect(tokensOf(preview([lane, { ...lane, source: "learned" }]))).toBe("~200");
});

it("warns from four fifths, and says when it does not fit, whatever the share", () => {
  const at = (tokens: number, fits = true) => fullnessOf({ ...lane, tokens, fits });
  expect([at(799), at(800), at(950, false), at(100, false)]).toEqual(["fine", "near", "over", "over"]);
  expect(fullnessOf({ ...lane, context_window: null })).toBe("fine");
});

it("shows the lane that is nearest to its limit", () => {
  const near = { ...lane, lane_id: "n", tokens: 900 };
  const over = { ...lane, lane_id: "o", tokens: 300, fits: false };
  expect(fullest([lane, near])?.lane_id).toBe("n");
  expect(fullest([near, over, lane])?.lane_id).toBe("o");
  expect(fullest([{ ...lane, context_window: null }])).toBeNull();
});

it("never rounds a share up to what it is not", () => {
  expect([0, 0.004, 0.799, 0.999].map(formatShare)).toEqual(["0 %", "<1 %", "79 %", "99 %"]);
});

it("names the dearest lane, where one is dearer than the others", () => {
  const share = (lane_id: string, share_percent: number | null) => ({ ...lane, lane_id, share_percent });
  expect(dearestOf([share("a", 21), share("b", 71), share("c", 8)])?.lane_id).toBe("b");
  expect(dearestOf([share("a", 50), share("b", 50)])).toBeNull();
  expect(dearestOf([share("a", 100), share("u", null)]), "nothing to compare with").toBeNull();
});

it("asks anew when a limit or what is left has changed, and not when only the clock has", () => {
  const budget = { draft: { limit_usd: "5" }, left_usd: "3", period_start: 1 } as unknown as BudgetView;
  const before = moneyOf([budget]);
  expect(moneyOf([{ ...budget, period_start: 2 }])).toBe(before);
  expect(moneyOf([{ ...budget, left_usd: "2" }])).not.toBe(before);
  expect(moneyOf([{ ...budget, draft: { ...budget.draft, limit_usd: "9" } }])).not.toBe(before);
});
