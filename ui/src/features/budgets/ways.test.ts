import { describe, expect, it } from "vitest";
import type { BudgetStop } from "../../backend/bindings/BudgetStop";
import type { TightBudget } from "../../backend/bindings/TightBudget";
import type { TightLane } from "../../backend/bindings/TightLane";
import { goesCheaper, kindOf, listOf, mostMissing, roundCap, waysOf } from "./ways";

const budget: TightBudget = {
  id: "daily",
  name: "Daily",
  on_limit: "stop",
  limit_usd: "2",
  spent_usd: "1.62",
  reserved_usd: "0",
  needed_usd: "1.01",
  missing_usd: "0.63",
  period_end: null,
  unpriced_lanes: [],
};
const lane: TightLane = {
  lane_id: "a",
  target: "anthropic/opus",
  model_name: "Opus",
  input_usd: "0.01",
  worst_usd: "0.48",
  max_tokens: 32_000,
  cheaper: { target: "anthropic/haiku", model_name: "Haiku", worst_usd: "0.02" },
};
const stop: BudgetStop = {
  budgets: [budget],
  lanes: [lane, { ...lane, lane_id: "b" }, { ...lane, lane_id: "c", cheaper: null }],
  lanes_that_fit: ["c"],
  cap_that_fits: 11_992,
  cheaper_fits: true,
};

const nameOf = (id: string) => id.toUpperCase();
const kinds = (given: BudgetStop, canDrop = true) => waysOf(given, nameOf, canDrop).map(({ kind }) => kind);
const way = (given: BudgetStop, kind: string) => waysOf(given, nameOf, true).find((one) => one.kind === kind);

describe("the ways out", () => {
  it("says that it goes to cheaper models by itself only where every budget in the way does so and it fits", () => {
    const cheaper = { ...budget, on_limit: "cheaper" as const };
    expect(goesCheaper({ ...stop, budgets: [cheaper] })).toBe(true);
    expect(goesCheaper({ ...stop, budgets: [cheaper, budget] })).toBe(false);
    expect(goesCheaper({ ...stop, budgets: [cheaper], cheaper_fits: false })).toBe(false);
  });

  it("come from the least costly to the one beyond the limit", () => {
    expect(kinds(stop)).toEqual(["drop", "cap", "cheaper", "override"]);
    expect(kinds(stop, false)).toEqual(["cap", "cheaper", "override"]);
    expect(kinds({ ...stop, lanes_that_fit: [], cap_that_fits: null, cheaper_fits: false })).toEqual([
      "override",
    ]);
  });

  it("decide what their words say", () => {
    expect(way(stop, "drop")).toMatchObject({
      title: "Ask only C",
      note: "Leaves out A and B this time.",
      lanes: ["c"],
    });
    const cap = way(stop, "cap");
    expect(cap?.title).toBe("Cap the answers at 11,900 tokens");
    expect(cap?.money.cap_tokens, "the cap that is sent is the one that was shown").toBe(11_900);
    const cheaper = way(stop, "cheaper");
    expect(cheaper?.note).toBe("A and B → Haiku, up to $0.02 each. The lanes keep their models.");
    expect(cheaper?.money).toMatchObject({ cheaper: true, override_budgets: [], allow_unpriced: false });
    const override = way(stop, "override");
    expect(override?.note).toBe("Up to $0.63 beyond the limit of “Daily”. This is written down.");
    expect(override?.money).toMatchObject({
      override_budgets: ["daily"],
      cap_tokens: null,
      allow_unpriced: false,
    });
  });

  it("override every budget that is short, and no other", () => {
    const other = { ...budget, id: "work", name: "Work", missing_usd: "0.7" };
    const price = { ...budget, id: "price", missing_usd: "0", unpriced_lanes: ["c"] };
    const both = { ...stop, budgets: [budget, other, price] };
    expect(way(both, "override")?.money).toMatchObject({
      override_budgets: ["daily", "work"],
      allow_unpriced: true,
    });
    expect(way(both, "override")?.note).toContain("Asks C without a price too.");
    expect(mostMissing(both)).toBe("0.7");
  });

  it("begin with yes where somebody only wants to be asked", () => {
    const ask: BudgetStop = { ...stop, budgets: [{ ...budget, on_limit: "ask" }] };
    expect(kindOf(ask)).toBe("ask");
    expect(kinds(ask)).toEqual(["yes", "drop", "cap", "cheaper"]);
    expect(way(ask, "yes")?.money.override_budgets).toEqual(["daily"]);
    expect(kindOf({ ...ask, budgets: [...ask.budgets, budget] }), "one that stops is in the way too").toBe(
      "money",
    );
  });

  it("do not speak of money where only a price is missing", () => {
    const unpriced: BudgetStop = {
      ...stop,
      budgets: [{ ...budget, missing_usd: "0", unpriced_lanes: ["a"] }],
      lanes_that_fit: ["b", "c"],
    };
    expect(kinds(unpriced)).toEqual(["allow", "drop"]);
    expect(way(unpriced, "allow")?.money).toMatchObject({ allow_unpriced: true, override_budgets: [] });
  });
});

it("rounds a cap down, never up, and reads lists out", () => {
  expect([64, 199, 207, 1_999, 2_050, 11_992].map(roundCap)).toEqual([64, 199, 200, 1_990, 2_000, 11_900]);
  expect(listOf(["A", "B", "C"])).toBe("A, B and C");
});
