import { modelOf, type ModelHabit } from "../../backend/fake/analysis/figures";
import type { ModelAnalysis } from "../../backend/bindings/ModelAnalysis";

const HABIT: ModelHabit = {
  target: "acme/plain",
  label: "Plain",
  perDay: 10,
  p50: 2_000,
  usdPerCall: "0.01",
  answerTokens: 500,
  tokensPerSecond: 50,
};

/** How a model did over thirty days. */
export function someModel(habit: Partial<ModelHabit>, change: Partial<ModelAnalysis> = {}): ModelAnalysis {
  return { ...modelOf({ ...HABIT, ...habit }, 30, Date.UTC(2026, 10, 21)), ...change };
}
