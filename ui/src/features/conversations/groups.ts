import type { ConversationSummary } from "../../backend/bindings/ConversationSummary";
import { daysBetween } from "../../shared/format";
import { folderNames } from "./filing";

const LONG_AGO_MS = 3 * 86_400_000;

export interface DayGroup {
  name: "pinned" | "today" | "yesterday" | "earlier";
  rows: ConversationSummary[];
}

export interface FolderGroup {
  name: string;
  rows: ConversationSummary[];
}

/**
 * The list under its headings; latest first in each, headings without a row left out. What lies in a folder stands there;
 * pinned rows stand on top wherever they lie.
 */
export function groupByDay(summaries: readonly ConversationSummary[], now: number): DayGroup[] {
  const order: DayGroup["name"][] = ["pinned", "today", "yesterday", "earlier"];
  const groupOf = (summary: ConversationSummary): DayGroup["name"] | null => {
    if (summary.pinned) return "pinned";
    if (summary.folder !== null) return null;
    // Telling days apart is slow, and so much time holds a whole one whatever the clock does.
    if (now - summary.updated_at > LONG_AGO_MS) return "earlier";
    const days = daysBetween(summary.updated_at, now);
    return days <= 0 ? "today" : days === 1 ? "yesterday" : "earlier";
  };
  const sorted = latestFirst(summaries);
  return order
    .map((name) => ({ name, rows: sorted.filter((summary) => groupOf(summary) === name) }))
    .filter(({ rows }) => rows.length > 0);
}

/** The folders by name with all they hold, pinned rows among it: a folder says what is in it. */
export function groupByFolder(summaries: readonly ConversationSummary[]): FolderGroup[] {
  const sorted = latestFirst(summaries);
  return folderNames(summaries).map((name) => ({
    name,
    rows: sorted.filter(({ folder }) => folder === name),
  }));
}

function latestFirst(summaries: readonly ConversationSummary[]): ConversationSummary[] {
  return summaries.toSorted((a, b) => b.updated_at - a.updated_at);
}
