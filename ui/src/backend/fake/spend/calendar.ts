import type { SpendRange } from "../../bindings/SpendRange";
import type { SpendStep } from "../../bindings/SpendStep";

const DAY_MS = 86_400_000;

export interface Stretch {
  from: number;
  until: number;
}

function midnight(at: number, days = 0): number {
  const date = new Date(at);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() + days).getTime();
}

/** The first moment of the day, week, month or hour that holds a moment. */
function begin(at: number, step: SpendStep): number {
  const date = new Date(at);
  if (step === "hour")
    return new Date(date.getFullYear(), date.getMonth(), date.getDate(), date.getHours()).getTime();
  if (step === "week") return midnight(at, -((date.getDay() + 6) % 7));
  if (step === "month") return new Date(date.getFullYear(), date.getMonth(), 1).getTime();
  return midnight(at);
}

function next(at: number, step: SpendStep): number {
  if (step === "hour") return at + 3_600_000;
  if (step === "month") {
    const date = new Date(at);
    return new Date(date.getFullYear(), date.getMonth() + 1, 1).getTime();
  }
  return midnight(at, step === "week" ? 7 : 1);
}

const dayOf = (day: string): number => new Date(`${day}T00:00`).getTime();

/**
 * What a range is compared with: of a period that is under way the same part of the one before, of other ranges as much time as they
 * take. `null`: there is none.
 */
export function beforeOf(range: SpendRange, { from, until }: Stretch, now: number): Stretch | null {
  const first = new Date(from);
  switch (range.kind) {
    case "all":
      return null;
    case "today":
    case "week":
    case "days": {
      const days = range.kind === "today" ? 1 : range.kind === "week" ? 7 : range.days;
      return { from: midnight(from, -days), until: Math.min(now - days * DAY_MS, from) };
    }
    case "month": {
      const began = new Date(first.getFullYear(), first.getMonth() - 1, 1).getTime();
      return { from: began, until: Math.min(began + (now - from), from) };
    }
    case "year": {
      const began = new Date(first.getFullYear() - 1, 0, 1).getTime();
      return { from: began, until: Math.min(began + (now - from), from) };
    }
    case "last_month":
      return { from: new Date(first.getFullYear(), first.getMonth() - 1, 1).getTime(), until: from };
    default:
      return { from: from - (until - from), until: from };
  }
}

/** The days of a range; `first` is the first entry of the books. */
export function stretchOf(range: SpendRange, now: number, first: number): Stretch {
  const until = midnight(now, 1);
  switch (range.kind) {
    case "today":
      return { from: midnight(now), until };
    case "week":
      return { from: begin(now, "week"), until };
    case "month":
      return { from: begin(now, "month"), until };
    case "yesterday":
      return { from: midnight(now, -1), until: midnight(now) };
    case "last_month": {
      const [year, month] = [new Date(now).getFullYear(), new Date(now).getMonth()];
      return { from: new Date(year, month - 1, 1).getTime(), until: begin(now, "month") };
    }
    case "dates":
      return { from: dayOf(range.first), until: midnight(dayOf(range.last), 1) };
    case "days":
      return { from: midnight(now, 1 - range.days), until };
    case "year":
      return { from: new Date(new Date(now).getFullYear(), 0, 1).getTime(), until };
    case "all":
      return { from: midnight(Math.min(first, now)), until };
    case "between":
      return { from: range.from, until: range.until };
  }
}

export function columnsOf(
  { from, until }: Stretch,
  asked: SpendStep,
): { step: SpendStep; columns: number[] } {
  const days = (until - from) / DAY_MS;
  const fitting = days <= 2.2 ? "hour" : days <= 62 ? "day" : days <= 430 ? "week" : "month";
  const step = asked === "auto" ? fitting : asked;
  const columns: number[] = [];
  for (let at = begin(from, step); at < until; at = next(at, step)) columns.push(Math.max(at, from));
  return { step, columns };
}

/** Where the period ends that a forecast is of: the week or the year that is looked at, else the month. */
export function forecastEnd(range: SpendRange, now: number): number {
  if (range.kind === "week") return next(begin(now, "week"), "week");
  if (range.kind === "year") return new Date(new Date(now).getFullYear() + 1, 0, 1).getTime();
  return next(begin(now, "month"), "month");
}
