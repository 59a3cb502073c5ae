import type { BudgetView } from "../../backend/bindings/BudgetView";
import { isFree } from "../../shared/format";

/** From here on it is said that little is left, whatever the alert steps are. */
const NEAR_BASIS_POINTS = 8_000;

export function standingOf({ left_usd, used_basis_points }: BudgetView): "fine" | "near" | "over" {
  if (isFree(left_usd)) return "over";
  return used_basis_points >= NEAR_BASIS_POINTS ? "near" : "fine";
}
