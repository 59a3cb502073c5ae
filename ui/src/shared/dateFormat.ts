/** What is asked of a format of dates. */
export interface DateFormat {
  format: (at: Date | number) => string;
  formatRange: (from: Date | number, until: Date | number) => string;
  formatToParts: (at: Date | number) => Intl.DateTimeFormatPart[];
}

const made = new Map<string, DateFormat>();

/**
 * Dates in a language of the window, days before months: 5 Nov. Made once each: making one is slow, and lists and charts need
 * hundreds of dates.
 */
export function dateFormat(tongue: string, options: Intl.DateTimeFormatOptions): DateFormat {
  const locale = tongue === "zh" ? "zh-CN" : tongue === "en" ? "en-GB" : tongue;
  const key = `${locale} ${JSON.stringify(options)}`;
  const found = made.get(key);
  if (found !== undefined) return found;
  const fresh = inZone(locale, options);
  made.set(key, fresh);
  return fresh;
}

/** A host that knows no name for its zone says how far it is ahead of UTC, which not every engine takes for a zone. */
function inZone(locale: string, options: Intl.DateTimeFormatOptions): DateFormat {
  const ahead = aheadOf(options.timeZone ?? "");
  if (ahead !== null) return shifted(new Intl.DateTimeFormat(locale, { ...options, timeZone: "UTC" }), ahead);
  try {
    return new Intl.DateTimeFormat(locale, options);
  } catch {
    // A name this engine has not heard of: the machine's own zone is the nearest there is.
    return new Intl.DateTimeFormat(locale, { ...options, timeZone: undefined });
  }
}

/** Milliseconds of +05:30; `null`: it is a name. */
function aheadOf(zone: string): number | null {
  const [, sign, hours, minutes, seconds] = /^([+-])(\d\d):(\d\d)(?::(\d\d))?$/.exec(zone) ?? [];
  if (sign === undefined) return null;
  const ms = ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds ?? 0)) * 1_000;
  return sign === "-" ? -ms : ms;
}

function shifted(format: Intl.DateTimeFormat, ahead: number): DateFormat {
  const there = (at: Date | number) => Number(at) + ahead;
  return {
    format: (at) => format.format(there(at)),
    formatRange: (from, until) => format.formatRange(there(from), there(until)),
    formatToParts: (at) => format.formatToParts(there(at)),
  };
}

/** A day of a zone as fields for dates know it: 2026-11-22. */
export function isoDay(at: number, zone: string): string {
  const parts = dateFormat("en", {
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    timeZone: zone,
  }).formatToParts(at);
  const part = (type: string) => parts.find((one) => one.type === type)?.value ?? "";
  return `${part("year")}-${part("month")}-${part("day")}`;
}
