/**
 * The end of a streaming answer is often half a construct. This makes it look like what it is about to become, so that
 * nothing flips shape when the next token arrives. Only the very last block is touched, and only while streaming; the
 * finished answer never passes here.
 */
import type { MarkdownIt } from "markdown-it";
import type { StateCore, Token } from "markdown-it";

import type { RenderEnv } from "./parser";

export function healRule(md: MarkdownIt): void {
  md.core.ruler.before("tasks", "heal", (state) => {
    const env = state.env as RenderEnv;
    if (!env.streaming) return;
    openTable(md, state);
    if (state.src.endsWith("\n")) return;
    holdSetext(state.tokens);
    const last = lastInline(state);
    if (last === null) return;
    last.content = closeInline(last.content);
    env.openInline = last.content;
  });
}

/** "Title\n-" is the start of a list, a rule or a heading: until the line is complete it stays a paragraph. */
function holdSetext(tokens: Token[]): void {
  const open = tokens.at(-3);
  const close = tokens.at(-1);
  if (open?.type !== "heading_open" || close === undefined || (open.markup !== "-" && open.markup !== "="))
    return;
  open.type = "paragraph_open";
  close.type = "paragraph_close";
  open.tag = close.tag = "p";
}

const HEADER_ROW = /^\|.+/;
const PART_OF_RULE = /^\|?[\s|:-]*$/;

/** A header row is shown as a table at once, before the row of dashes under it has arrived. */
function openTable(md: MarkdownIt, state: StateCore): void {
  const { tokens } = state;
  const inline = tokens.at(-2);
  if (
    tokens.at(-3)?.type !== "paragraph_open" ||
    tokens.at(-1)?.type !== "paragraph_close" ||
    inline?.level !== 1
  )
    return;
  const lines = inline.content.split("\n");
  const header = lines[0] ?? "";
  if (lines.length > 2 || !HEADER_ROW.test(header) || !PART_OF_RULE.test(lines[1] ?? "")) return;
  const columns = Math.max(1, header.split("|").filter((cell) => cell.trim() !== "").length);
  const whole = `${header.trimEnd().replace(/([^|])$/, "$1|")}\n|${"---|".repeat(columns)}`;
  const table: Token[] = [];
  md.block.parse(whole, md, state.env, table);
  if (table[0]?.type !== "table_open") return;
  const firstLine = tokens.at(-3)?.map?.[0] ?? 0;
  table[0].map = [firstLine, firstLine + lines.length];
  tokens.splice(-3, 3, ...table);
}

/** The inline token that holds the last characters of the text, if the text ends in one. */
function lastInline(state: StateCore): Token | null {
  for (let at = state.tokens.length - 1; at >= 0; at -= 1) {
    const token = state.tokens[at];
    if (token === undefined || token.nesting === 1) return null;
    if (token.type === "inline") return token;
    if (token.nesting === 0) return null;
  }
  return null;
}

/** More open markers than this are not emphasis. */
const MOST_OPEN = 8;

/** Closes what is open at the end of a paragraph: emphasis, code, a link whose address is still arriving. */
export function closeInline(text: string): string {
  const code = openCodeRun(text);
  if (code !== null) {
    const atEnd = code.at + code.run.length === text.length;
    return atEnd ? text.slice(0, code.at) : text + code.run;
  }
  const linkless = text
    .replace(/!\[[^\]\n]{0,300}(?:\]\([^()\s]*)?$/, "")
    .replace(/\[([^[\]\n]{1,300})\]\([^()\s]*$/, "$1");
  return closeEmphasis(linkless);
}

/** The backtick run that opens a code span which is never closed, or null. */
function openCodeRun(text: string): { at: number; run: string } | null {
  const runs = [...text.matchAll(/(?<!\\)`+/g)];
  let at = 0;
  while (at < runs.length) {
    const opener = runs[at];
    if (opener === undefined) return null;
    const closer = runs.findIndex((run, index) => index > at && run[0] === opener[0]);
    if (closer < 0) return { at: opener.index, run: opener[0] };
    at = closer + 1;
  }
  return null;
}

function closeEmphasis(text: string): string {
  const open: string[] = [];
  const withoutCode = text.replace(/(?<!\\)(`+)(?:(?!\1).)+?\1/gs, (span) => " ".repeat(span.length));
  for (const found of withoutCode.matchAll(/(?<![\\*~])(\*\*\*|\*\*|\*|~~)(?![*~])/g)) {
    const marker = found[0];
    const before = withoutCode.charAt(found.index - 1);
    const after = withoutCode.charAt(found.index + marker.length);
    const opens = after.trim() !== "" || found.index + marker.length === withoutCode.length;
    const closes = before.trim() !== "";
    if (closes && open.at(-1) === marker) open.pop();
    else if (opens && !/\w/.test(before)) open.push(marker);
  }
  if (open.length > MOST_OPEN) return text;
  const dangling = open.at(-1);
  const bare = dangling !== undefined && text.endsWith(dangling) ? text.slice(0, -dangling.length) : text;
  if (bare !== text) open.pop();
  if (open.length === 0) return bare;
  const spaces = /\s*$/.exec(bare)?.[0] ?? "";
  return bare.slice(0, bare.length - spaces.length) + open.reverse().join("") + spaces;
}
