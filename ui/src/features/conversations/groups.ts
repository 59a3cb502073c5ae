import type { ConversationSummary } from "../../backend/bindings/ConversationSummary";
import { daysBetween } from "../../shared/format";

export interface DayGroup {
  name: "pinned" | "today" | "yesterday" | "earlier";
  rows: ConversationSummary[];
}

/** The list under its headings; latest first in each, headings without a row left out. */
export function groupByDay(summaries: readonly ConversationSummary[], now: number): DayGroup[] {
  const order: DayGroup["name"][] = ["pinned", "today", "yesterday", "earlier"];
  const latestFirst = summaries.toSorted((a, b) => b.updated_at - a.updated_at);
  const groupOf = (summary: ConversationSummary): DayGroup["name"] => {
    if (summary.pinned) return "pinned";
    const days = daysBetween(summary.updated_at, now);
    return days <= 0 ? "today" : days === 1 ? "yesterday" : "earlier";
  };
  return order
    .map((name) => ({ name, rows: latestFirst.filter((summary) => groupOf(summary) === name) }))
    .filter(({ rows }) => rows.length > 0);
}
