/** Keeps a view that has become dear to update (one very long list, say) from taking the frames of everything else. */

interface View {
  update(source: string, streaming: boolean): void;
}

/** An update that took longer than this is not repeated at once. */
const FREE_MS = 3;
/** The share of the time a dear view may take is one in this many. */
const SHARE = 6;
const LONGEST_WAIT_MS = 400;

export class PacedView {
  readonly #view: View;
  #waiting: { source: string; timer: ReturnType<typeof setTimeout> } | null = null;
  #freeAt = 0;

  constructor(view: View) {
    this.#view = view;
  }

  /** Shows `source` now, or a little later while it streams and showing it is dear. The last state is always shown. */
  update(source: string, streaming: boolean): void {
    const wait = this.#freeAt - performance.now();
    if (!streaming || wait <= 0) {
      this.stop();
      this.#show(source, streaming);
    } else if (this.#waiting === null) {
      const waiting = { source, timer: setTimeout(() => this.#flush(), wait) };
      this.#waiting = waiting;
    } else {
      this.#waiting.source = source;
    }
  }

  /** Forgets what waits. */
  stop(): void {
    if (this.#waiting !== null) clearTimeout(this.#waiting.timer);
    this.#waiting = null;
  }

  #flush(): void {
    const source = this.#waiting?.source;
    this.#waiting = null;
    if (source !== undefined) this.#show(source, true);
  }

  #show(source: string, streaming: boolean): void {
    const started = performance.now();
    this.#view.update(source, streaming);
    const ended = performance.now();
    const cost = ended - started;
    this.#freeAt = cost <= FREE_MS ? 0 : ended + Math.min(cost * SHARE, LONGEST_WAIT_MS);
  }
}
