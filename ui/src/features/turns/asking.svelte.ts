import type { BudgetStop } from "../../backend/bindings/BudgetStop";
import type { MoneyChoice } from "../../backend/bindings/MoneyChoice";
import { asAppError } from "../../backend/errors";
import { NO_CHOICE } from "../../shared/money";
import { toasts } from "../../shared/ui/toasts.svelte";

/** Asks with what was decided about the money, of these lanes alone unless `null`. */
export type Ask = (money: MoneyChoice, laneIds: string[] | null) => Promise<void>;

/** What was not asked because it does not fit the budgets; nothing was spent. */
export interface Stopped {
  stop: BudgetStop;
  /** Asks once more. A decision that leads through ends the stop; one that does not brings new figures. */
  again: Ask;
}

/** Asking under budgets: what does not fit them is kept with its ways out. */
export class Asking {
  /** What does not fit, while its ways out are shown. */
  stopped = $state.raw<Stopped | null>(null);

  /** Asks. Rejects with what has nothing to do with budgets. */
  async within(ask: Ask, money = NO_CHOICE, laneIds: string[] | null = null): Promise<void> {
    try {
      await ask(money, laneIds);
      this.stopped = null;
    } catch (thrown) {
      const { over_budget: stop } = asAppError(thrown);
      // A bridge that broke says nothing of budgets at all.
      if (!stop) throw thrown;
      this.offer(stop, ask);
    }
  }

  /** Shows the ways out, of what was refused or before it is asked at all. */
  offer(stop: BudgetStop, ask: Ask): void {
    this.stopped = {
      stop,
      again: (money, laneIds) =>
        this.within(ask, money, laneIds).catch((thrown: unknown) => {
          toasts.error(asAppError(thrown));
        }),
    };
  }
}
