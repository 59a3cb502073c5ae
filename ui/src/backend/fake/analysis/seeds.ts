import type { FakeState } from "../state";
import { say, someAdvice } from "./advice";
import { DAY_MS } from "./figures";
import { MANY, WORKING } from "./habits";

/** Months of use, with something to be done about it, and something that was done. */
export function someAnalysis(state: FakeState): void {
  const { analysis } = state;
  const now = Date.now();
  analysis.habits = WORKING;
  analysis.advice = someAdvice();
  analysis.changes = [
    {
      id: "change-gemini",
      recommendation: "adjust_timeout:gemini/gemini-3.6-flash",
      kind: "adjust_timeout",
      subject: "gemini/gemini-3.6-flash",
      title: say("x", "Give Gemini 3.6 Flash less time"),
      change: [{ place: "gemini, timeouts, idle", before: "120 s", after: "30 s" }],
      at: now - 9 * DAY_MS,
      automatic: true,
      undone_at: null,
      cannot_undo: null,
    },
    {
      id: "change-retry",
      recommendation: "enable_retry:anthropic/claude-sonnet-5",
      kind: "enable_retry",
      subject: "everyday",
      title: say("x", "Try Claude Sonnet 5 again in everyday"),
      change: [{ place: "groups/everyday.yaml, echelon 1, max_retries", before: "0", after: "2" }],
      at: now - 16 * DAY_MS,
      automatic: false,
      undone_at: null,
      cannot_undo: null,
    },
    {
      id: "change-cache",
      recommendation: "turn_on_cache:old",
      kind: "turn_on_cache",
      subject: "",
      title: say("x", "Keep answers of requests that are sent again"),
      change: [{ place: "settings, response cache", before: "off", after: "deterministic" }],
      at: now - 30 * DAY_MS,
      automatic: false,
      undone_at: now - 27 * DAY_MS,
      cannot_undo: null,
    },
  ];
  analysis.changedSince.add("groups/everyday.yaml, echelon 1, max_retries");
}

/** All is well: one model that answers. */
export function oneModel(state: FakeState): void {
  state.analysis.habits = WORKING.filter(({ target }) => target === "gemini/gemini-3.6-flash");
}

/** More models than anybody compares. */
export function manyModels(state: FakeState): void {
  someAnalysis(state);
  state.analysis.habits = MANY;
}
