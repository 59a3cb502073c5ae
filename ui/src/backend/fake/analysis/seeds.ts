import type { ProviderView } from "../../bindings/ProviderView";
import type { FakeState } from "../state";
import { someAdvice, TITLE_OF_CACHE, titleOfRetry, titleOfTimeout } from "./advice";
import { groupValue, KEPT_ANSWERS, time, times, unset, wholeCall } from "./changes";
import { DAY_MS } from "./figures";
import { MANY, WORKING } from "./habits";

const EVERYDAY_RETRIES = groupValue("place_rung_retries", "everyday.echelon1", [0, 2]);

/** With its key in the environment instead of in the keyring. */
export const withVariable = (provider: ProviderView, variable: string): ProviderView => ({
  ...provider,
  keys: provider.keys.map((key) => ({ ...key, id: null, place: "environment", variable })),
});

/** Months of use, with something to be done about it, and something that was done. */
export function someAnalysis(state: FakeState): void {
  const { analysis } = state;
  const now = Date.now();
  state.providers = state.providers.map((one) =>
    one.id === "openrouter" ? withVariable(one, "OPENROUTER_API_KEY") : one,
  );
  analysis.habits = WORKING;
  analysis.advice = someAdvice();
  analysis.changes = [
    {
      id: "change-gemini",
      recommendation: "adjust_timeout:gemini:total_ms",
      kind: "adjust_timeout",
      subject: "gemini",
      title: titleOfTimeout("Google Gemini", "2 min", "120000"),
      change: [wholeCall("gemini", unset(60_000), time(120_000))],
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
      change: [EVERYDAY_RETRIES],
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
      change: [KEPT_ANSWERS],
      at: now - 30 * DAY_MS,
      automatic: false,
      undone_at: now - 27 * DAY_MS,
      cannot_undo: null,
    },
  ];
  analysis.changedSince.set(EVERYDAY_RETRIES.place.text, times(5));
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
