import type { Backend } from "../../../backend/backend";
import type { AppError } from "../../../backend/bindings/AppError";
import type { StatisticsOf } from "../../../backend/bindings/StatisticsOf";
import type { StatisticsView } from "../../../backend/bindings/StatisticsView";
import { asAppError } from "../../../backend/errors";

export const WINDOWS_HOURS = [1, 24, 168, 720] as const;
export const KINDS: readonly StatisticsOf[] = ["model", "provider", "key", "group", "pool"];

/** How everybody has done, over a window of time and by kind. */
export class Figures {
  hours = $state<number>(24);
  of = $state<StatisticsOf>("model");
  view = $state.raw<StatisticsView | null>(null);
  error = $state.raw<AppError | null>(null);
  /** The row whose details are shown, by its key. */
  open = $state<string | null>(null);
  #asked = 0;

  constructor(readonly backend: Backend) {}

  readonly rows = $derived(this.view?.rows.filter((row) => row.of === this.of) ?? []);

  load(): Promise<void> {
    return this.#take(() => this.backend.statistics(this.hours));
  }

  show(hours: number): Promise<void> {
    this.hours = hours;
    return this.load();
  }

  reset(): Promise<void> {
    return this.#take(async () => {
      await this.backend.resetStatistics();
      return this.backend.statistics(this.hours);
    });
  }

  /** The last question counts: an older answer that comes late is for another window. */
  async #take(call: () => Promise<StatisticsView>): Promise<void> {
    const asked = ++this.#asked;
    try {
      const view = await call();
      if (asked !== this.#asked) return;
      this.view = view;
      this.error = null;
    } catch (thrown) {
      if (asked === this.#asked) this.error = asAppError(thrown);
    }
  }
}
