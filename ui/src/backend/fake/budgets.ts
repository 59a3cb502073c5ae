import type { Backend } from "../backend";
import type { BudgetDraft } from "../bindings/BudgetDraft";
import type { BudgetOverrideView } from "../bindings/BudgetOverrideView";
import type { BudgetScope } from "../bindings/BudgetScope";
import type { BudgetView } from "../bindings/BudgetView";
import { picoOf, usdOf } from "./money";
import { refused, type FakeState } from "./state";
import { windowOf } from "./windows";

type Part = Pick<
  Backend,
  "listBudgets" | "saveBudget" | "pauseBudget" | "removeBudget" | "listBudgetOverrides"
>;

/** What a call is counted by. */
export interface CallFacts {
  /** `provider/model`, the one that was asked for. */
  target: string;
  key: string | null;
  conversation: string | null;
  folder: string | null;
  tags: string[];
  source: string;
  simulated: boolean;
}

/** A call that has been paid for. */
export interface PaidCall extends CallFacts {
  at: number;
  /** `null`: unpriced. */
  pico: bigint | null;
}

/** Money set aside for a call under way. */
export interface SetAside extends CallFacts {
  runId: string;
  pico: bigint;
}

/** What was let through by hand. */
export interface FakeOverride {
  at: number;
  why: BudgetOverrideView["why"];
  pico: bigint;
  unpriced: number;
  question: string | null;
  conversation: string | null;
}

export interface StoredBudget {
  id: string;
  draft: BudgetDraft;
  madeAt: number;
  /** Nothing from before counts: it was begun anew then. */
  anewAt: number;
  /** What was let through although it stood in the way, the latest last. */
  overrides: FakeOverride[];
}

/** Budgets and what they count. */
export class FakeBudgets {
  stored: StoredBudget[] = [];
  paid: PaidCall[] = [];
  setAside: SetAside[] = [];
}

/** Below this share of a period nobody can say what it will come to. */
const TOO_EARLY = 0.05;

export function fakeBudgets(state: FakeState, delay: () => Promise<void>): Part {
  const all = () => state.budgets.stored.map((budget) => budgetView(state, budget));
  return {
    async listBudgets() {
      await delay();
      return all();
    },
    async saveBudget(draft, beginAnew) {
      await delay();
      check(state, draft);
      const known = state.budgets.stored.find(({ id }) => id === draft.id);
      if (draft.id !== null && known === undefined) throw refused("unknown_budget", "This budget is gone.");
      const now = Date.now();
      const made = known ?? { id: state.id("budget"), draft, madeAt: now, anewAt: 0, overrides: [] };
      const alert_percents = stepsOf(draft);
      const budget = {
        ...made,
        draft: { ...draft, id: made.id, name: nameOf(state, draft), alert_percents },
      };
      if (beginAnew) budget.anewAt = now;
      state.budgets.stored =
        known === undefined
          ? [...state.budgets.stored, budget]
          : state.budgets.stored.map((one) => (one.id === budget.id ? budget : one));
      return all();
    },
    async pauseBudget(budgetId, paused) {
      await delay();
      state.budgets.stored = state.budgets.stored.map((one) =>
        one.id === budgetId ? { ...one, draft: { ...one.draft, paused } } : one,
      );
      return all();
    },
    async removeBudget(budgetId) {
      await delay();
      state.budgets.stored = state.budgets.stored.filter(({ id }) => id !== budgetId);
      return all();
    },
    async listBudgetOverrides(budgetId) {
      await delay();
      const found = state.budgets.stored.find(({ id }) => id === budgetId)?.overrides ?? [];
      return found.toReversed().map((one) => overrideView(state, one));
    },
  };
}

/** One that only warns always tells of its limit. */
function stepsOf({ on_limit, alert_percents }: BudgetDraft): number[] {
  if (on_limit !== "warn" || alert_percents.includes(100)) return alert_percents;
  return [...alert_percents, 100].toSorted((a, b) => a - b);
}

function overrideView(state: FakeState, one: FakeOverride): BudgetOverrideView {
  const { at, why, pico, unpriced, question, conversation } = one;
  const there = conversation === null ? undefined : state.conversations.get(conversation);
  return {
    at,
    why,
    over_usd: usdOf(pico),
    unpriced_calls: unpriced,
    question: there === undefined ? null : question,
    conversation_id: there?.id ?? null,
    conversation_title: there?.title ?? null,
    turn_id: null,
  };
}

