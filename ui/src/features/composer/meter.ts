import type { BudgetView } from "../../backend/bindings/BudgetView";
import type { LanePreview } from "../../backend/bindings/LanePreview";
import type { TightestBudget } from "../../backend/bindings/TightestBudget";
import type { TurnPreview } from "../../backend/bindings/TurnPreview";
import { formatUsd, formatUsdRange, isFree, withoutMark } from "../../shared/format";
import { common } from "../../shared/i18n/messages/common";
import { composer } from "../../shared/i18n/messages/composer";

/** How full a context is: `over` when request and answer do not fit. */
export type Fullness = "fine" | "near" | "over";

/** From this share on a context counts as nearly full. */
const NEAR = 0.8;

/** The share of the context window a request takes; `null` when the window is not known. */
export function shareOf(lane: LanePreview): number | null {
  return lane.context_window === null || lane.context_window === 0 ? null : lane.tokens / lane.context_window;
}

/** The share in words: whole percents, and a bound below one. */
export function formatShare(share: number): string {
  return share > 0 && share < 0.01 ? "<1 %" : `${Math.floor(share * 100)} %`;
}

export function fullnessOf(lane: LanePreview): Fullness {
  if (!lane.fits) return "over";
  return (shareOf(lane) ?? 0) >= NEAR ? "near" : "fine";
}

/** The lane that is nearest to its limit, or over it; `null` without lanes whose limit is known. */
export function fullest(lanes: readonly LanePreview[]): LanePreview | null {
  const rank = (lane: LanePreview) => (lane.fits ? 0 : 1_000_000) + (shareOf(lane) ?? 0);
  const known = lanes.filter((lane) => !lane.fits || shareOf(lane) !== null);
  return known.toSorted((a, b) => rank(b) - rank(a))[0] ?? null;
}

/** Counted by the model's own tokenizer or its provider. */
export function isExact(lane: LanePreview): boolean {
  return lane.source === "tokenizer" || lane.source === "provider";
}

/** 3,120, or ~3,120 where it is an estimate. */
export function formatTokens(tokens: number, exact: boolean): string {
  return `${exact ? "" : "~"}${tokens.toLocaleString("en-US")}`;
}

/** All lanes' tokens together. */
export function tokensOf({ lanes }: Pick<TurnPreview, "lanes">): string {
  const sum = lanes.reduce((total, lane) => total + lane.tokens, 0);
  return formatTokens(sum, lanes.every(isExact));
}

/**
 * What sending would cost, in words; no sum is made here. Invented money is never added to real money: beside it the demo is
 * only named, and where there is nothing else its sum is labelled as invented.
 */
export function costOf(preview: TurnPreview): string {
  const real = preview.lanes.filter((lane) => !lane.simulated).length;
  const simulated = preview.lanes.length - real;
  if (simulated > 0 && real === 0) {
    return composer().inventedSum(rangeOf(preview.simulated_expected_usd, preview.simulated_worst_usd));
  }
  if (real === 0) return "";
  const parts: string[] = [];
  if (preview.unpriced === real) parts.push(common().unpriced);
  else {
    parts.push(rangeOf(preview.expected_usd, preview.worst_usd));
    if (preview.unpriced > 0) parts.push(composer().andUnpriced(preview.unpriced));
  }
  if (simulated > 0) parts.push(composer().andDemo(simulated));
  return parts.join(" + ");
}

function rangeOf(expected: string, worst: string): string {
  const range = formatUsdRange(expected, worst);
  return isFree(expected) ? range : composer().about(withoutMark(range));
}

/** The lane with the largest part of the worst case; `null` where there is nothing to compare. */
export function dearestOf(lanes: readonly LanePreview[]): LanePreview | null {
  const known = lanes.filter((lane) => lane.share_percent !== null);
  const [first, second] = known.toSorted((a, b) => (b.share_percent ?? 0) - (a.share_percent ?? 0));
  // Where all are as dear as each other, none is the dearest.
  if (first === undefined || second === undefined || first.share_percent === second.share_percent)
    return null;
  return first;
}

/** All of the budgets that figures of a prompt hang on, as one word: where it is another, they are asked for anew. */
export function moneyOf(views: readonly BudgetView[]): string {
  return JSON.stringify(views.map(({ draft, left_usd }) => [draft, left_usd]));
}

/** What is left of the budget with the least room. */
export function leftOf({ left_usd, name }: TightestBudget): string {
  return isFree(left_usd) ? composer().nothingLeft(name) : composer().left(formatUsd(left_usd));
}

/** An expected cost in words. */
export function aboutUsd(usd: string): string {
  return isFree(usd) ? formatUsd(usd) : composer().about(withoutMark(formatUsd(usd)));
}
