import { describe, expect, it } from "vitest";
import type { BudgetDraft } from "../../backend/bindings/BudgetDraft";
import type { BudgetView } from "../../backend/bindings/BudgetView";
import { createFakeBackend } from "../../backend/fake/backend";
import { barOf, percentOf } from "./bar";
import { Budgets } from "./budgets.svelte";
import { BudgetForm, limitOf, percentsOf } from "./draft.svelte";
import { standingOf } from "./standing";
import { tightestFor, type Place } from "./tightest";
import { choicesOf } from "./choices";
import { spentOn } from "./spentOn";
import {
  aheadOf,
  beyondOf,
  crossing,
  forecastWords,
  leftWords,
  untilEnd,
  unusedWords,
  usedOf,
} from "./words";

const HOUR = 3_600_000;
const NOON = Date.UTC(2026, 10, 19, 12);

const draft: BudgetDraft = {
  id: "b",
  name: "Daily",
  scope: { kind: "everything", name: null },
  period: { kind: "day" },
  limit_usd: "5",
  alert_percents: [50, 80, 100],
  on_limit: "stop",
  cheaper_targets: [],
  unpriced_allowed: [],
  simulated: false,
  paused: false,
};

const view = (change: Partial<BudgetView> = {}, changed: Partial<BudgetDraft> = {}): BudgetView => ({
  id: "b",
  draft: { ...draft, ...changed },
  scope_label: "Everything",
  period_start: NOON - 12 * HOUR,
  period_end: NOON + 12 * HOUR,
  spent_usd: "1.5",
  reserved_usd: "0.5",
  left_usd: "3",
  used_basis_points: 4_000,
  reached_percent: null,
  unpriced_calls: 0,
  forecast_usd: "3",
  overridden_usd: "0",
  overrides: 0,
  unused: false,
  ...change,
});

const place = (change: Partial<Place> = {}): Place => ({
  summary: { id: "c", folder: "Work", tags: ["rust"] },
  lanes: [
    {
      resolved: {
        provider: "openai",
        provider_name: "OpenAI",
        model: "gpt-5.6",
        model_name: "GPT-5.6",
        route: null,
        simulated: false,
        context_window: null,
        unavailable: null,
      },
    },
  ],
  ...change,
});

describe("the bar", () => {
  it("ends at the limit, and where more is used the limit moves in", () => {
    expect(barOf({ limit_usd: "5", spent_usd: "1.5", reserved_usd: "0.5" }, [50, 80, 100])).toEqual({
      spent: 3_000,
      reserved: 1_000,
      needed: 0,
      limit: 10_000,
      steps: [
        { percent: 50, at: 5_000 },
        { percent: 80, at: 8_000 },
      ],
    });
    const over = barOf({ limit_usd: "2", spent_usd: "1.5", reserved_usd: "0.5", needed_usd: "2" });
    expect([over.spent, over.reserved, over.needed, over.limit]).toEqual([3_750, 1_250, 5_000, 5_000]);
  });

  it("never says more is used than is", () => {
    expect([0, 7, 99, 9_999, 10_000, 1_000_000].map(percentOf)).toEqual([
      "0 %",
      "<1 %",
      "<1 %",
      "99 %",
      "100 %",
      ">999 %",
    ]);
  });

  it("counts amounts a float would lose", () => {
    const huge = "90071992547409.93";
    expect(usedOf(view({ spent_usd: huge, reserved_usd: "0.000000000001" }))).toBe(
      "90071992547409.930000000001",
    );
  });
});

describe("what a period comes to", () => {
  const where = { locale: "en-GB", zone: "UTC" };

  it("is a course as long as it fits", () => {
    expect(forecastWords(view(), NOON, where)).toEqual({ text: "On course for $3.00 today", over: false });
    expect(forecastWords(view({ forecast_usd: null }), NOON, where)?.text).toBe(
      "Too early to say what it comes to",
    );
    expect(forecastWords(view({ spent_usd: "0" }), NOON, where)?.text).toBe("Nothing spent yet");
  });

  it("says when the limit will be reached, by the clock of the chosen zone", () => {
    const fast = view({ spent_usd: "3", forecast_usd: "9" });
    expect(crossing(fast, NOON), "two of six dollars, a third of the half day that is left").toBe(
      NOON + 4 * HOUR,
    );
    expect(forecastWords(fast, NOON, where)).toEqual({
      text: "Over the limit by 16:00 at this pace, $9.00 in the end",
      over: true,
    });
    const tokyo = forecastWords(fast, NOON, { ...where, zone: "Asia/Tokyo" });
    expect(tokyo?.text).toContain("by 01:00");
    const week = view({ spent_usd: "3", forecast_usd: "9" }, { period: { kind: "week" } });
    expect(forecastWords(week, NOON, where)?.text).toContain("by Thursday");
  });

  it("has no future where nothing ends", () => {
    const total = view({ period_end: null }, { period: { kind: "total" } });
    expect(forecastWords(total, NOON, where)).toBeNull();
    expect(untilEnd(total, NOON)).toBe("never begins anew");
    expect(untilEnd(view({ period_end: null }, { period: { kind: "rolling", days: 7 } }), NOON)).toBe(
      "moves on every night",
    );
  });

  it("is said to lie ahead where a clock once ran fast", () => {
    expect(aheadOf(view(), NOON)).toBeNull();
    const trapped = view({ period_start: NOON + 300 * 24 * HOUR, period_end: NOON + 301 * 24 * HOUR });
    expect(aheadOf(trapped, NOON)).toBe(NOON + 300 * 24 * HOUR);
  });

  it("says what is left, never a bare nothing", () => {
    expect(leftWords({ kind: "rolling", days: 30 }, "3.21")).toBe("$3.21 left of 30 days");
    expect(leftWords({ kind: "day" }, "0")).toBe("nothing left today");
    expect(beyondOf(view({ spent_usd: "5.3", reserved_usd: "0.2" }))).toBe("0.5");
    expect(beyondOf(view())).toBeNull();
    expect(standingOf(view({ left_usd: "0", used_basis_points: 10_000 }))).toBe("over");
    expect(standingOf(view({ spent_usd: "4" }))).toBe("near");
    expect(standingOf(view({ spent_usd: "1", used_basis_points: 9_000 })), "set aside, not spent").toBe(
      "fine",
    );
  });
});

