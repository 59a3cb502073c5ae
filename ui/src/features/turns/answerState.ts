import type { RunView } from "../../backend/bindings/RunView";
import { trace } from "../../shared/i18n/messages/trace";
import { hasEnded } from "./stream";

/** How an answer stands, as the reader is told it. */
export type AnswerState =
  "waiting" | "thinking" | "streaming" | "complete" | "stopped" | "truncated" | "failed" | "interrupted";

export function answerState(run: RunView): AnswerState {
  switch (run.state) {
    case "complete":
    case "truncated":
    case "failed":
    case "interrupted":
      return run.state;
    case "cancelled":
      return "stopped";
    default:
      if (hasEnded(run)) return "stopped";
      return liveState(run);
  }
}

/** Where another model goes on it is its own part that counts: what stands before it was said by others. */
function liveState({ text, reasoning, tool_calls, segments, waiting }: RunView): AnswerState {
  if (waiting !== null) return "waiting";
  const own = segments.at(-1);
  if (tool_calls.length > 0 || text.length > (own?.text_start ?? 0)) return "streaming";
  return reasoning.length > (own?.reasoning_start ?? 0) ? "thinking" : "waiting";
}

/** A dated or otherwise extended name of the model that was asked for is still that model. */
export function servedByOther(run: RunView): boolean {
  const served = run.model_served?.toLowerCase();
  const asked = run.model_requested.toLowerCase();
  if (served === undefined || served === asked) return false;
  const bare = (name: string) => name.slice(name.lastIndexOf("/") + 1);
  return !bare(served).startsWith(bare(asked)) && !bare(asked).startsWith(bare(served));
}

/** Who is named for an answer: the model that served it, and nobody where no model did. */
export function nameOf(run: RunView): string {
  if (run.source === "last_resort") return trace().lastResort;
  return run.model_served ?? run.model_requested;
}
