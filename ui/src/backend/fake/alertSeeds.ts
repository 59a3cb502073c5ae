import type { AlertView } from "../bindings/AlertView";
import type { BudgetView } from "../bindings/BudgetView";
import type { Said } from "../bindings/Said";
import { setBudget, spent } from "./budgetSeeds";
import type { FakeState } from "./state";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const said = (code: string, values: Record<string, string>, text: string): Said => ({
  text,
  saying: { code, values },
});

/** As the host words it. */
export function stepAlert(id: string, view: BudgetView, percent: number): AlertView {
  const { name, limit_usd, on_limit, simulated } = view.draft;
  const { spent_usd, left_usd } = view;
  const money = { spent_usd, limit_usd };
  const isFull = percent >= 100;
  return {
    id,
    kind: "budget_step",
    level: isFull && on_limit !== "warn" ? "critical" : "warning",
    aloud: true,
    at: Date.now(),
    title: said(
      "alert_budget_step",
      { budget: name, percent: String(percent) },
      `The budget “${name}” has reached ${percent} % of its limit`,
    ),
    body: isFull
      ? said(`alert_budget_full_${on_limit}`, money, `$${spent_usd} of $${limit_usd} are spent.`)
      : said(
          "alert_budget_step_body",
          { ...money, left_usd },
          `$${spent_usd} of $${limit_usd} are spent, $${left_usd} are left.`,
        ),
    subject: view.id,
    seen: false,
    simulated,
  };
}

export function spikeAlert(id: string, target: string, name: string, at: number): AlertView {
  return {
    id,
    kind: "spike",
    level: "critical",
    aloud: true,
    at,
    title: said(
      "alert_spike_model",
      { of: name, times: "6.2" },
      `${name} has cost 6.2 times as much today as on a usual day`,
    ),
    body: said(
      "alert_spike_body",
      { today_usd: "18.61", usual_usd: "2.99" },
      "$18.61 so far, $2.99 on a usual day of the last four weeks.",
    ),
    subject: target,
    seen: false,
    simulated: false,
  };
}

export function priceAlert(id: string, target: string, name: string, at: number): AlertView {
  const values = { input_before: "1.25", input_after: "1.75", output_before: "10", output_after: "14" };
  return {
    id,
    kind: "price_change",
    level: "warning",
    aloud: true,
    at,
    title: said("alert_price_up", { model: name }, `${name} has become dearer`),
    body: said(
      "alert_price_main_replayed",
      { ...values, actual_usd: "12.3", replay_usd: "17.22" },
      "A million tokens cost $1.75 in and $14 out, before $1.25 and $10. What cost $12.30 in the last 30 days would cost $17.22 now.",
    ),
    subject: target,
    seen: false,
    simulated: false,
  };
}

/** One of each kind, the older ones seen. */
export function someAlerts(state: FakeState): void {
  const now = Date.now();
  const budget = setBudget(state, { name: "Daily", limit_usd: "5" });
  spent(state, "4.12");
  const step = {
    ...PLAIN_STEP,
    id: "alert-step",
    at: now - 25 * 60_000,
    subject: budget,
  };
  const stale: AlertView = {
    id: "alert-stale",
    kind: "stale_prices",
    level: "warning",
    aloud: true,
    at: now - 3 * DAY_MS,
    title: said("alert_stale_prices", { days: "64" }, "The price list is 64 days old"),
    body: said(
      "alert_stale_prices_body",
      { date: "2026-09-15", models: "4" },
      "Its newest price is of 2026-09-15. 4 models in use may cost something else by now; update the list.",
    ),
    subject: "",
    seen: true,
    simulated: false,
  };
  const changed: AlertView = {
    id: "alert-change",
    kind: "automatic_change",
    level: "info",
    aloud: false,
    at: now - 5 * HOUR_MS,
    title: said(
      "alert_automatic_change",
      { subject: "openai" },
      "A recommendation was applied without asking: openai",
    ),
    body: said("of_a_newer_host", {}, "The time for a first word was raised from 60 to 120 seconds."),
    subject: "change-1",
    seen: false,
    simulated: false,
  };
  const played: AlertView = {
    ...PLAIN_STEP,
    id: "alert-demo",
    at: now - 8 * DAY_MS,
    title: said(
      "alert_budget_step",
      { budget: "Playing with demo models", percent: "100" },
      "The budget “Playing with demo models” has reached 100 % of its limit",
    ),
    body: said(
      "alert_budget_full_warn",
      { spent_usd: "1.02", limit_usd: "1" },
      "$1.02 of $1.00 are spent. Calls go on being sent.",
    ),
    subject: "gone",
    seen: true,
    simulated: true,
  };
  state.alerts.list = [
    step,
    spikeAlert("alert-spike", "anthropic/claude-sonnet-5", "Claude Sonnet 5", now - 2 * HOUR_MS),
    changed,
    { ...priceAlert("alert-price", "openai/gpt-5.6", "GPT-5.6", now - DAY_MS), seen: true },
    stale,
    played,
  ].sort((one, other) => other.at - one.at);
}

const PLAIN_STEP: AlertView = {
  id: "",
  kind: "budget_step",
  level: "warning",
  aloud: true,
  at: 0,
  title: said(
    "alert_budget_step",
    { budget: "Daily", percent: "80" },
    "The budget “Daily” has reached 80 % of its limit",
  ),
  body: said(
    "alert_budget_step_body",
    { spent_usd: "4.12", limit_usd: "5", left_usd: "0.88" },
    "$4.12 of $5.00 are spent, $0.88 are left.",
  ),
  subject: "",
  seen: false,
  simulated: false,
};
