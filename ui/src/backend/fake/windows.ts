import type { BudgetPeriod } from "../bindings/BudgetPeriod";

const DAY_MS = 86_400_000;

/** From when to when a budget counts now, in this machine's time zone; no end where it moves on by itself or never ends. */
export function windowOf(
  period: BudgetPeriod,
  now: number,
  madeAt: number,
): { start: number; end: number | null } {
  const day = new Date(now);
  day.setHours(0, 0, 0, 0);
  const shifted = (change: (date: Date) => void) => {
    const date = new Date(day);
    change(date);
    return date.getTime();
  };
  switch (period.kind) {
    case "day":
      return { start: day.getTime(), end: shifted((date) => date.setDate(date.getDate() + 1)) };
    case "week": {
      const sinceMonday = (day.getDay() + 6) % 7;
      return {
        start: shifted((date) => date.setDate(date.getDate() - sinceMonday)),
        end: shifted((date) => date.setDate(date.getDate() - sinceMonday + 7)),
      };
    }
    case "month":
      return {
        start: shifted((date) => date.setDate(1)),
        end: shifted((date) => date.setMonth(date.getMonth() + 1, 1)),
      };
    case "rolling":
      return { start: day.getTime() - (period.days - 1) * DAY_MS, end: null };
    case "total":
      return { start: madeAt, end: null };
  }
}
