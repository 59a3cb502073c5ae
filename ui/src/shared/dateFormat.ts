const made = new Map<string, Intl.DateTimeFormat>();

/** Made once each: making one is slow, and lists and charts need hundreds of dates. */
export function dateFormat(locale: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${locale} ${JSON.stringify(options)}`;
  const found = made.get(key);
  if (found !== undefined) return found;
  const fresh = new Intl.DateTimeFormat(locale, options);
  made.set(key, fresh);
  return fresh;
}
