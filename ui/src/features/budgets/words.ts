import type { BudgetPeriod } from "../../backend/bindings/BudgetPeriod";
import type { BudgetView } from "../../backend/bindings/BudgetView";
import type { OnLimit } from "../../backend/bindings/OnLimit";
import { formatUsd, isFree } from "../../shared/format";
import { budgets } from "../../shared/i18n/messages/budgets";
import { partsOf, sumOf, textOf } from "../../shared/exact";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** An amount that may be nothing at all, which nobody calls free here. */
export function amount(usd: string): string {
  return isFree(usd) ? budgets().nothing : formatUsd(usd);
}

/** $3.21 left today. */
export function leftWords(period: BudgetPeriod, leftUsd: string): string {
  const words = budgets();
  const left = amount(leftUsd);
  switch (period.kind) {
    case "day":
      return words.leftToday(left);
    case "week":
      return words.leftWeek(left);
    case "month":
      return words.leftMonth(left);
    case "rolling":
      return words.leftRolling(left, period.days);
    case "total":
      return words.leftTotal(left);
  }
}

export function periodName(period: BudgetPeriod): string {
  const words = budgets();
  const names = { day: words.perDay, week: words.perWeek, month: words.perMonth, total: words.perTotal };
  return period.kind === "rolling" ? words.shortRolling(period.days) : names[period.kind];
}

/** How often it begins anew, as part of a name. */
export function often(period: BudgetPeriod): string {
  const words = budgets();
  const names = { day: words.daily, week: words.weekly, month: words.monthly, total: words.inAll };
  return period.kind === "rolling" ? words.shortRolling(period.days) : names[period.kind];
}

/** How long until it begins anew, in one unit. */
export function untilEnd({ draft, period_end }: BudgetView, now: number): string {
  const words = budgets();
  if (period_end === null) return draft.period.kind === "rolling" ? words.movesOn : words.endless;
  return words.endsIn(timeWords(period_end - now));
}

export function timeWords(ms: number): string {
  const words = budgets();
  if (ms < HOUR_MS) return words.minutes(Math.max(1, Math.round(ms / MINUTE_MS)));
  if (ms < 2 * DAY_MS) return words.hours(Math.round(ms / HOUR_MS));
  return words.days(Math.round(ms / DAY_MS));
}

/** When the period begins that counts now, where that lies ahead: a clock ran fast once. `null`: it has begun. */
export function aheadOf({ period_start }: BudgetView, now: number): number | null {
  return period_start > now ? period_start : null;
}

/** What is said of a budget that counts nothing so far; `null`: it does, or a deleted conversation is all it counted. */
export function unusedWords({ draft, unused }: BudgetView): string | null {
  const words = budgets();
  const { kind, name } = draft.scope;
  if (!unused) return null;
  if (kind === "folder") return words.unusedFolder(name ?? "");
  return kind === "tag" ? words.unusedTag(name ?? "") : words.unused;
}

export function endWords(onLimit: OnLimit): string {
  const words = budgets();
  const all = { warn: words.thenWarn, ask: words.thenAsk, cheaper: words.thenCheaper, stop: words.thenStop };
  return all[onLimit];
}

/** Spent and set aside together. */
export function usedOf(view: BudgetView): string {
  return sumOf([view.spent_usd, view.reserved_usd]) ?? "0";
}

/** How far beyond the limit it is; `null`: it is not. */
export function beyondOf(view: BudgetView): string | null {
  const over = partsOf(usedOf(view)) - partsOf(view.draft.limit_usd);
  return over > 0n ? textOf(over) : null;
}

/** When the limit is reached at the pace of the host's forecast; `null`: not in this period. */
export function crossing(
  { draft, spent_usd, forecast_usd, period_end }: BudgetView,
  now: number,
): number | null {
  if (forecast_usd === null || period_end === null) return null;
  const [limit, spent, forecast] = [draft.limit_usd, spent_usd, forecast_usd].map(partsOf);
  if (limit === undefined || spent === undefined || forecast === undefined) return null;
  if (forecast <= limit || forecast <= spent) return null;
  if (spent >= limit) return now;
  return now + Number((BigInt(Math.max(0, period_end - now)) * (limit - spent)) / (forecast - spent));
}

/** What the period comes to at its present pace, in words; `null` where nothing can be said or need be. */
export function forecastWords(
  view: BudgetView,
  now: number,
  { locale, zone }: { locale: string; zone: string | null },
): { text: string; over: boolean } | null {
  const words = budgets();
  const { kind } = view.draft.period;
  if (view.period_end === null || kind === "rolling" || kind === "total") return null;
  if (isFree(view.spent_usd)) return { text: words.quiet, over: false };
  if (view.forecast_usd === null) return { text: words.tooEarly, over: false };
  const forecast = formatUsd(view.forecast_usd);
  const over = crossing(view, now);
  if (over !== null && over > now) {
    const options: Intl.DateTimeFormatOptions =
      kind === "day"
        ? { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }
        : kind === "week"
          ? { weekday: "long" }
          : { day: "numeric", month: "long" };
    const when = new Intl.DateTimeFormat(locale, { ...options, ...(zone !== null && { timeZone: zone }) });
    return { text: words.overBy(when.format(over), forecast), over: true };
  }
  const course = { day: words.courseDay, week: words.courseWeek, month: words.courseMonth }[kind];
  return { text: course(forecast), over: over !== null };
}