function check(state: FakeState, draft: BudgetDraft): void {
  if (!/^\d+(\.\d{1,12})?$/.test(draft.limit_usd) || picoOf(draft.limit_usd) === 0n)
    throw refused("bad_budget", "A limit is an amount of dollars above zero, for example 5 or 0.25.");
  if (draft.scope.kind !== "everything" && (draft.scope.name ?? "") === "")
    throw refused("bad_budget", "Say what this budget counts.");
  const { kind, name } = draft.scope;
  const gone = kind === "provider" && !state.providers.some(({ id }) => id === name);
  if (gone && !state.budgets.stored.some((one) => one.draft.scope.name === name))
    throw refused("bad_budget", `There is no provider "${name ?? ""}" here.`);
}

const PERIODS = { day: "a day", week: "a week", month: "a month", rolling: "rolling", total: "in all" };

function nameOf(state: FakeState, { name, scope, period }: BudgetDraft): string {
  return name.trim() === "" ? `${labelOf(state, scope)}, ${PERIODS[period.kind]}` : name.trim();
}

function labelOf(state: FakeState, { kind, name }: BudgetScope): string {
  if (kind === "everything" || name === null) return "Everything";
  if (kind === "provider") return state.providers.find(({ id }) => id === name)?.name ?? name;
  if (kind === "model") return state.model(name).name;
  if (kind === "conversation") return state.conversations.get(name)?.title ?? name;
  return name;
}

/** Neither paid for nor filed under. */
function isUnused(state: FakeState, budget: StoredBudget): boolean {
  const { kind, name } = budget.draft.scope;
  if (kind === "everything" || kind === "conversation") return false;
  if (state.budgets.paid.some((call) => counts(budget, call))) return false;
  const filed = [...state.conversations.values()];
  if (kind === "folder") return !filed.some(({ folder }) => folder === name);
  return kind !== "tag" || !filed.some(({ tags }) => tags.includes(name ?? ""));
}

export function counts({ draft }: StoredBudget, call: CallFacts): boolean {
  const { kind, name } = draft.scope;
  if (draft.simulated !== call.simulated) return false;
  switch (kind) {
    case "everything":
      return true;
    case "provider":
      return call.target.split("/")[0] === name;
    case "model":
      return call.target === name;
    case "tag":
      return call.tags.includes(name ?? "");
    case "key":
    case "conversation":
    case "folder":
    case "source":
      return call[kind] === name;
  }
}

/** What a budget stands at now, in pico-dollars. */
export function standing(
  state: FakeState,
  budget: StoredBudget,
  now = Date.now(),
): { limit: bigint; spent: bigint; reserved: bigint; left: bigint; unpriced: number } {
  const { start } = windowOf(budget.draft.period, now, budget.madeAt);
  const since = Math.max(start, budget.anewAt);
  const counted = state.budgets.paid.filter((call) => call.at >= since && counts(budget, call));
  const spent = counted.reduce((sum, { pico }) => sum + (pico ?? 0n), 0n);
  const reserved = state.budgets.setAside
    .filter((call) => counts(budget, call))
    .reduce((sum, { pico }) => sum + pico, 0n);
  const limit = picoOf(budget.draft.limit_usd);
  const left = limit - spent - reserved;
  const unpriced = counted.filter(({ pico }) => pico === null).length;
  return { limit, spent, reserved, left: left > 0n ? left : 0n, unpriced };
}

export function budgetView(state: FakeState, budget: StoredBudget): BudgetView {
  const now = Date.now();
  const { start, end } = windowOf(budget.draft.period, now, budget.madeAt);
  const { limit, spent, reserved, left, unpriced } = standing(state, budget, now);
  const used = spent + reserved;
  const reached = budget.draft.alert_percents.filter((percent) => spent * 100n >= limit * BigInt(percent));
  const begun = end === null ? 0 : (now - start) / (end - start);
  const forecast =
    end === null || begun < TOO_EARLY
      ? null
      : (spent * BigInt(end - start)) / BigInt(Math.max(1, now - start));
  return {
    id: budget.id,
    draft: budget.draft,
    scope_label: labelOf(state, budget.draft.scope),
    period_start: Math.max(start, budget.anewAt),
    period_end: end,
    spent_usd: usdOf(spent),
    reserved_usd: usdOf(reserved),
    left_usd: usdOf(left),
    used_basis_points: Number((used * 10_000n) / limit),
    reached_percent: reached.at(-1) ?? null,
    unpriced_calls: unpriced,
    forecast_usd: forecast === null ? null : usdOf(forecast),
    unused: isUnused(state, budget),
    overrides: budget.overrides.length,
    overridden_usd: usdOf(
      budget.overrides.filter(({ at }) => at >= start).reduce((sum, { pico }) => sum + pico, 0n),
    ),
  };
}