describe("the tightest budget of a conversation", () => {
  it("is the one with the least left of those it comes under", () => {
    const all = [
      view({ id: "a", left_usd: "10" }),
      view({ id: "b", left_usd: "2.5" }, { scope: { kind: "folder", name: "Work" } }),
      view({ id: "c", left_usd: "1" }, { scope: { kind: "provider", name: "anthropic" } }),
      view({ id: "d", left_usd: "0.1" }, { paused: true }),
      view({ id: "e", left_usd: "0.1" }, { simulated: true }),
    ];
    expect(tightestFor(all, place())?.id).toBe("b");
    expect(tightestFor(all, place({ summary: { id: "x", folder: null, tags: [] } }))?.id).toBe("a");
    expect(tightestFor(all, place({ lanes: [] })), "nobody is asked").toBeNull();
  });
});

describe("writing a budget", () => {
  it("reads limits as text and never as a float", () => {
    const form = new BudgetForm();
    form.limit = " $ 0.123456789012 ";
    expect(form.sound).toBe(true);
    expect(form.draft().limit_usd).toBe("0.123456789012");
    expect(limitOf("$5 ")).toBe("5");
  });

  it.each(["", "0", "0.00", "-1", "abc", "1,5", "1e3", "0.1234567890123"])(
    "refuses the limit %s",
    (limit) => {
      const form = new BudgetForm();
      form.limit = limit;
      expect(form.sound).toBe(false);
      form.insisted = true;
      expect(form.said("limit")).toBeTypeOf("string");
    },
  );

  it("says nothing against an empty form before somebody has tried to save it", () => {
    const form = new BudgetForm();
    expect(form.said("limit")).toBeUndefined();
    form.countBy("model");
    expect(form.said("which")).toBeUndefined();
    form.insisted = true;
    expect([form.said("limit"), form.said("which")].every((said) => said !== undefined)).toBe(true);
  });

  it("takes alert steps in any order, each once", () => {
    expect(percentsOf("80 %, 50;100,50")).toEqual([50, 80, 100]);
    expect(percentsOf("")).toEqual([]);
    expect([percentsOf("0"), percentsOf("1001"), percentsOf("half")]).toEqual([null, null, null]);
  });

  it("keeps what it does not show, and whom it stands for", () => {
    const written = new BudgetForm({
      ...draft,
      paused: true,
      cheaper_targets: ["openai/gpt-5.6-mini"],
    }).draft();
    expect(written).toEqual({ ...draft, paused: true, cheaper_targets: ["openai/gpt-5.6-mini"] });
    const rolling = new BudgetForm({ ...draft, period: { kind: "rolling", days: 7 } });
    rolling.days = "0";
    expect(rolling.sound).toBe(false);
    rolling.days = "14";
    expect(rolling.draft().period).toEqual({ kind: "rolling", days: 14 });
  });
});

describe("what a budget counts", () => {
  it("is said where nothing has been filed or booked under it", () => {
    const of = (kind: "folder" | "tag" | "provider", unused = true) =>
      unusedWords(view({ unused }, { scope: { kind, name: "Wrok" } }));
    expect(of("folder")).toBe("Nothing is filed in “Wrok” yet");
    expect(of("tag")).toContain("“Wrok”");
    expect(of("provider")).toContain("Not used yet");
    expect(of("folder", false)).toBeNull();
  });

  it("marks purposes nothing was booked for, where that is known", () => {
    const labels = (used: ReadonlySet<string> | null) =>
      choicesOf("source", [], [], used)?.map(({ label }) => label);
    expect(labels(new Set(["chat"]))?.slice(0, 2)).toEqual(["Chat", "Command line (not used yet)"]);
    expect(labels(null)?.join()).not.toContain("not used yet");
  });

  it("leads to its own entries, of its period and its money", () => {
    const scope = { kind: "model" as const, name: "openai/gpt-5.6" };
    const filter = spentOn(view({}, { scope, simulated: true }), NOON);
    expect(filter).toMatchObject({
      range: { kind: "between", from: NOON - 12 * HOUR, until: NOON + 60_000 },
      models: ["openai/gpt-5.6"],
      providers: [],
      simulated: true,
    });
    const all = spentOn(view({ period_start: 0 }, { period: { kind: "total" } }), NOON);
    expect([all.range, all.models]).toEqual([{ kind: "all" }, []]);
  });
});

describe("pausing", () => {
  it("loses nothing that somebody else has saved in between", async () => {
    const backend = createFakeBackend();
    const all = new Budgets(backend, () => undefined);
    await all.save({ ...draft, id: null });
    const [before] = all.views ?? [];
    if (before === undefined) throw new Error("no budget was made");
    await backend.saveBudget({ ...before.draft, limit_usd: "7" }, false);
    await all.pause(before.id, true);
    expect(all.views?.[0]?.draft).toMatchObject({ paused: true, limit_usd: "7" });
  });
});
