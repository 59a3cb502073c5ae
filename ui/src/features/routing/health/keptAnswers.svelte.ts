import type { Backend } from "../../../backend/backend";
import type { AppError } from "../../../backend/bindings/AppError";
import type { ResponseCacheView } from "../../../backend/bindings/ResponseCacheView";
import { asAppError } from "../../../backend/errors";

/** The kept answers: what is kept, for how long, and how they have done. */
export class KeptAnswers {
  view = $state.raw<ResponseCacheView | null>(null);
  error = $state.raw<AppError | null>(null);

  constructor(readonly backend: Backend) {}

  load(): Promise<void> {
    return this.#take(() => this.backend.responseCache());
  }

  setMode(mode: string): Promise<void> {
    const hours = this.view?.ttl_hours ?? 24;
    return this.#take(() => this.backend.setResponseCache(mode, hours));
  }

  setHours(hours: number): Promise<void> {
    const mode = this.view?.mode ?? "deterministic";
    return this.#take(() => this.backend.setResponseCache(mode, hours));
  }

  clear(): Promise<void> {
    return this.#take(() => this.backend.clearResponses());
  }

  async #take(call: () => Promise<ResponseCacheView>): Promise<void> {
    try {
      this.view = await call();
      this.error = null;
    } catch (thrown) {
      this.error = asAppError(thrown);
    }
  }
}
