import type { Backend } from "../../backend/backend";
import type { AppError } from "../../backend/bindings/AppError";
import type { RoutingState } from "../../backend/bindings/RoutingState";
import { asAppError } from "../../backend/errors";

/** How often the host is asked while somebody looks, in milliseconds. */
export const LOOK_EVERY_MS = 2_000;

/** Breakers, limits, keys and hosts as they stand, asked for only while the room is in view. */
export class Live {
  /** `null` until the host has answered. */
  state = $state.raw<RoutingState | null>(null);
  /** Why the last look failed; what was seen before stays. */
  error = $state.raw<AppError | null>(null);
  /** Now, for everything that counts down. */
  now = $state(Date.now());
  #timer: ReturnType<typeof setInterval> | null = null;
  #asking = false;

  constructor(
    readonly backend: Backend,
    /** Called with every look, for what is to be looked at with it. */
    readonly alongside: () => Promise<void> = () => Promise.resolve(),
  ) {}

  /** Looks now and then every two seconds, as long as the page is visible; returns what ends it. */
  watch(): () => void {
    const follow = () => {
      if (document.visibilityState === "visible") this.#begin();
      else this.#end();
    };
    follow();
    document.addEventListener("visibilitychange", follow);
    return () => {
      document.removeEventListener("visibilitychange", follow);
      this.#end();
    };
  }

  async look(): Promise<void> {
    // A host that is slow is not asked twice at once.
    if (this.#asking) return;
    this.#asking = true;
    this.now = Date.now();
    try {
      await this.alongside();
      this.state = await this.backend.routingState();
      this.error = null;
    } catch (thrown) {
      this.error = asAppError(thrown);
    } finally {
      this.#asking = false;
    }
  }

  #begin(): void {
    if (this.#timer !== null) return;
    void this.look();
    this.#timer = setInterval(() => void this.look(), LOOK_EVERY_MS);
  }

  #end(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }
}
