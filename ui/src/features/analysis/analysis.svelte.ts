import type { Backend } from "../../backend/backend";
import type { AnalysisView } from "../../backend/bindings/AnalysisView";
import type { AppError } from "../../backend/bindings/AppError";
import { asAppError } from "../../backend/errors";
import { analysisWords } from "../../shared/i18n/messages/analysis";
import { toasts } from "../../shared/ui/toasts.svelte";

/** The stretches of time that are offered, in days back from now. */
export const WINDOWS = [1, 7, 30, 90] as const;
export type Days = (typeof WINDOWS)[number];

/** How long figures may stand while somebody looks at them. */
const FRESH_MS = 60_000;

/** How every model did, what could be done better, and what was done about it. */
export class Analysis {
  days = $state<Days>(30);
  /** `null` until the host has answered. */
  view = $state.raw<AnalysisView | null>(null);
  /** The days `view` is about. */
  shown = $state<Days>(30);
  error = $state.raw<AppError | null>(null);
  loading = $state(false);
  /** The recommendation or change something is being done about. */
  busy = $state<string | null>(null);
  #asked = 0;

  constructor(readonly backend: Backend) {}

  /** Looks while the part is open, and again before the figures are old. */
  watch(): () => void {
    void this.load();
    const again = setInterval(() => {
      if (!document.hidden && this.busy === null) void this.load();
    }, FRESH_MS);
    return () => clearInterval(again);
  }

  show(days: Days): void {
    this.days = days;
    void this.load();
  }

  async load(): Promise<void> {
    const asked = this.#next();
    try {
      await this.#ask(asked, (days) => this.backend.analysis(days));
    } catch (thrown) {
      if (asked === this.#asked) this.error = asAppError(thrown);
    }
  }

  /** Whether it was done; a refusal is said, and what holds now is shown. */
  apply(id: string): Promise<boolean> {
    return this.#act(id, (days) => this.backend.applyRecommendation(id, days));
  }

  dismiss(id: string, dismissed: boolean): Promise<boolean> {
    return this.#act(id, (days) => this.backend.dismissRecommendation(id, dismissed, days));
  }

  undo(id: string): Promise<boolean> {
    return this.#act(id, (days) => this.backend.undoChange(id, days));
  }

  setAutomatic(on: boolean): Promise<boolean> {
    return this.#act("automatic", (days) => this.backend.setAutomatic(on, days));
  }

  /** The models as the host writes them, every digit of them: the file of the command line. */
  async saveCsv(): Promise<void> {
    try {
      const bytes = new TextEncoder().encode(await this.backend.analysisCsv(this.shown));
      toasts.say(analysisWords().saved(await this.backend.saveExport("roundtable-analysis.csv", bytes)));
    } catch (thrown) {
      toasts.error(asAppError(thrown));
    }
  }

  async #act(id: string, call: (days: Days) => Promise<AnalysisView>): Promise<boolean> {
    if (this.busy !== null) return false;
    this.busy = id;
    const asked = this.#next();
    try {
      await this.#ask(asked, call);
      // Another look was asked for meanwhile, and may have been answered before this was done.
      if (asked !== this.#asked) void this.load();
      return true;
    } catch (thrown) {
      toasts.error(asAppError(thrown));
      void this.load();
      return false;
    } finally {
      this.busy = null;
    }
  }

  #next(): number {
    this.#asked += 1;
    return this.#asked;
  }

  /** The latest question decides what is shown; an answer to an earlier one is dropped. A refusal is always thrown. */
  async #ask(asked: number, call: (days: Days) => Promise<AnalysisView>): Promise<void> {
    const { days } = this;
    this.loading = true;
    try {
      const view = await call(days);
      if (asked !== this.#asked) return;
      this.view = view;
      this.shown = days;
      this.error = null;
    } finally {
      if (asked === this.#asked) this.loading = false;
    }
  }
}
