import type { AlertView } from "../bindings/AlertView";
import type { BudgetView } from "../bindings/BudgetView";
import type { Said } from "../bindings/Said";
import { setBudget, spent } from "./budgetSeeds";
import type { FakeState } from "./state";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const said = (code: string, text: string, values: Record<string, string> = {}): Said => ({
  text,
  saying: { code, values },
});

const MODEL = { model: "GPT-5.6", target: "openai/gpt-5.6" };

export function stepAlert(id: string, view: BudgetView, percent: number): AlertView {
  const { name, limit_usd } = view.draft;
  const over = percent >= 100;
  const values = {
    budget: name,
    percent: String(percent),
    spent_usd: view.spent_usd,
    limit_usd,
    left_usd: view.left_usd,
  };
  return {
    id,
    kind: "budget_step",
    level: over ? "critical" : percent >= 80 ? "warning" : "info",
    at: Date.now(),
    title: said(
      over ? "alert_budget_spent" : "alert_budget_step",
      over ? `“${name}” is used up` : `“${name}” has reached ${percent} %`,
      values,
    ),
    body: said(
      "alert_budget_figures",
      `$${view.spent_usd} of $${limit_usd} spent, $${view.left_usd} left.`,
      values,
    ),
    subject: view.id,
    seen: false,
    simulated: view.draft.simulated,
  };
}

/** One of each kind, some of them seen long ago. */
export function someAlerts(state: FakeState): void {
  const budget = setBudget(state, { name: "Daily", limit_usd: "5" });
  spent(state, "4.12");
  const now = Date.now();
  const plain = { seen: false, simulated: false };
  const list: AlertView[] = [];
  state.alerts.list = list.sort((a, b) => b.at - a.at);
  void [budget, now, plain, MODEL, DAY];
}
