import type { OnBatch } from "../backend";
import type { RunEvent } from "../bindings/RunEvent";
import type { FakeRun } from "./run";

/** One frame of a screen, in milliseconds: the pace of the real host's batches. */
const FRAME_MS = 16;

/** The answers of one turn in flight, and everybody who follows them. */
export class LiveTurn {
  #watchers: { onBatch: OnBatch; seq: number }[] = [];
  #timer: ReturnType<typeof setInterval> | null = null;

  constructor(
    readonly turnId: string,
    readonly runs: FakeRun[],
    /** Called for each run when it has ended, before its batch is sent. */
    readonly ended: (run: FakeRun) => void,
    readonly over: () => void,
  ) {}

  watch(onBatch: OnBatch): void {
    const watcher = { onBatch, seq: 0 };
    this.#watchers.push(watcher);
    const events = this.runs.map((run): RunEvent => ({ type: "snapshot", run: run.view }));
    this.#send(watcher, events, this.#allEnded());
    if (this.#timer === null && !this.#allEnded()) this.#timer = setInterval(() => this.#tick(), FRAME_MS);
  }

  add(run: FakeRun): void {
    this.runs.push(run);
  }

  stop(runId: string | null): void {
    const stopped = this.runs.filter((run) => !run.ended && (runId === null || run.view.id === runId));
    this.#publish(stopped.map((run) => this.#end(run)));
  }

  #end(run: FakeRun): RunEvent {
    const event = run.end(Date.now(), "cancelled");
    this.ended(run);
    return event;
  }

  #tick(): void {
    const now = Date.now();
    const events: RunEvent[] = [];
    for (const run of this.runs.filter((each) => !each.ended)) {
      events.push(...run.advance(now));
      if (run.ended) this.ended(run);
    }
    this.#publish(events);
  }

  #publish(events: RunEvent[]): void {
    const done = this.#allEnded();
    if (done && this.#timer !== null) {
      clearInterval(this.#timer);
      this.#timer = null;
      this.over();
    }
    if (events.length === 0) return;
    for (const watcher of this.#watchers) this.#send(watcher, events, done);
  }

  #send(watcher: { onBatch: OnBatch; seq: number }, events: RunEvent[], done: boolean): void {
    const seq = watcher.seq++;
    queueMicrotask(() => watcher.onBatch({ turn_id: this.turnId, seq, events, done }));
  }

  #allEnded(): boolean {
    return this.runs.every((run) => run.ended);
  }
}
