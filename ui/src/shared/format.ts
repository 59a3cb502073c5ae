import type { CostView } from "../backend/bindings/CostView";
import type { Spend } from "../backend/bindings/Spend";
import { currentDisplay } from "./currency.svelte";
import { dateFormat, isoDay } from "./dateFormat";
import { digitsOf, times } from "./decimal";
import { common } from "./i18n/messages/common";
import { currentZone } from "./zone.svelte";

/** Rounds half up to `places` digits after the point. */
function rounded(whole: string, fraction: string, places: number): { whole: string; fraction: string } {
  const kept = fraction.slice(0, places).padEnd(places, "0");
  const up = (fraction[places] ?? "0") >= "5" ? 1n : 0n;
  const all = (BigInt(whole + kept) + up).toString().padStart(places + 1, "0");
  return { whole: all.slice(0, all.length - places), fraction: all.slice(all.length - places) };
}

/** Before an amount that was converted at the user's own rate. */
const CONVERTED = "≈";

/**
 * Money in words, from exact decimal dollars: cents from a dollar up, below it two significant digits, and a bound under a
 * hundredth of a cent. Exactly nothing is "free", never a bare 0. In another currency the amount is converted first and
 * bears a mark.
 */
export function formatUsd(usd: string): string {
  // A correction or a credit.
  if (usd.startsWith("-")) return negative(formatUsd(usd.slice(1)));
  const { sign, places, perUsd } = currentDisplay();
  const digits = digitsOf(perUsd === null ? usd : times(usd, perUsd));
  if (digits === null) return usd;
  const { whole, fraction } = digits;
  if (whole === "0" && fraction === "") return common().free;
  const zeros = /^0*/.exec(fraction)?.[0].length ?? 0;
  if (whole === "0" && zeros >= 4) return `<${sign}0.0001`;
  return `${perUsd === null ? "" : CONVERTED}${sign}${figureOf(whole, fraction, places)}`;
}

const negative = (amount: string): string =>
  amount.startsWith(CONVERTED) ? `${CONVERTED}−${withoutMark(amount)}` : `−${amount}`;

function figureOf(whole: string, fraction: string, places: number): string {
  const written = (part: { whole: string; fraction: string }) =>
    `${part.whole.replace(/\B(?=(\d{3})+$)/g, ",")}${part.fraction === "" ? "" : `.${part.fraction}`}`;
  if (whole !== "0") return written(rounded(whole, fraction, places));
  const zeros = /^0*/.exec(fraction)?.[0].length ?? 0;
  const two = rounded(whole, fraction, zeros + 2);
  if (two.whole !== "0") return written({ whole: two.whole, fraction: "0".repeat(places) });
  return written({ whole: "0", fraction: two.fraction.replace(/0+$/, "").padEnd(2, "0") });
}

/** An amount that something else already says is not exact. */
export const withoutMark = (amount: string) =>
  amount.startsWith(CONVERTED) ? amount.slice(CONVERTED.length) : amount;

/** An estimate. */
const estimated = (amount: string) => `~${withoutMark(amount)}`;

/** From one amount to another, in one figure where both read alike: $0.021–0.094. */
export function formatUsdRange(least: string, most: string): string {
  const [from, to] = [formatUsd(least), formatUsd(most)];
  const { sign } = currentDisplay();
  if (from === to) return from;
  if (isFree(least)) return common().upTo(to);
  const second = withoutMark(to);
  return `${from}–${second.startsWith(sign) ? second.slice(sign.length) : second}`;
}

/** Exactly nothing: what costs nothing needs no "about". */
export function isFree(usd: string): boolean {
  return digitsOf(usd) !== null && !/[1-9]/.test(usd);
}

/** What an answer cost: `~` for an estimate, `≥` when fees may come on top. */
export function formatCost(cost: CostView): string {
  if (cost.usd === null) return common().unpriced;
  const amount = formatUsd(cost.usd);
  if (cost.at_least) return `≥ ${withoutMark(amount)}`;
  return cost.provenance === "estimated" && !isFree(cost.usd) ? estimated(amount) : amount;
}

/**
 * A sum of several calls: real money, else invented, else nothing to say. The two are never added; `besides` says that there is
 * invented money as well. `≥` where fees may come on top, `~` for an estimate, `+` where a part is unknown.
 */
