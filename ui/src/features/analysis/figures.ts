import type { ErrorCount } from "../../backend/bindings/ErrorCount";
import type { LatencyTrend } from "../../backend/bindings/LatencyTrend";
import type { ModelAnalysis } from "../../backend/bindings/ModelAnalysis";
import { formatCount, formatUsd } from "../../shared/format";
import { analysisWords } from "../../shared/i18n/messages/analysis";
import { common } from "../../shared/i18n/messages/common";
import { trace } from "../../shared/i18n/messages/trace";
import { free } from "./rows";

/** A rate in percent to a tenth, rounded down: 100 % is all of them and nothing less. */
export function ratePercent(rate: number): string {
  // A hair is added before: 0.929 times a thousand is 928.9999….
  const tenths = Math.floor(rate * 1_000 + 1e-6);
  return analysisWords().percent((tenths / 10).toFixed(1).replace(/\.0$/, ""));
}

/** Where a latency is going, in words. */
export function trendWords({ direction, change_percent }: LatencyTrend): string {
  const words = analysisWords();
  const by = words.percent(String(Math.round(Math.abs(change_percent ?? 0))));
  switch (direction) {
    case "slower":
      return words.slower(by);
    case "faster":
      return words.faster(by);
    case "steady":
      return words.steady;
    case "unknown":
      return words.tooFew;
  }
}

/** Money of a model: unpriced where an answer's cost is not known, nothing where no call was charged. */
export function modelUsd({ unpriced }: ModelAnalysis, usd: string | null): string {
  if (usd !== null) return formatUsd(usd);
  return unpriced > 0 ? common().unpriced : "–";
}

/** How many answers a dollar buys; any number where they cost nothing. */
export function perDollar(model: ModelAnalysis): string {
  if (free(model)) return common().free;
  const { answers_per_usd: answers } = model;
  if (answers === null) return "–";
  return answers < 10 ? answers.toFixed(1).replace(/\.0$/, "") : formatCount(answers);
}

/** One kind of failure and how often: 29 × too many requests. */
export const errorWords = ({ category, count }: ErrorCount): string =>
  analysisWords().errorTimes(formatCount(count), trace().failure(category));

/**
 * Where a rate stands on a line from 0 to 1. Rates live near 1, so the way to it is drawn by the root of what is missing:
 * 99 % is at nine tenths, 96 % at eight, 75 % in the middle.
 */
export const placeOf = (rate: number): number => 1 - Math.sqrt(1 - Math.min(1, Math.max(0, rate)));
