const STEP_MS = 1_000;

/** How long until a moment, a second at a time. */
export class Countdown {
  /** Milliseconds, up to a whole second; `null` once the moment has come, or where there is none. */
  leftMs = $state<number | null>(null);

  /** Counts down to a moment in milliseconds since 1970; returns what ends the counting. */
  until(at: number): () => void {
    const look = () => {
      const left = at - Date.now();
      this.leftMs = left <= 0 ? null : Math.ceil(left / STEP_MS) * STEP_MS;
    };
    look();
    const timer = setInterval(look, STEP_MS / 4);
    return () => {
      clearInterval(timer);
      this.leftMs = null;
    };
  }
}
