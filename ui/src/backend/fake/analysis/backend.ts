import type { Backend } from "../../backend";
import type { AnalysisView } from "../../bindings/AnalysisView";
import type { AppliedChange } from "../../bindings/AppliedChange";
import type { Recommendation } from "../../bindings/Recommendation";
import type { Said } from "../../bindings/Said";
import { refused, type FakeState } from "../state";
import { refusal } from "./refusal";
import { csvOf } from "./csv";
import { failedCallsOf } from "./failedCalls";
import { DAY_MS, modelOf, SUCCESS_TARGET, type ModelHabit } from "./figures";

type Part = Pick<
  Backend,
  | "analysis"
  | "analysisCsv"
  | "failedCalls"
  | "applyRecommendation"
  | "dismissRecommendation"
  | "undoChange"
  | "setAutomatic"
>;

const MOST_DAYS = 90;

/** What is known of the calls, what is recommended, and what was done about it. */
export class FakeAnalysis {
  habits: ModelHabit[] = [];
  advice: Recommendation[] = [];
  /** Newest first. */
  changes: AppliedChange[] = [];
  automatic = false;
  /** By place, what somebody has written there since: what stood there before cannot be put back. */
  readonly changedSince = new Map<string, Said>();
}

export function fakeAnalysis(state: FakeState, delay: () => Promise<void>): Part {
  const view = (days: number): AnalysisView => {
    if (days < 1 || days > MOST_DAYS) throw refused("invalid_days", "Ask for 1 to 90 days.");
    if (state.booksFail !== null) throw refused("books_unreadable", state.booksFail);
    const until = Date.now();
    const { habits, advice, changes, automatic } = state.analysis;
    return {
      since: until - days * DAY_MS,
      until,
      success_target: SUCCESS_TARGET,
      models: habits
        .map((habit) => modelOf(habit, days, until))
        .filter(({ requests }) => requests > 0)
        .sort((one, other) => other.requests - one.requests),
      recommendations: advice
        .filter(({ id }) => !inForce(changes, id))
        .toSorted((one, other) => Number(one.dismissed) - Number(other.dismissed)),
      changes: changes.map((change) => withBar(change, state.analysis.changedSince)),
      automatic,
    };
  };

  return {
    async analysis(days) {
      await delay();
      return view(days);
    },
    async analysisCsv(days) {
      await delay();
      return csvOf(view(days).models);
    },
    async failedCalls(target, days) {
      await delay();
      const { models, until } = view(days);
      const model = models.find((known) => known.target === target);
      return model === undefined ? [] : failedCallsOf(model, days, until);
    },
    async applyRecommendation(id, days) {
      await delay();
      const one = view(days).recommendations.find((known) => known.id === id);
      if (one === undefined) throw refusal({ kind: "advice_unknown", advice: id });
      if (one.change.length === 0) throw refusal({ kind: "advice_by_hand" });
      state.analysis.changes = [changeOf(state.id("change"), one), ...state.analysis.changes];
      return view(days);
    },
    async dismissRecommendation(id, dismissed, days) {
      await delay();
      state.analysis.advice = state.analysis.advice.map((one) =>
        one.id === id ? { ...one, dismissed } : one,
      );
      return view(days);
    },
    async undoChange(id, days) {
      await delay();
      const change = view(days).changes.find((known) => known.id === id);
      if (change === undefined) throw refusal({ kind: "change_unknown", change: id });
      if (change.undone_at !== null) throw refusal({ kind: "change_taken_back" });
      if (change.cannot_undo !== null) throw refusal({ kind: "change_overtaken", why: change.cannot_undo });
      const undone_at = Date.now();
      state.analysis.changes = state.analysis.changes.map((one) =>
        one.id === id ? { ...one, undone_at } : one,
      );
      return view(days);
    },
    async setAutomatic(on, days) {
      await delay();
      // Nothing is followed by the press itself: that is done at the next start, and daily.
      state.analysis.automatic = on;
      return view(days);
    },
  };
}

const inForce = (changes: readonly AppliedChange[], recommendation: string): boolean =>
  changes.some((change) => change.recommendation === recommendation && change.undone_at === null);

function changeOf(id: string, one: Recommendation): AppliedChange {
  const { kind, subject, title, change } = one;
  return {
    id,
    recommendation: one.id,
    kind,
    subject,
    title,
    change,
    at: Date.now(),
    automatic: false,
    undone_at: null,
    cannot_undo: null,
  };
}

function withBar(change: AppliedChange, changedSince: ReadonlyMap<string, Said>): AppliedChange {
  const changed = change.change.find(({ place }) => changedSince.has(place.text));
  if (change.undone_at !== null || changed === undefined) return change;
  const { place } = changed;
  const found = changedSince.get(place.text) ?? null;
  const text = `“${place.text}” was changed since: it is “${found?.text ?? ""}” now`;
  return { ...change, cannot_undo: { text, place, found } };
}
