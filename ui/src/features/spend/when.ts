import type { SpendStep } from "../../backend/bindings/SpendStep";
import { dateFormat } from "../../shared/dateFormat";

export interface Calendar {
  /** IANA name: columns are days of the host's time zone, whatever this machine's is. */
  zone: string;
  locale: string;
}

const SHORT: Record<SpendStep, Intl.DateTimeFormatOptions> = {
  auto: { day: "numeric", month: "short" },
  hour: { hour: "2-digit", minute: "2-digit", hourCycle: "h23" },
  day: { day: "numeric", month: "short" },
  week: { day: "numeric", month: "short" },
  month: { month: "short", year: "2-digit" },
};

const LONG: Record<SpendStep, Intl.DateTimeFormatOptions> = {
  auto: { weekday: "short", day: "numeric", month: "short", year: "numeric" },
  hour: {
    weekday: "short",
    day: "numeric",
    month: "short",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  },
  day: { weekday: "short", day: "numeric", month: "short", year: "numeric" },
  week: { day: "numeric", month: "short", year: "numeric" },
  month: { month: "long", year: "numeric" },
};

/** Below a column. */
export function columnShort(at: number, step: SpendStep, { zone, locale }: Calendar): string {
  return dateFormat(locale, { ...SHORT[step], timeZone: zone }).format(at);
}

/** In a sentence, a table or the reading of a column. */
export function columnLong(at: number, step: SpendStep, { zone, locale }: Calendar): string {
  return dateFormat(locale, { ...LONG[step], timeZone: zone }).format(at);
}

/** A moment to the second, as the books have it. */
export function moment(at: number, { zone, locale }: Calendar): string {
  const options: Intl.DateTimeFormatOptions = {
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hourCycle: "h23",
    timeZone: zone,
  };
  return dateFormat(locale, options).format(at);
}

/** A day of the week by its number, 1 being Monday. */
export function weekday(day: number, locale: string, length: "short" | "long"): string {
  // 5 January 1970 was a Monday.
  return dateFormat(locale, { weekday: length, timeZone: "UTC" }).format((day + 3) * 86_400_000);
}

export function dayOnly(at: number, { zone, locale }: Calendar): string {
  return dateFormat(locale, { day: "numeric", month: "short", timeZone: zone }).format(at);
}

/** Days have 23 hours at least, where the clock is changed. */
const SHORTEST_DAY_MS = 23 * 3_600_000;

/** The days a range covers, its last one included; of less than a day the minutes too. */
export function span(from: number, until: number, { zone, locale }: Calendar): string {
  const days: Intl.DateTimeFormatOptions = { day: "numeric", month: "short", year: "numeric" };
  const hours: Intl.DateTimeFormatOptions = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  const format = dateFormat(locale, {
    ...days,
    ...(until - from < SHORTEST_DAY_MS && hours),
    timeZone: zone,
  });
  return format.formatRange(from, Math.max(from, until - 1));
}
