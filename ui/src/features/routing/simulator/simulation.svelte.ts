import type { Backend } from "../../../backend/backend";
import type { AppError } from "../../../backend/bindings/AppError";
import type { TraceCandidate } from "../../../backend/bindings/TraceCandidate";
import type { TraceView } from "../../../backend/bindings/TraceView";
import { asAppError } from "../../../backend/errors";

/** Between two candidates that fall out, in milliseconds: slow enough to be followed. */
const FALL_EVERY_MS = 160;
/** However many there are, the last has fallen out after this time. */
const LONGEST_FALL_MS = 2_000;

/** Who would answer a prompt. Nothing is sent; candidates fall out one by one so that each reason can be seen. */
export class Simulation {
  target = $state("auto");
  prompt = $state("");
  trace = $state.raw<TraceView | null>(null);
  error = $state.raw<AppError | null>(null);
  running = $state(false);
  /** How many of those that cannot answer have fallen out so far. */
  fallen = $state(0);
  #asked = 0;
  #timer: ReturnType<typeof setInterval> | null = null;

  constructor(readonly backend: Backend) {}

  /** In the order in which they are asked. */
  readonly left = $derived(this.trace?.candidates.filter(canAnswer) ?? []);
  readonly out = $derived(this.trace?.candidates.filter((candidate) => !canAnswer(candidate)) ?? []);
  /** Whether everybody who cannot answer has fallen out. */
  readonly settled = $derived(this.fallen >= this.out.length);

  async run(): Promise<void> {
    const asked = ++this.#asked;
    this.running = true;
    this.#stop();
    try {
      const trace = await this.backend.simulateRoute(this.target, this.prompt);
      if (asked !== this.#asked) return;
      this.error = null;
      this.trace = trace;
      this.#fall();
    } catch (thrown) {
      if (asked !== this.#asked) return;
      this.trace = null;
      this.error = asAppError(thrown);
    } finally {
      if (asked === this.#asked) this.running = false;
    }
  }

  /** Ends what moves, for instance because nobody looks any more. */
  settle(): void {
    this.#stop();
    this.fallen = this.out.length;
  }

  #fall(): void {
    const count = this.out.length;
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) {
      this.fallen = count;
      return;
    }
    this.fallen = 0;
    if (count === 0) return;
    const every = Math.min(FALL_EVERY_MS, LONGEST_FALL_MS / count);
    this.#timer = setInterval(() => {
      this.fallen += 1;
      if (this.settled) this.#stop();
    }, every);
  }

  #stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }
}

export function canAnswer(candidate: TraceCandidate): boolean {
  return candidate.excluded === null && candidate.score !== null;
}
