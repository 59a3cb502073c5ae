import type { BudgetView } from "../../backend/bindings/BudgetView";
import { formatUsd } from "../../shared/format";
import { budgets } from "../../shared/i18n/messages/budgets";
import { shareOf } from "../../shared/exact";
import { percentOf } from "./bar";
import { amount } from "./words";

/** In basis points. */
const WHOLE = 10_000;

/** Steps that were reached between two looks at the budgets; each is told once for each period. */
export class Alerts {
  #before: ReadonlyMap<string, BudgetView> | null = null;
  readonly #told = new Set<string>();

  /** Budgets with a step to tell of. The first look tells nothing: what was reached before the window opened is no news. */
  look(views: readonly BudgetView[]): BudgetView[] {
    const before = this.#before;
    this.#before = new Map(views.map((view) => [view.id, view]));
    if (before === null) return [];
    return views.filter((view) => {
      const { reached_percent: reached, draft } = view;
      const known = before.get(view.id);
      // What is new, or switched off, has been looked at by whoever did that.
      if (reached === null || known === undefined || draft.paused || known.draft.paused) return false;
      const samePeriod = draft.period.kind === "rolling" || known.period_start === view.period_start;
      const grown = reached > (samePeriod ? (known.reached_percent ?? 0) : 0);
      const key = `${view.id} ${view.period_start} ${reached}`;
      if (!grown || this.#told.has(key)) return false;
      this.#told.add(key);
      return true;
    });
  }
}

export function alertWords(view: BudgetView): string {
  const words = budgets();
  const { name, limit_usd } = view.draft;
  const [spent, limit] = [formatUsd(view.spent_usd), formatUsd(limit_usd)];
  const share = shareOf(view.spent_usd, limit_usd) ?? 0;
  return share >= WHOLE
    ? words.reachedEnd(name, spent, limit)
    : words.reached(name, percentOf(share), spent, limit, amount(view.left_usd));
}
