/**
 * Colours code with Shiki on its JavaScript engine (no wasm, so no 'wasm-unsafe-eval'). Engine and grammars load on
 * first use. Long blocks are worked off in slices so that a streaming window keeps its frames.
 */
import type { GrammarState, HighlighterCore } from "shiki/core";

import { grammarOf, type Language } from "./languages";
import { MARKS, tokenClass } from "./theme";

/** A piece of code with one class; `null` is plain. Line ends are part of the pieces. */
export interface Piece {
  text: string;
  className: string | null;
}

/** A longer block is not code to read; it stays plain. */
const LONGEST = 120_000;
const LONGEST_LINE = 2_000;
const LINES_PER_SLICE = 80;
const REMEMBERED_CHARACTERS = 1_000_000;

let highlighter: Promise<HighlighterCore> | null = null;
const remembered = new Map<string, Piece[]>();
let rememberedCharacters = 0;

function engine(): Promise<HighlighterCore> {
  highlighter ??= Promise.all([import("shiki/core"), import("shiki/engine/javascript")]).then(
    ([{ createHighlighterCore }, { createJavaScriptRegexEngine }]) =>
      createHighlighterCore({
        themes: [MARKS],
        langs: [],
        engine: createJavaScriptRegexEngine({ forgiving: true }),
      }),
  );
  return highlighter;
}

/** What an earlier call found for the same code, at once. */
export function knownPieces(code: string, language: Language): Piece[] | null {
  return remembered.get(`${language}\n${code}`) ?? null;
}

/** `null` when the code is too long, the grammar fails, or `signal` ended the wish. Never rejects. */
export async function highlight(
  code: string,
  language: Language,
  signal: AbortSignal,
): Promise<Piece[] | null> {
  const known = knownPieces(code, language);
  if (known !== null) return known;
  if (code.length > LONGEST) return null;
  try {
    const shiki = await engine();
    await shiki.loadLanguage(grammarOf(language));
    const pieces = await tokenize(shiki, code, language, signal);
    if (pieces !== null) remember(`${language}\n${code}`, pieces);
    return pieces;
  } catch {
    return null; // Plain code is a fine answer.
  }
}

async function tokenize(
  shiki: HighlighterCore,
  code: string,
  language: Language,
  signal: AbortSignal,
): Promise<Piece[] | null> {
  const lines = code.split("\n");
  const pieces: Piece[] = [];
  let grammarState: GrammarState | undefined;
  for (let from = 0; from < lines.length; from += LINES_PER_SLICE) {
    if (from > 0) await nextTask();
    if (signal.aborted) return null;
    const slice = lines.slice(from, from + LINES_PER_SLICE).join("\n");
    const tokens = shiki.codeToTokensBase(slice, {
      lang: language === "bash" ? "shellscript" : language,
      theme: MARKS.name ?? "",
      tokenizeMaxLineLength: LONGEST_LINE,
      tokenizeTimeLimit: 50,
      ...(grammarState === undefined ? {} : { grammarState }),
    });
    grammarState = shiki.getLastGrammarState(tokens);
    tokens.forEach((line, at) => {
      if (from + at > 0) add(pieces, "\n", null);
      for (const token of line) add(pieces, token.content, tokenClass(token.color));
    });
  }
  return pieces.map((piece) => piece.text).join("") === code ? pieces : null;
}

function add(pieces: Piece[], text: string, className: string | null): void {
  const last = pieces.at(-1);
  if (last !== undefined && (last.className === className || text.trim() === "")) last.text += text;
  else pieces.push({ text, className });
}

function remember(key: string, pieces: Piece[]): void {
  remembered.set(key, pieces);
  rememberedCharacters += key.length;
  for (const oldest of remembered.keys()) {
    if (rememberedCharacters <= REMEMBERED_CHARACTERS) break;
    remembered.delete(oldest);
    rememberedCharacters -= oldest.length;
  }
}

function nextTask(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
