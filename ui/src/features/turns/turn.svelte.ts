import { SvelteMap } from "svelte/reactivity";
import type { Backend, OnBatch } from "../../backend/backend";
import type { AttachmentView } from "../../backend/bindings/AttachmentView";
import type { RunView } from "../../backend/bindings/RunView";
import type { Spend } from "../../backend/bindings/Spend";
import type { TurnBatch } from "../../backend/bindings/TurnBatch";
import type { TurnView } from "../../backend/bindings/TurnView";
import { frames } from "./frames";
import { applyBatch, hasEnded, progressOf, type RunProgress, type Runs } from "./stream";

/** How often a turn is watched anew after losses before the window gives up and shows what it has. */
const MOST_WATCHES = 5;

/** One turn on screen: the latest answer of each lane, and the channels that carry what happens to it. */
export class Turn {
  readonly id: string;
  readonly text: string;
  readonly attachments: AttachmentView[];
  readonly createdAt: number;
  /** By lane: the newest version of its answer. */
  readonly answers = new SvelteMap<string, RunProgress>();
  /** By lane: an older version the reader looks at instead. */
  readonly older = new SvelteMap<string, RunView>();
  /** Whether the reader has unfolded the answers of this row. */
  unfolded = $state(false);
  /** What all its answers have cost together, earlier versions included; the host adds up. */
  spend = $state.raw<Spend | null>(null);
  /** What its sum is of: answers beside each other, or versions of one. `null`: the one answer says itself what it has cost. */
  readonly sumOf = $derived.by((): "answers" | "versions" | null => {
    if (this.answers.size > 1) return "answers";
    return [...this.answers.values()].some(({ run }) => run.version > 1) ? "versions" : null;
  });
  readonly running = $derived([...this.answers.values()].filter(({ run }) => !hasEnded(run)).length);

  #runs: Runs;
  #watches = 0;

  constructor(
    view: TurnView,
    readonly backend: Backend,
    /** Called when a run has ended here, for announcements and for figures that follow from it. */
    readonly onEnded: (run: RunView) => void,
  ) {
    this.id = view.id;
    this.text = view.text;
    this.attachments = view.attachments;
    this.createdAt = view.created_at;
    this.spend = view.spend;
    this.#runs = new Map(view.runs.map((run) => [run.id, progressOf(run)]));
    for (const run of view.runs) this.#show(progressOf(run));
  }

  /** A new channel of this turn. Each counts its batches for itself. */
  receiver(): OnBatch {
    let nextSeq = 0;
    let broken = false;
    return (batch) => {
      frames.add(() => {
        if (broken) return;
        const before = this.#runs;
        const applied = applyBatch(before, nextSeq, batch, performance.now());
        nextSeq = applied.nextSeq;
        this.#runs = applied.runs;
        for (const id of applied.changed) this.#changed(before.get(id), applied.runs.get(id));
        if (applied.lost) {
          broken = true;
          this.#watchAgain(batch);
        }
      });
    };
  }

  /** Follows a turn in flight from a snapshot. */
  async watch(): Promise<void> {
    await this.backend.watchTurn(this.id, this.receiver());
  }

  /** An answer the host returned from a call: a new version, or the same one marked. */
  put(run: RunView): void {
    const known = this.#runs.get(run.id);
    const progress =
      known === undefined || hasEnded(known.run)
        ? { ...progressOf(run), thoughtMs: known?.thoughtMs ?? null }
        : known;
    this.#runs = new Map(this.#runs).set(run.id, progress);
    this.#show(progress);
  }

  #changed(before: RunProgress | undefined, after: RunProgress | undefined): void {
    if (after === undefined) return;
    this.#show(after);
    if (hasEnded(after.run) && (before === undefined || !hasEnded(before.run))) {
      void this.addUp();
      this.onEnded(after.run);
    }
  }

  /** Asks for the sum again, after an answer has ended. The row does without it when it does not come. */
  async addUp(): Promise<void> {
    try {
      this.spend = await this.backend.turnSpend(this.id);
    } catch (thrown) {
      console.warn(`what turn ${this.id} has cost is not known`, thrown);
    }
  }

  #show(progress: RunProgress): void {
    const { run } = progress;
    const shown = this.answers.get(run.lane_id);
    if (shown !== undefined && shown.run.version > run.version) return;
    if (shown !== undefined && shown.run.version < run.version) this.older.delete(run.lane_id);
    this.answers.set(run.lane_id, progress);
  }

  #watchAgain(batch: TurnBatch): void {
    this.#watches += 1;
    if (this.#watches > MOST_WATCHES) {
      console.warn(`turn ${this.id}: batches keep getting lost, the last was ${batch.seq}`);
      return;
    }
    this.watch().catch((thrown: unknown) => console.warn(`turn ${this.id} cannot be watched`, thrown));
  }
}
