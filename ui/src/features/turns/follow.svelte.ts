/** How near the end a reader has to be, in pixels, to be taken along as it moves. */
const NEAR_END_PX = 48;
/** A scroll this soon after a wheel, key, touch or press, in milliseconds, is the reader's. */
const READER_MS = 400;
const UPWARDS: ReadonlySet<string> = new Set(["ArrowUp", "PageUp", "Home"]);

/**
 * Where the reader stands in something that grows: at the end, taken along with it; held at the top of an element while
 * what is above it still settles; or free, and then nothing is moved.
 */
export class Follow {
  following = $state(true);
  /** The end is so far away that a way back helps. */
  away = $state(false);
  #scroller: HTMLElement | null = null;
  #held: { element: HTMLElement; below: () => number } | null = null;
  /** Where the scroller stood last: whatever else it says came from the reader. */
  #lastTop = 0;
  #lastInput = Number.NEGATIVE_INFINITY;

  /** Watches a scroller and what grows in it; returns what ends the watch. */
  attach(scroller: HTMLElement, content: HTMLElement): () => void {
    this.#scroller = scroller;
    const observer = new ResizeObserver(() => this.#settle());
    observer.observe(content);
    observer.observe(scroller);
    const inputs = ["wheel", "touchmove", "keydown", "pointerdown"] as const;
    for (const name of inputs) scroller.addEventListener(name, this.#input, { passive: true });
    return () => {
      observer.disconnect();
      for (const name of inputs) scroller.removeEventListener(name, this.#input);
      this.#scroller = null;
    };
  }

  /** On every scroll. Only the reader's own way up ends the following: growth below never does. */
  scrolled(): void {
    const scroller = this.#scroller;
    if (scroller === null) return;
    const moved = scroller.scrollTop - this.#lastTop;
    if (Math.abs(moved) < 1) return;
    this.#lastTop = scroller.scrollTop;
    const toEnd = scroller.scrollHeight - scroller.clientHeight - scroller.scrollTop;
    this.away = toEnd > scroller.clientHeight / 2;
    // Content that settles or shrinks pushes the view about; only the reader's hand ends the holding.
    if (this.#held !== null && performance.now() - this.#lastInput > READER_MS) return;
    this.#held = null;
    if (moved > 0 && toEnd <= NEAR_END_PX) this.following = true;
    else if (moved < 0 && toEnd > NEAR_END_PX) this.following = false;
  }

  /** The wish to go up counts at once: while text streams, its growth may outrun the scroll it asks for. */
  readonly #input = (event: Event): void => {
    this.#lastInput = performance.now();
    const up =
      (event instanceof WheelEvent && event.deltaY < 0) ||
      (event instanceof KeyboardEvent && UPWARDS.has(event.key));
    const room = (this.#scroller?.scrollTop ?? 0) > 0;
    if (up && room) this.following = false;
  };

  toEnd(): void {
    this.following = true;
    this.#held = null;
    this.#settle();
  }

  /** Holds an element's top in view, `below()` pixels under the top edge, until the reader scrolls. */
  holdTop(element: HTMLElement, below: () => number): void {
    this.following = false;
    this.#held = { element, below };
    this.#settle();
  }

  /** After the content above was changed on purpose. */
  moveTo(scrollTop: number): void {
    if (this.#scroller === null) return;
    this.#scroller.scrollTop = scrollTop;
    this.#lastTop = this.#scroller.scrollTop;
  }

  #settle(): void {
    const scroller = this.#scroller;
    if (scroller === null) return;
    if (this.following) this.moveTo(scroller.scrollHeight);
    else if (this.#held !== null) {
      const { element, below } = this.#held;
      const above = element.getBoundingClientRect().top - scroller.getBoundingClientRect().top - below();
      this.moveTo(scroller.scrollTop + above);
    }
  }
}
