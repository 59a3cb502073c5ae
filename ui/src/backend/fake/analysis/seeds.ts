import type { FakeState } from "../state";
import { someAdvice, TITLE_OF_CACHE, titleOfRetry, titleOfTimeout } from "./advice";
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
      recommendation: "adjust_timeout:gemini:total_ms",
      kind: "adjust_timeout",
      subject: "gemini",
      title: titleOfTimeout("Google Gemini", "2 min", "120000"),
      change: [{ place: "providers, gemini, total_ms", before: null, after: "120000" }],
      at: now - 9 * DAY_MS,
      automatic: true,
      undone_at: null,
      cannot_undo: null,
    },
    {
      id: "change-retry",
      recommendation: "enable_retry:everyday.echelon1",
      kind: "enable_retry",
      subject: "everyday.echelon1",
      title: titleOfRetry("everyday.echelon1"),
      change: [{ place: "groups/everyday.yaml, echelon1, max_retries", before: "0", after: "2" }],
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
      title: TITLE_OF_CACHE,
      change: [{ place: "settings, kept answers", before: "off", after: "deterministic" }],
      at: now - 30 * DAY_MS,
      automatic: false,
      undone_at: now - 27 * DAY_MS,
      cannot_undo: null,
    },
  ];
  analysis.changedSince.set("groups/everyday.yaml, echelon1, max_retries", "5");
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
