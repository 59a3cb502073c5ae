import type { MoneyChoice } from "../backend/bindings/MoneyChoice";

/** Nothing has been decided about a prompt's money: the budgets say. */
export const NO_CHOICE: MoneyChoice = {
  cap_tokens: null,
  cheaper: false,
  override_budgets: [],
  allow_unpriced: false,
};
