import type { BudgetDraft } from "../bindings/BudgetDraft";
import { type CallFacts, type PaidCall } from "./budgets";
import { picoOf } from "./money";
import type { FakeState } from "./state";
import { windowOf } from "./windows";

const PLAIN: BudgetDraft = {
  id: null,
  name: "",
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

const CALL: CallFacts = {
  target: "anthropic/claude-sonnet-5",
  key: null,
  conversation: null,
  folder: null,
  tags: [],
  source: "chat",
  simulated: false,
};

/** A budget that is set, as far as it differs from five dollars a day that stop. */
export function setBudget(state: FakeState, draft: Partial<BudgetDraft>): string {
  const id = state.id("budget");
  const madeAt = Date.now() - 20 * 86_400_000;
  state.budgets.stored.push({ id, draft: { ...PLAIN, ...draft, id }, madeAt, anewAt: 0, overrides: [] });
  return id;
}

/** Something that was paid for, so long ago that it still counts today. */
export function spent(state: FakeState, usd: string | null, call: Partial<PaidCall> = {}): void {
  const { start } = windowOf({ kind: "day" }, Date.now(), 0);
  const at = Math.max(start, Date.now() - 60_000);
  state.budgets.paid.push({ ...CALL, at, pico: usd === null ? null : picoOf(usd), ...call });
}

/** Budgets of every kind, as full as they come. */
export function manyBudgets(state: FakeState): void {
  const conversation = [...state.conversations.values()].at(-1)?.id ?? null;
  setBudget(state, { name: "Daily", limit_usd: "5" });
  setBudget(state, {
    name: "Claude this month",
    scope: { kind: "provider", name: "anthropic" },
    period: { kind: "month" },
    limit_usd: "40",
    on_limit: "cheaper",
    cheaper_targets: ["anthropic/claude-haiku-4.5"],
  });
  setBudget(state, {
    name: "Work",
    scope: { kind: "folder", name: "Work" },
    period: { kind: "week" },
    limit_usd: "12",
    on_limit: "ask",
  });
  setBudget(state, {
    name: "Batches, the last fortnight: everything that runs while nobody looks",
    scope: { kind: "source", name: "batch" },
    period: { kind: "rolling", days: 14 },
    limit_usd: "3.5",
    on_limit: "warn",
    alert_percents: [80, 100, 120],
  });
  setBudget(state, {
    name: "This comparison",
    scope: { kind: "conversation", name: conversation },
    period: { kind: "total" },
    limit_usd: "0.5",
    paused: true,
  });
  setBudget(state, {
    name: "Playing with demo models",
    limit_usd: "1",
    period: { kind: "day" },
    simulated: true,
  });
  spent(state, "1.79");
  spent(state, "31.2", { at: windowOf({ kind: "month" }, Date.now(), 0).start + 1 });
  spent(state, "0.42", { target: "openai/gpt-5.6", folder: "Work" });
  spent(state, "4.3", { target: "openai/gpt-5.6-mini", source: "batch", at: Date.now() - 3 * 86_400_000 });
  spent(state, null, { target: "ollama/qwen3:8b", folder: "Work" });
  spent(state, "0.31", { target: "demo/scholar", simulated: true });
}

/** So little is left of today that no prompt fits with the longest answers of all lanes. */
export function tightBudget(state: FakeState): void {
  setBudget(state, { name: "Daily", limit_usd: "2" });
  spent(state, "1.62");
}

/** The next answers reach a step of a budget that only warns. */
export function almostWarned(state: FakeState): void {
  setBudget(state, { name: "Small change", limit_usd: "0.1", on_limit: "warn" });
  spent(state, "0.0799");
}

/** A spent budget of one provider that asks, and one that would hold a model it knows no price of. */
export function askingBudgets(state: FakeState): void {
  const scope = { kind: "provider" as const, name: "anthropic" };
  setBudget(state, { name: "Claude", scope, limit_usd: "1", on_limit: "ask" });
  setBudget(state, { name: "House", limit_usd: "50" });
  spent(state, "0.97");
}
