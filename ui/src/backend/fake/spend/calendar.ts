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

export const monthEnd = (now: number): number => next(begin(now, "month"), "month");
