import type { SpendMeasure } from "../../backend/bindings/SpendMeasure";
import type { SpendSums } from "../../backend/bindings/SpendSums";
import { formatCount, formatDuration, formatUsd, isFree } from "../../shared/format";
import { common } from "../../shared/i18n/messages/common";
import { spendWords } from "../../shared/i18n/messages/spend";

/** Money in words; no amount at all is said so. `~` when part of it is estimated. */
export function money(usd: string | null, estimated = false): string {
  if (usd === null) return spendWords().unpriced;
  if (isFree(usd)) return spendWords().nothing;
  return `${estimated ? "~" : ""}${formatUsd(usd)}`;
}

/** What some entries cost, in words: unpriced where no price is known, free where all of it was. */
export function moneyOf(sums: SpendSums): string {
  if (sums.requests === 0) return spendWords().nothing;
  if (sums.unpriced >= sums.requests) return spendWords().unpriced;
  if (isFree(sums.usd)) return common().free;
  const more = sums.unpriced > 0 ? "+" : "";
  return `${isFree(sums.estimated_usd) ? "" : "~"}${formatUsd(sums.usd)}${more}`;
}

/** To the last digit. */
export const exactly = (usd: string): string => (isFree(usd) ? common().free : `$${usd}`);

/** A value of the chart, short. */
export function valueShort(value: string | null, measure: SpendMeasure): string {
  if (value === null) return "–";
  switch (measure) {
    case "cost":
      return money(value);
    case "latency":
      return formatDuration(Number(value));
    case "tokens":
    case "requests":
      return formatCount(Number(value));
  }
}

/** A value of the chart, to the last digit, for tables. */
export function valueExact(value: string | null, measure: SpendMeasure): string {
  if (value === null) return "–";
  if (measure === "cost") return exactly(value);
  if (measure === "latency") return `${grouped(value)} ms`;
  return grouped(value);
}

const grouped = (whole: string): string => whole.replace(/\B(?=(\d{3})+$)/g, ",");

/**
 * Beside an axis: short, and no bare 0 where money is meant. Values of one axis have as many places as its steps need, which the
 * largest tells; without one each has what it needs itself.
 */
export function axisValue(value: number, measure: SpendMeasure, largest: number | null = null): string {
  if (value === 0) return measure === "cost" ? "" : "0";
  if (measure === "latency") return formatDuration(value);
  if (measure !== "cost") return formatCount(value);
  if (value >= 10_000) return `$${formatCount(value)}`;
  // Five steps or so go up to the largest.
  if (largest !== null) return `$${value.toFixed(largest >= 8 ? 0 : placesOf(largest / 5))}`;
  return `$${value.toFixed(value >= 10 ? 0 : placesOf(value))}`;
}

/** Down to the first digit that is not nothing, as cents at least. */
const placesOf = (value: number): number => Math.min(8, Math.max(2, -Math.floor(Math.log10(value))));

/** Basis points in words: never 0 % of something, nor all of it when something is left. */
export function percent(basisPoints: number): string {
  const words = spendWords();
  if (basisPoints > 0 && basisPoints < 100) return words.percent("<1");
  if (basisPoints > 9_900 && basisPoints < 10_000) return words.percent(">99");
  return words.percent(String(Math.round(basisPoints / 100)));
}
