/**
 * LaTeX in markdown: `$..$`, `$$..$$`, `\(..\)`, `\[..\]`.
 *
 * A dollar is money far more often than mathematics, so a single `$` opens only where no prose does: see `inlineDollar`.
 * The tokens carry the TeX as plain text; `math.ts` draws it after sanitising.
 */
import type { MarkdownIt } from "markdown-it";
import type { StateBlock, StateInline } from "markdown-it";

import type { RenderEnv } from "../parser";

/** A formula longer than this is shown as its source: KaTeX is not asked to draw a page. */
const LONGEST_INLINE = 2_000;
const LONGEST_BLOCK_LINES = 200;

const DOLLAR = 0x24;
const BACKSLASH = 0x5c;

function isAsciiWord(code: number): boolean {
  return (code >= 0x30 && code <= 0x39) || (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0x0a;
}

/** The position of `closer` at or after `from`, or -1. Remembers that there is none, so that many openers stay linear. */
function findCloser(state: StateInline, closer: string, from: number): number {
  const missing = ((state.env as RenderEnv).missingClosers ??= new WeakMap());
  const known = missing.get(state) ?? {};
  const gaveUp = known[closer];
  if (gaveUp !== undefined && from >= gaveUp) return -1;
  let at = state.src.indexOf(closer, from);
  while (at > 0 && isEscaped(state.src, at)) at = state.src.indexOf(closer, at + 1);
  if (at < 0 || at >= state.posMax) {
    known[closer] = gaveUp === undefined ? from : Math.min(gaveUp, from);
    missing.set(state, known);
    return -1;
  }
  return at - from > LONGEST_INLINE ? -1 : at;
}

/** Whether the character is preceded by an odd number of backslashes; `\]` and `\)` count their own. */
function isEscaped(source: string, at: number): boolean {
  let slashes = 0;
  while (slashes < at && source.charCodeAt(at - 1 - slashes) === BACKSLASH) slashes += 1;
  return slashes % 2 === 1;
}

function pushMath(
  state: StateInline,
  type: "math_inline" | "math_display",
  tex: string,
  markup: string,
): void {
  const token = state.push(type, "span", 0);
  token.content = tex.trim();
  token.markup = markup;
}

/** Digits followed by words are a price and the sentence after it ("$5 for one and 10$ for two"), not a formula. */
function looksLikeProse(tex: string): boolean {
  return /^[\d.,]/.test(tex) && /\s[A-Za-z]{2,}/.test(tex) && !/[\\^_={}]/.test(tex);
}

/**
 * `$x$`: opens before a non-space and not after a letter or digit; closes after a non-space and not before a letter or
 * digit. So "$5 and $10", "US$5-$10" and "$HOME/$USER" stay text.
 */
function inlineDollar(state: StateInline, silent: boolean): boolean {
  const { src, pos, posMax } = state;
  if (src.charCodeAt(pos) !== DOLLAR) return false;
  if (src.charCodeAt(pos + 1) === DOLLAR) return displayBetween(state, silent, "$$", "$$");
  const before = pos > 0 ? src.charCodeAt(pos - 1) : 0;
  if (isAsciiWord(before) || before === DOLLAR || isBlank(src.charCodeAt(pos + 1))) return false;

  const end = findCloser(state, "$", pos + 1);
  if (end < 0 || end === pos + 1) return false;
  const after = end + 1 < posMax ? src.charCodeAt(end + 1) : 0;
  if (isBlank(src.charCodeAt(end - 1)) || isAsciiWord(after) || after === DOLLAR) return false;
  const tex = src.slice(pos + 1, end);
  if (looksLikeProse(tex)) return false;

  if (!silent) pushMath(state, "math_inline", tex, "$");
  state.pos = end + 1;
  return true;
}

function displayBetween(state: StateInline, silent: boolean, opener: string, closer: string): boolean {
  const start = state.pos + opener.length;
  const end = findCloser(state, closer, start);
  if (end < 0) return pending(state, silent, opener);
  if (state.src.slice(start, end).trim() === "") return false;
  if (!silent) pushMath(state, "math_display", state.src.slice(start, end), opener);
  state.pos = end + closer.length;
  return true;
}

/** `\(x\)` and, in the middle of a line, `\[x\]`. Stands before markdown's own escapes. */
function backslashMath(state: StateInline, silent: boolean): boolean {
  const { src, pos } = state;
  if (src.charCodeAt(pos) !== BACKSLASH) return false;
  const next = src.charAt(pos + 1);
  if (next === "[") return displayBetween(state, silent, "\\[", "\\]");
  if (next !== "(") return false;
  const end = findCloser(state, "\\)", pos + 2);
  if (end < 0) return pending(state, silent, "\\(");
  if (!silent) pushMath(state, "math_inline", src.slice(pos + 2, end), "\\(");
  state.pos = end + 2;
  return true;
}

/** While an answer streams, an open formula at its very end is shown as its source: half of one rarely means anything. */
function pending(state: StateInline, silent: boolean, opener: string): boolean {
  const env = state.env as RenderEnv;
  if (!env.streaming || env.openInline !== state.src) return false;
  if (state.posMax - state.pos > LONGEST_INLINE || state.posMax !== state.src.length) return false;
  if (!silent) {
    const token = state.push("math_pending", "span", 0);
    token.content = state.src.slice(state.pos + opener.length);
  }
  state.pos = state.posMax;
  return true;
}

/** A display formula that starts a line: `$$` or `\[` up to its closer at the end of a line. */
function mathBlock(state: StateBlock, startLine: number, endLine: number, silent: boolean): boolean {
  const start = lineStart(state, startLine);
  if ((state.sCount[startLine] ?? 0) - state.blkIndent >= 4) return false;
  const opener = state.src.slice(start, start + 2);
  if (opener !== "$$" && opener !== "\\[") return false;
  const closer = opener === "$$" ? "$$" : "\\]";

  const first = state.src.slice(start + 2, state.eMarks[startLine]);
  const found = findBlockEnd(state, startLine, endLine, closer, first);
  if (found === "not math") return false;
  const streaming = (state.env as RenderEnv).streaming;
  if (found === "open" && !streaming) return false;
  if (silent) return true;

  const lastLine = found === "open" ? state.lineMax : found;
  const body =
    lastLine === startLine
      ? first
      : `${first}\n${state.getLines(startLine + 1, Math.min(lastLine + 1, state.lineMax), state.sCount[startLine] ?? 0, false)}`;
  const token = state.push(found === "open" ? "math_block_open" : "math_block", "div", 0);
  token.content = found === "open" ? body.trim() : body.trimEnd().slice(0, -2).trim();
  token.block = true;
  state.line = Math.min(lastLine + 1, endLine);
  token.map = [startLine, state.line];
  return true;
}

function lineStart(state: StateBlock, line: number): number {
  return (state.bMarks[line] ?? 0) + (state.tShift[line] ?? 0);
}

function findBlockEnd(
  state: StateBlock,
  startLine: number,
  endLine: number,
  closer: string,
  first: string,
): number | "open" | "not math" {
  const sameLine = first.indexOf(closer);
  if (sameLine >= 0) return first.slice(sameLine + 2).trim() === "" && sameLine > 0 ? startLine : "not math";
  for (let line = startLine + 1; line < endLine; line += 1) {
    if (line - startLine > LONGEST_BLOCK_LINES) return "not math";
    const text = state.src.slice(lineStart(state, line), state.eMarks[line]);
    if ((state.sCount[line] ?? 0) < state.blkIndent && text !== "") return "not math";
    if (/^(?:```|~~~|#{1,6}\s)/.test(text)) return "not math";
    const at = text.indexOf(closer);
    if (at >= 0) return text.slice(at + 2).trim() === "" ? line : "not math";
  }
  return "open";
}

/** Adds the four forms to a parser, with renderers that emit nothing but escaped text in a marked element. */
export function mathRules(md: MarkdownIt): void {
  md.inline.ruler.before("escape", "math_backslash", backslashMath);
  md.inline.ruler.after("escape", "math_dollar", inlineDollar);
  md.block.ruler.after("fence", "math_block", mathBlock, {
    alt: ["paragraph", "reference", "blockquote", "list"],
  });
  const escape = md.utils.escapeHtml;
  md.renderer.rules["math_inline"] = (tokens, at) =>
    `<span class="math-inline">${escape(tokens[at]?.content ?? "")}</span>`;
  md.renderer.rules["math_display"] = (tokens, at) =>
    `<span class="math-display">${escape(tokens[at]?.content ?? "")}</span>`;
  md.renderer.rules["math_pending"] = (tokens, at) =>
    `<span class="math-pending">${escape(tokens[at]?.content ?? "")}</span>`;
  md.renderer.rules["math_block"] = (tokens, at) =>
    `<div class="math-display">${escape(tokens[at]?.content ?? "")}</div>\n`;
  md.renderer.rules["math_block_open"] = (tokens, at) =>
    `<div class="math-pending">${escape(tokens[at]?.content ?? "")}</div>\n`;
}
