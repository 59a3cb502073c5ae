import type { RunEvent } from "../../backend/bindings/RunEvent";
import type { RunId } from "../../backend/bindings/RunId";
import type { RunView } from "../../backend/bindings/RunView";
import type { TurnBatch } from "../../backend/bindings/TurnBatch";

/** An answer as the window follows it. */
export interface RunProgress {
  run: RunView;
  /** Set between a failed attempt and what the next one brings. */
  retrying: { attempt: number; waitMs: number; reason: string } | null;
  /** When the first piece of reasoning was seen here, in milliseconds of `now`; `null` when none was seen arriving. */
  thinkingSince: number | null;
  /** How long it reasoned before it spoke, as seen here; `null` when the window was not watching. */
  thoughtMs: number | null;
}

export type Runs = ReadonlyMap<RunId, RunProgress>;

export interface Applied {
  runs: Runs;
  /** The number the channel's next batch has to carry. */
  nextSeq: number;
  changed: ReadonlySet<RunId>;
  /** Something is missing: the turn has to be watched anew. What could be applied was. */
  lost: boolean;
}

export function progressOf(run: RunView): RunProgress {
  return { run, retrying: null, thinkingSince: null, thoughtMs: null };
}

export function hasEnded(run: RunView): boolean {
  return run.finished_at !== null || ENDED.has(run.state);
}

const ENDED: ReadonlySet<RunView["state"]> = new Set([
  "complete",
  "truncated",
  "failed",
  "cancelled",
  "interrupted",
]);

/**
 * Applies one batch of a turn's channel, for live streams and resumed ones alike. Pure: the same batches give the same
 * runs. A batch seen before changes nothing; one too early, or a piece of text that does not follow on, means a loss.
 */
export function applyBatch(runs: Runs, expectedSeq: number, batch: TurnBatch, now: number): Applied {
  if (batch.seq < expectedSeq) return { runs, nextSeq: expectedSeq, changed: new Set(), lost: false };
  if (batch.seq > expectedSeq) return { runs, nextSeq: expectedSeq, changed: new Set(), lost: true };
  const next = new Map(runs);
  const changed = new Set<RunId>();
  let lost = false;
  for (const event of batch.events) {
    const id = "run" in event ? event.run.id : event.run_id;
    const before = next.get(id);
    const after = applyEvent(before, event, now);
    if (after === "lost") lost = true;
    else if (after !== before) {
      next.set(id, after);
      changed.add(id);
    }
  }
  return { runs: next, nextSeq: expectedSeq + 1, changed, lost };
}

function applyEvent(before: RunProgress | undefined, event: RunEvent, now: number): RunProgress | "lost" {
  if (event.type === "finished" || event.type === "snapshot") return replaced(before, event.run, now);
  if (before === undefined) return "lost";
  // Finished wins: whatever still arrives was sent before the end.
  if (hasEnded(before.run)) return before;
  switch (event.type) {
    case "state": {
      const { state, model_served, ttft_ms } = event;
      // A wait may be told in one batch with a state that was reached before it.
      const waiting = state === "committed" ? null : before.run.waiting;
      const retrying = waiting === null ? null : before.retrying;
      return { ...before, retrying, run: { ...before.run, state, model_served, ttft_ms, waiting } };
    }
    case "tool_calls":
      return {
        ...thoughtUntil(before, now),
        retrying: null,
        run: { ...before.run, tool_calls: event.tool_calls, waiting: null },
      };
    case "retrying": {
      const retrying = { attempt: event.attempt, waitMs: event.wait_ms, reason: event.reason };
      return { ...before, retrying, run: { ...before.run, attempts: event.attempt } };
    }
    case "waiting":
      return { ...before, run: { ...before.run, waiting: event.waiting } };
    case "text": {
      const text = continued(before.run.text, event.offset, event.delta);
      if (text === null) return "lost";
      return { ...thoughtUntil(before, now), retrying: null, run: { ...before.run, text, waiting: null } };
    }
    case "reasoning": {
      const reasoning = continued(before.run.reasoning, event.offset, event.delta);
      if (reasoning === null) return "lost";
      const thinkingSince = before.thinkingSince ?? now;
      return { ...before, thinkingSince, retrying: null, run: { ...before.run, reasoning, waiting: null } };
    }
  }
}

function replaced(before: RunProgress | undefined, run: RunView, now: number): RunProgress {
  if (before === undefined) return progressOf(run);
  if (hasEnded(before.run) && !hasEnded(run)) return before;
  return { ...(hasEnded(run) ? thoughtUntil(before, now) : before), retrying: null, run };
}

function thoughtUntil(before: RunProgress, now: number): RunProgress {
  if (before.thinkingSince === null || before.thoughtMs !== null) return before;
  return { ...before, thoughtMs: now - before.thinkingSince };
}

/** The text with a piece added; unchanged when it was there already; `null` when something before it is missing. */
function continued(text: string, offset: number, delta: string): string | null {
  if (offset > text.length) return null;
  return text + delta.slice(text.length - offset);
}
