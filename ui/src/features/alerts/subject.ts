import { THIS_MONTH } from "../../backend/blankFilter";
import type { AlertView } from "../../backend/bindings/AlertView";
import type { SpendFilter } from "../../backend/bindings/SpendFilter";
import { alertWords } from "../../shared/i18n/messages/alerts";
import { dayAround } from "./day";

/** Where an alert leads. */
export type Subject =
  | { to: "budget"; id: string }
  | { to: "price"; target: string }
  | { to: "prices" }
  | { to: "spend"; filter: SpendFilter }
  | { to: "analysis" };

export function subjectOf(alert: AlertView, zone: string): Subject {
  switch (alert.kind) {
    case "budget_step":
      return { to: "budget", id: alert.subject };
    case "price_change":
      return { to: "price", target: alert.subject };
    case "stale_prices":
      return { to: "prices" };
    case "automatic_change":
      return { to: "analysis" };
    case "spike":
      return { to: "spend", filter: spikeFilter(alert, zone) };
  }
}

/** The hours of the day of a spike, of the model or the provider it is about, else of everything. */
function spikeFilter({ at, subject, simulated }: AlertView, zone: string): SpendFilter {
  const isModel = subject.includes("/");
  return {
    ...THIS_MONTH,
    range: { kind: "between", ...dayAround(at, zone) },
    by: isModel ? "conversation" : "model",
    models: isModel ? [subject] : [],
    providers: isModel || subject === "" ? [] : [subject],
    simulated,
  };
}

export function leadWords(alert: AlertView): string {
  const words = alertWords();
  switch (alert.kind) {
    case "budget_step":
      return words.toBudget;
    case "price_change":
      return words.toPrice;
    case "stale_prices":
      return words.toPrices;
    case "automatic_change":
      return words.toAnalysis;
    case "spike":
      return words.toSpend;
  }
}
