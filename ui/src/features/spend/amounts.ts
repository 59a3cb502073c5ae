import type { SpendMeasure } from "../../backend/bindings/SpendMeasure";
import type { SpendSums } from "../../backend/bindings/SpendSums";
import { currentDisplay } from "../../shared/currency.svelte";
import { formatCount, formatDuration, formatUsd, isFree, withoutMark } from "../../shared/format";
import { common } from "../../shared/i18n/messages/common";
import { spendWords } from "../../shared/i18n/messages/spend";

/** Money in words; no amount at all is said so. `~` when part of it is estimated. */
export function money(usd: string | null, estimated = false): string {
  if (usd === null) return spendWords().unpriced;
  if (isFree(usd)) return spendWords().nothing;
  return estimated ? `~${withoutMark(formatUsd(usd))}` : formatUsd(usd);
}

type Priced = Pick<SpendSums, "usd" | "requests" | "unpriced">;

/** Calls without a price, and no money beside them: a correction is money without a call. */
export const isUnpriced = ({ usd, requests, unpriced }: Priced): boolean =>
  isFree(usd) && requests > 0 && unpriced >= requests;

/** What some entries cost, in words: unpriced where no price is known, free where all of it was. */
export function moneyOf(sums: Priced & Partial<SpendSums>): string {
  if (isUnpriced(sums)) return spendWords().unpriced;
  if (isFree(sums.usd)) return sums.requests === 0 ? spendWords().nothing : common().free;
  return `${money(sums.usd, !isFree(sums.estimated_usd ?? "0"))}${sums.unpriced > 0 ? "+" : ""}`;
}

/** To the last digit, in dollars, as the books have it. */
export function exactly(usd: string): string {
  if (isFree(usd)) return common().free;
  return usd.startsWith("-") ? `−$${usd.slice(1)}` : `$${usd}`;
}

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

/** A value that is said: to the last digit, where amounts are shown in the currency of the books. */
export const valueSaid = (value: string | null, measure: SpendMeasure): string =>
  measure === "cost" && currentDisplay().perUsd !== null
    ? valueShort(value, measure)
    : valueExact(value, measure);

/** Tables have the digits of the books: where another currency is shown, their head says in which they are. */
export const inDollars = (head: string): string =>
  currentDisplay().perUsd === null ? head : `${head} (USD)`;

/** What lengths of money are multiplied by, so that the steps of an axis are round in the currency that is shown. */
export const axisRate = (): number => Number(currentDisplay().perUsd ?? "1");

const grouped = (whole: string): string => whole.replace(/\B(?=(\d{3})+$)/g, ",");

/**
 * Beside an axis, of an amount in the currency that is shown: short, and no bare 0 where money is meant. Values of one axis have as many places as its steps need, which the
 * largest tells; without one each has what it needs itself.
 */
export function axisValue(value: number, measure: SpendMeasure, largest: number | null = null): string {
  if (value === 0) return measure === "cost" ? "" : "0";
  if (measure === "latency") return formatDuration(value);
  if (measure !== "cost") return formatCount(value);
  const { sign } = currentDisplay();
  if (value < 0) return `−${axisValue(-value, measure, largest)}`;
  if (value >= 10_000) return `${sign}${formatCount(value)}`;
  // Five steps or so go up to the largest.
  if (largest !== null) return `${sign}${value.toFixed(largest >= 8 ? 0 : placesOf(largest / 5))}`;
  return `${sign}${value.toFixed(value >= 10 ? 0 : placesOf(value))}`;
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
