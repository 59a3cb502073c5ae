/** Does work once per frame of the screen, and a few times a second while the window is hidden and draws no frames. */
export class Frames {
  #work: (() => void)[] = [];
  #scheduled = false;

  add(work: () => void): void {
    this.#work.push(work);
    if (this.#scheduled) return;
    this.#scheduled = true;
    if (document.hidden) setTimeout(this.#flush, 200);
    else requestAnimationFrame(this.#flush);
  }

  readonly #flush = (): void => {
    this.#scheduled = false;
    const work = this.#work;
    this.#work = [];
    for (const each of work) each();
  };
}

/** One for the whole window, so that all turns are drawn in the same frame. */
export const frames = new Frames();
