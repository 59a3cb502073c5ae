/** Midnight to midnight around a moment, by the clock of a zone. A day on which the clock is changed has 23 or 25 hours. */
export function dayAround(at: number, zone: string): { from: number; until: number } {
  const [year, month, day] = dateIn(at, zone);
  return { from: midnight(year, month, day, zone), until: midnight(year, month, day + 1, zone) };
}

function dateIn(at: number, zone: string): [year: number, month: number, day: number] {
  const parts = partsIn(at, zone);
  return [parts.year, parts.month, parts.day];
}

/** The moment a date begins in a zone: reckoned as if it were UTC, then moved by what the zone is off by there. */
function midnight(year: number, month: number, day: number, zone: string): number {
  const asUtc = Date.UTC(year, month - 1, day);
  const guess = asUtc - offset(asUtc, zone);
  return asUtc - offset(guess, zone);
}

/** By how much a zone's clock is before UTC at a moment, in milliseconds. */
function offset(at: number, zone: string): number {
  const { year, month, day, hour, minute, second } = partsIn(at, zone);
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(at / 1_000) * 1_000;
}

type Parts = Record<"year" | "month" | "day" | "hour" | "minute" | "second", number>;

function partsIn(at: number, zone: string): Parts {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  const found = new Map(format.formatToParts(at).map(({ type, value }) => [type as string, Number(value)]));
  const part = (name: string) => found.get(name) ?? 0;
  return {
    year: part("year"),
    month: part("month"),
    day: part("day"),
    hour: part("hour"),
    minute: part("minute"),
    second: part("second"),
  };
}
