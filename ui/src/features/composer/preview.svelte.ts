import type { Backend } from "../../backend/backend";
import type { AppError } from "../../backend/bindings/AppError";
import type { TurnPreview } from "../../backend/bindings/TurnPreview";
import { asAppError } from "../../backend/errors";

/** What would be sent. */
export interface Drafted {
  conversationId: string;
  text: string;
  attachments: string[];
  /** Empty: all. */
  laneIds: string[];
}

/** After the last key; shorter than it takes to look from the text to the figures. */
const DELAY_MS = 150;

/**
 * What sending the draft would mean, kept up to date while it is written. The figures of the draft before stay on screen
 * until those of the new one are there, so nothing flickers; an answer to an older draft is dropped.
 */
export class Preview {
  view = $state.raw<TurnPreview | null>(null);
  /** The providers that count for free were asked for these figures. */
  exact = $state(false);
  /** They are being asked. */
  counting = $state(false);
  /** Why there are no figures; `null` when there are. */
  error = $state.raw<AppError | null>(null);

  #latest = 0;
  #followed: Drafted | null = null;
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(readonly backend: Backend) {}

  /** The draft has changed; or the same one again, because money has: then exact figures stay exact, and a count under way goes on. */
  follow(drafted: Drafted): void {
    const same = drafted === this.#followed;
    if (same && this.counting) return;
    const exact = same && this.exact;
    this.#followed = drafted;
    const number = this.#begin();
    this.counting = false;
    this.#timer = setTimeout(() => void this.#ask(drafted, exact, number), DELAY_MS);
  }

  /** Asks the providers themselves, which shows them the draft. */
  async countExactly(drafted: Drafted): Promise<void> {
    this.counting = true;
    await this.#ask(drafted, true, this.#begin());
  }

  stop(): void {
    this.#begin();
  }

  /** Whatever was asked before does not count any more. */
  #begin(): number {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#latest += 1;
    return this.#latest;
  }

  async #ask(drafted: Drafted, exact: boolean, number: number): Promise<void> {
    const { conversationId, text, attachments, laneIds } = drafted;
    try {
      const view = await this.backend.previewTurn(conversationId, text, attachments, laneIds, exact);
      if (number !== this.#latest) return;
      this.view = view;
      this.exact = exact;
      this.error = null;
    } catch (thrown) {
      if (number !== this.#latest) return;
      this.error = asAppError(thrown);
    }
    this.counting = false;
  }
}
