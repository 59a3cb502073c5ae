import type { OnBatch } from "../../backend/backend";
import type { TurnBatch } from "../../backend/bindings/TurnBatch";

/** Keeps the batches that come before the call that opened their channel has said which turn they are for. */
export class EarlyBatches {
  #kept: TurnBatch[] = [];
  #receiver: OnBatch | null = null;

  readonly receive: OnBatch = (batch) => {
    if (this.#receiver === null) this.#kept.push(batch);
    else this.#receiver(batch);
  };

  handTo(receiver: OnBatch): void {
    this.#receiver = receiver;
    for (const batch of this.#kept) receiver(batch);
    this.#kept = [];
  }
}
