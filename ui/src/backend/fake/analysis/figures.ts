import type { ErrorCategory } from "../../bindings/ErrorCategory";
import type { LatencyTrend } from "../../bindings/LatencyTrend";
import type { ModelAnalysis } from "../../bindings/ModelAnalysis";
import type { Spread } from "../../bindings/Spread";
import type { SuccessRate } from "../../bindings/SuccessRate";
import type { TrendPoint } from "../../bindings/TrendPoint";
import { picoOf, usdOf } from "../money";

export const SUCCESS_TARGET = 0.99;
export const DAY_MS = 86_400_000;
const STEPS = 12;
/** Two standard deviations, as the host reckons what may be chance. */
const Z = 1.959964;
/** Below this change, in percent, it is no more than chance. */
const STEADY_PERCENT = 8;
/** With fewer calls nothing is said about where a latency is going. */
const ENOUGH_CALLS = 20;

/** How a model is used and how it does, whatever the window. */
export interface ModelHabit {
  target: string;
  label: string;
  simulated?: boolean;
  /** Calls a day. */
  perDay: number;
  /** Of a thousand calls, how many fail, by kind. */
  failures?: Partial<Record<ErrorCategory, number>>;
  /** Calls a person stops, of a thousand. */
  stopped?: number;
  /** Median latency in the middle of the window, in milliseconds. */
  p50: number;
  /** Change of the latency over the window, in percent. */
  drift?: number;
  /** Dollars for a call; `null`: no price is known. */
  usdPerCall: string | null;
  /** Tokens of an answer. */
  answerTokens: number;
  tokensPerSecond: number;
}

/** What the calls of a window come to. */
export function modelOf(habit: ModelHabit, days: number, until: number): ModelAnalysis {
  const requests = Math.round(habit.perDay * days);
  const of = (perThousand: number) => Math.round((requests * perThousand) / 1_000);
  const errors = Object.entries(habit.failures ?? {})
    .map(([category, share]) => ({ category: category as ErrorCategory, count: of(share) }))
    .filter(({ count }) => count > 0)
    .sort((one, other) => other.count - one.count);
  const failed = errors.reduce((sum, { count }) => sum + count, 0);
  const cancelled = of(habit.stopped ?? 0);
  const succeeded = Math.max(0, requests - failed - cancelled);
  const paid = habit.usdPerCall === null ? 0n : picoOf(habit.usdPerCall) * BigInt(succeeded);
  // What failed was not charged: nothing is known of a model that never answered, and nothing is missing either.
  const known = habit.usdPerCall !== null && succeeded > 0;
  const free = known && paid === 0n;
  const tokens = BigInt(succeeded * habit.answerTokens);
  const answered = succeeded > 0;
  return {
    target: habit.target,
    label: habit.label,
    simulated: habit.simulated ?? false,
    requests,
    succeeded,
    cancelled,
    latency: answered ? spread(habit.p50) : null,
    ttft: answered ? spread(Math.round(habit.p50 / 5)) : null,
    trend: trendOf(habit.drift ?? 0, succeeded),
    success: wilson(succeeded, requests - cancelled),
    usd: known ? usdOf(paid) : null,
    unpriced: habit.usdPerCall === null ? succeeded : 0,
    usd_per_request: known ? eighth(paid, BigInt(succeeded)) : null,
    usd_per_1k_answer_tokens: known && tokens > 0n ? eighth(paid * 1_000n, tokens) : null,
    answers_per_usd: known && !free && paid > 0n ? succeeded / Number(usdOf(paid)) : null,
    tokens_per_second: answered ? habit.tokensPerSecond : null,
    errors,
    steps: stepsOf(habit, { requests, succeeded }, days, until),
  };
}

/** To eight digits, rounded half up. */
function eighth(pico: bigint, by: bigint): string {
  const unit = 10_000n;
  return usdOf(((pico * 2n + by * unit) / (2n * by * unit)) * unit);
}

function spread(p50_ms: number): Spread {
  return {
    average_ms: Math.round(p50_ms * 1.16),
    p50_ms,
    p95_ms: Math.round(p50_ms * 2.3),
    p99_ms: Math.round(p50_ms * 3.9),
  };
}

function trendOf(drift: number, answered: number): LatencyTrend {
  if (answered < ENOUGH_CALLS) return { direction: "unknown", change_percent: null };
  const direction = Math.abs(drift) < STEADY_PERCENT ? "steady" : drift > 0 ? "slower" : "faster";
  return { direction, change_percent: drift };
}

/** A rate with what it may be by chance. */
export function wilson(good: number, all: number): SuccessRate {
  if (all === 0) return { rate: null, least: null, most: null, verdict: "unknown" };
  const rate = good / all;
  const middle = (rate + (Z * Z) / (2 * all)) / (1 + (Z * Z) / all);
  const half = (Z / (1 + (Z * Z) / all)) * Math.sqrt((rate * (1 - rate)) / all + (Z * Z) / (4 * all * all));
  const [least, most] = [Math.max(0, middle - half), Math.min(1, middle + half)];
  const verdict = rate >= SUCCESS_TARGET ? "met" : most >= SUCCESS_TARGET ? "unsure" : "missed";
  return { rate, least, most, verdict };
}

function stepsOf(
  { p50, drift = 0, perDay }: ModelHabit,
  { requests, succeeded }: { requests: number; succeeded: number },
  days: number,
  until: number,
): TrendPoint[] {
  const shares = Array.from({ length: STEPS }, (_, at) => 0.4 + Math.abs(Math.sin(at * 0.9 + perDay)));
  const whole = shares.reduce((sum, share) => sum + share, 0);
  let [calls, answers] = [requests, succeeded];
  let left = whole;
  return shares.map((share, at) => {
    // What is left is spread over the steps that are left: the last takes the rest.
    const count = Math.round((calls * share) / left);
    const good = Math.min(count, Math.round((answers * share) / left));
    left -= share;
    calls -= count;
    answers -= good;
    const along = (at / (STEPS - 1) - 0.5) * (drift / 100);
    const average = Math.round(p50 * 1.16 * (1 + along + Math.sin(at * 2.1 + perDay) * 0.05));
    return {
      at: Math.round(until - ((STEPS - at) * days * DAY_MS) / STEPS),
      requests: count,
      succeeded: good,
      average_ms: good === 0 ? null : average,
    };
  });
}
