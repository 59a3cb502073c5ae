import type { BudgetView } from "../../backend/bindings/BudgetView";
import type { SpendFilter } from "../../backend/bindings/SpendFilter";
import type { SpendRange } from "../../backend/bindings/SpendRange";
import { THIS_MONTH } from "../../backend/blankFilter";
import { FIELD_OF, into } from "../spend/filter";

/** The entries a budget counts now, by the time of the entries: what it has spent, one by one. */
export function spentOn({ draft, period_start }: BudgetView, now: number): SpendFilter {
  const { kind, name } = draft.scope;
  const all: SpendFilter = { ...THIS_MONTH, range: rangeOf(draft.period.kind, period_start, now) };
  const simulated = { ...all, simulated: draft.simulated };
  return kind === "everything" || name === null || !(kind in FIELD_OF)
    ? simulated
    : into(simulated, kind, name);
}

function rangeOf(period: BudgetView["draft"]["period"]["kind"], start: number, now: number): SpendRange {
  if (period === "total" && start <= 0) return { kind: "all" };
  // The present minute is over before the figures are there.
  return { kind: "between", from: start, until: Math.max(start, now) + 60_000 };
}
