/**
 * Lists and tables grow by rows. While one streams, the rows that are already on the page and did not change are left out
 * of sanitising and comparing: a long list costs what its last item costs.
 */
import type { Token } from "markdown-it";

import { renderTokens, type Parsed } from "./parser";

/** The HTML of a list or table, in pieces. */
export interface Rows {
  before: string;
  rows: string[];
  after: string;
}

/** The rows of a text that is one list, or one table with at least one row; else `null`. */
export function rowsOf(parsed: Parsed): Rows | null {
  const tokens = parsed.blocks.length === 1 ? parsed.blocks[0]?.tokens : undefined;
  const kind = tokens?.[0]?.type ?? "";
  if (tokens === undefined || parsed.tooDeep) return null;
  if (kind === "bullet_list_open" || kind === "ordered_list_open")
    return cut(tokens, "list_item_open", 1, parsed);
  return kind === "table_open" ? cut(tokens, "tr_open", 2, parsed, "tbody_open") : null;
}

function cut(tokens: Token[], opener: string, level: number, parsed: Parsed, after?: string): Rows | null {
  const start = after === undefined ? 0 : tokens.findIndex((token) => token.type === after);
  if (start < 0) return null;
  const starts: number[] = [];
  tokens.forEach((token, at) => {
    if (at > start && token.type === opener && token.level === level) starts.push(at);
  });
  const first = starts[0];
  if (first === undefined) return null;
  const end = tokens.findLastIndex((token) => token.level === level && token.nesting === -1) + 1;
  const html = (from: number, to: number): string => renderTokens(tokens.slice(from, to), parsed.env);
  return {
    before: html(0, first),
    rows: starts.map((from, at) => html(from, starts[at + 1] ?? end)),
    after: html(end, tokens.length),
  };
}

/** How many rows from the first are the same in both; 0 when what stands around them differs. */
export function unchangedRows(old: Rows | null, now: Rows): number {
  if (old === null || old.before !== now.before || old.after !== now.after) return 0;
  const differs = now.rows.findIndex((row, at) => row !== old.rows[at]);
  return differs < 0 ? now.rows.length : differs;
}

/** The element whose children are the rows: the list itself, or the body of the table in its box. */
export function rowParent(block: Element | null): Element | null {
  if (block === null) return null;
  return block.classList.contains("table-box")
    ? block.querySelector("tbody")
    : /^[UO]L$/.test(block.tagName)
      ? block
      : null;
}
