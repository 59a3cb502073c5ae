const made = new Map<string, Intl.DateTimeFormat>();

/**
 * Dates in a language of the window, days before months: 5 Nov. Made once each: making one is slow, and lists and charts need
 * hundreds of dates.
 */
export function dateFormat(tongue: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const locale = tongue === "zh" ? "zh-CN" : tongue === "en" ? "en-GB" : tongue;
  const key = `${locale} ${JSON.stringify(options)}`;
  const found = made.get(key);
  if (found !== undefined) return found;
  const fresh = new Intl.DateTimeFormat(locale, options);
  made.set(key, fresh);
  return fresh;
}
