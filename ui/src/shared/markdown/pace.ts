/**
 * Shares the frames of the screen among all texts that stream. What a text costs is mostly not its parsing but what the
 * browser does afterwards, layout and painting, so the frames themselves are watched: when they come late, fewer texts
 * are brought up to date in each, one after the other, and those out of view wait longest.
 */

interface View {
  update(source: string, streaming: boolean): void;
}

/** How many texts are shown in a frame while frames come in time. */
const MOST = 64;
/** A frame later than this, in milliseconds, had too much in it. */
const LATE_MS = 20;
/** Parsing and patching longer than this is not followed by another text in the same frame. */
const BUDGET_MS = 4;
/** A text that took longer than this is dear: it waits this many times as long before it is shown again. */
const DEAR_MS = 3;
const DEAR_SHARE = 6;
const LONGEST_WAIT_MS = 400;
/** How often a text out of view is shown, in milliseconds. */
const OUT_OF_VIEW_MS = 500;

/** Texts that wait for their turn, and how many of them a frame bears. */
export class Turns {
  readonly #waiting = new Set<PacedView>();
  #allowed = MOST;
  #shown = 0;
  #spentMs = 0;
  #frame: number | null = null;
  #lastFrame = 0;

  /** Shows the text now when this frame bears it, else in one of the next. */
  ask(view: PacedView): void {
    if (this.#waiting.size === 0 && this.#hasRoom()) this.#draw(view);
    else this.#waiting.add(view);
    this.#watch();
  }

  forget(view: PacedView): void {
    this.#waiting.delete(view);
  }

  #hasRoom(): boolean {
    return this.#shown < this.#allowed && this.#spentMs < BUDGET_MS;
  }

  #draw(view: PacedView): void {
    const started = performance.now();
    view.show();
    this.#spentMs += performance.now() - started;
    this.#shown += 1;
  }

  #watch(): void {
    if (document.hidden) {
      // No frames come: nobody looks, and nothing has to be spared.
      for (const view of this.#waiting) view.show();
      this.#waiting.clear();
      this.#shown = 0;
      this.#spentMs = 0;
    } else this.#frame ??= requestAnimationFrame(this.#next);
  }

  readonly #next = (): void => {
    const now = performance.now();
    const late = now - this.#lastFrame > LATE_MS;
    // The first frame after a rest says nothing about the work of the one before.
    if (now - this.#lastFrame < 1_000) {
      this.#allowed = late
        ? Math.max(1, Math.floor(Math.min(this.#allowed, this.#shown) / 2))
        : Math.min(MOST, this.#allowed + 0.25);
    }
    this.#lastFrame = now;
    const worked = this.#shown > 0;
    this.#shown = 0;
    this.#spentMs = 0;
    this.#frame = null;
    for (const view of this.#waiting) {
      if (!this.#hasRoom()) break;
      this.#waiting.delete(view);
      this.#draw(view);
    }
    if (worked || this.#waiting.size > 0) this.#watch();
  };
}

/** One for the whole window. */
const shared = new Turns();

export class PacedView {
  readonly #view: View;
  readonly #turns: Turns;
  readonly #watcher: IntersectionObserver | null;
  #source = "";
  #streaming = false;
  #inView = true;
  #freeAt = 0;
  #later: ReturnType<typeof setTimeout> | null = null;

  /** `root` is where the text is shown: out of view it is brought up to date less often. */
  constructor(view: View, root: Element, turns = shared) {
    this.#view = view;
    this.#turns = turns;
    this.#watcher =
      typeof IntersectionObserver === "undefined"
        ? null
        : new IntersectionObserver((entries) => {
            this.#inView = entries.at(-1)?.isIntersecting ?? true;
            if (this.#inView && this.#later !== null) this.#hurry();
          });
    this.#watcher?.observe(root);
  }

  /** Shows `source` now, or a little later while it streams. The last state is always shown. */
  update(source: string, streaming: boolean): void {
    this.#source = source;
    this.#streaming = streaming;
    const wait = this.#inView ? this.#freeAt - performance.now() : OUT_OF_VIEW_MS;
    if (!streaming) {
      this.#cancel();
      this.show();
    } else if (wait <= 0) this.#turns.ask(this);
    else this.#later ??= setTimeout(() => this.#hurry(), wait);
  }

  /** Brings the text on screen up to what was last asked for. */
  show(): void {
    const started = performance.now();
    this.#view.update(this.#source, this.#streaming);
    const ended = performance.now();
    const cost = ended - started;
    this.#freeAt = cost <= DEAR_MS ? 0 : ended + Math.min(cost * DEAR_SHARE, LONGEST_WAIT_MS);
  }

  /** Forgets what waits. */
  stop(): void {
    this.#cancel();
    this.#watcher?.disconnect();
  }

  #hurry(): void {
    this.#cancel();
    this.#turns.ask(this);
  }

  #cancel(): void {
    if (this.#later !== null) clearTimeout(this.#later);
    this.#later = null;
    this.#turns.forget(this);
  }
}
