import type { BudgetView } from "../../backend/bindings/BudgetView";
import { isFree } from "../../shared/format";
import { shareOf } from "../../shared/exact";

/** From here on it is said that little is left, whatever the alert steps are. */
const NEAR_BASIS_POINTS = 8_000;

/** Money set aside mostly comes back: as long as some is left, only what was spent counts. */
export function standingOf({ left_usd, spent_usd, draft }: BudgetView): "fine" | "near" | "over" {
  if (isFree(left_usd)) return "over";
  return (shareOf(spent_usd, draft.limit_usd) ?? 0) >= NEAR_BASIS_POINTS ? "near" : "fine";
}