export function formatSpend(spend: Spend): { text: string; simulated: boolean; besides: boolean } | null {
  const besides = spend.simulated_calls > 0;
  const real = (text: string) => ({ text, simulated: false, besides });
  const corrected = !isFree(spend.usd);
  if (spend.calls > 0 && spend.unpriced_calls >= spend.calls && !corrected) return real(common().unpriced);
  if (spend.calls > 0 || corrected) {
    const more = spend.unpriced_calls > 0 ? "+" : "";
    const amount = formatUsd(spend.usd);
    if (spend.at_least) return real(`≥ ${withoutMark(amount)}${more}`);
    return real(`${spend.estimated && corrected ? estimated(amount) : amount}${more}`);
  }
  return besides ? { text: formatUsd(spend.simulated_usd), simulated: true, besides: false } : null;
}

/** Dollars to the last digit, as the books hold them. */
export function formatExact(usd: string): string {
  if (isFree(usd)) return common().free;
  return usd.startsWith("-") ? `−$${usd.slice(1)}` : `$${usd}`;
}

/** A price per million tokens, as it is written on price lists. */
export function formatPrice(usdPerMtok: string): string {
  const { sign, perUsd } = currentDisplay();
  const digits = digitsOf(perUsd === null ? usdPerMtok : times(usdPerMtok, perUsd));
  if (digits === null) return usdPerMtok;
  if (digits.whole === "0" && digits.fraction === "") return common().free;
  // A price of the list is exact; a converted one has as many digits as anybody reads.
  const zeros = digits.whole === "0" ? (/^0*/.exec(digits.fraction)?.[0].length ?? 0) : 0;
  const { whole, fraction } =
    perUsd === null ? digits : rounded(digits.whole, digits.fraction, zeros + (digits.whole === "0" ? 3 : 2));
  const kept = fraction.replace(/0+$/, "");
  return `${perUsd === null ? "" : CONVERTED}${sign}${whole}${kept === "" ? "" : `.${kept.padEnd(2, "0")}`}`;
}

/** 412, 2.1k, 34k, 1.2M. */
export function formatCount(count: number): string {
  if (count < 1_000) return String(Math.round(count));
  const [value, unit] = count < 999_500 ? [count / 1_000, "k"] : [count / 1_000_000, "M"];
  return `${value < 9.95 ? value.toFixed(1).replace(/\.0$/, "") : Math.round(value)}${unit}`;
}

/** 0.6 s, 4.2 s, 12 s, 2 min 5 s. */
export function formatDuration(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 9.95) return `${Math.max(seconds, 0.1).toFixed(1)} s`;
  if (seconds < 59.5) return `${Math.round(seconds)} s`;
  const whole = Math.round(seconds);
  const rest = whole % 60;
  return rest === 0 ? `${Math.floor(whole / 60)} min` : `${Math.floor(whole / 60)} min ${rest} s`;
}

/** Time that is left, in whole seconds that stay in one line: 4 s, 2 min 5 s. */
export function formatSeconds(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  return (seconds < 60 ? `${seconds} s` : formatDuration(seconds * 1000)).replaceAll(" ", "\u00a0");
}

/** Tokens per second. */
export function formatRate(tokensPerSecond: number): string {
  return tokensPerSecond < 9.95 ? tokensPerSecond.toFixed(1) : String(Math.round(tokensPerSecond));
}

/** The time of day for today, else the day. */
export function formatWhen(at: number, now: number, locale: string): string {
  const timeZone = currentZone();
  if (daysBetween(at, now) === 0)
    return dateFormat(locale, { hour: "2-digit", minute: "2-digit", hour12: false, timeZone }).format(at);
  const year = dateFormat("en", { year: "numeric", timeZone });
  return dateFormat(locale, {
    day: "numeric",
    month: "short",
    ...(year.format(at) === year.format(now) ? {} : { year: "numeric" }),
    timeZone,
  }).format(at);
}

/** Midnights between two moments, in the calendar of the window's zone. */
export function daysBetween(at: number, now: number): number {
  const zone = currentZone();
  const day = (ms: number) => Math.round(Date.parse(isoDay(ms, zone)) / 86_400_000);
  return day(now) - day(at);
}

/** 812 B, 4.2 kB, 1.3 MB. */
export function formatBytes(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`;
  const [value, unit] = bytes < 999_500 ? [bytes / 1_000, "kB"] : [bytes / 1_000_000, "MB"];
  return `${value < 9.95 ? value.toFixed(1).replace(/\.0$/, "") : Math.round(value)} ${unit}`;
}
