/**
 * Markdown to HTML text: CommonMark with GFM tables, strikethrough and task lists, and LaTeX. Raw HTML is off: a tag in
 * an answer is text. The result still goes through `sanitize.ts` before it becomes nodes.
 */
import MarkdownIt from "markdown-it";
import type { Env, Token } from "markdown-it";

import { healRule } from "./heal";
import { linkTarget } from "./links";
import { inlineRules } from "./rules/inline";
import { mathRules } from "./rules/math";
import { taskRules } from "./rules/tasks";

type References = NonNullable<Env["references"]>;

export interface RenderEnv extends Env {
  references: References;
  /** More text is expected after the last line. */
  streaming: boolean;
  /** The text of the inline token at the very end of a streaming answer: only there may a construct be left open. */
  openInline?: string;
  missingClosers?: WeakMap<object, Record<string, number>>;
}

/** Quotes or lists inside one another, deeper than any sane answer. markdown-it drops what is deeper, so we show source. */
const DEEPEST = 60;

const md = new MarkdownIt({
  html: false,
  linkify: true,
  breaks: false,
  typographer: false,
  maxNesting: DEEPEST + 4,
});
md.validateLink = (address) => linkTarget(address) !== null;
// Only what is written with its scheme becomes a link by itself: "example.com" would mean http.
md.linkify.set({ fuzzyLink: false, fuzzyEmail: false });
mathRules(md);
taskRules(md);
inlineRules(md);
healRule(md);

/** One top-level block: a paragraph, a list, a code fence. */
export interface ParsedBlock {
  tokens: Token[];
  /** First line, from 0, in the parsed text. */
  firstLine: number;
}

export interface Parsed {
  blocks: ParsedBlock[];
  env: RenderEnv;
  /** Nested deeper than is rendered. */
  tooDeep: boolean;
}

export function parse(source: string, references: References, streaming: boolean): Parsed {
  const env: RenderEnv = { references: { ...references }, streaming };
  const tokens = md.parse(source, env);
  const blocks: ParsedBlock[] = [];
  let current: Token[] = [];
  let tooDeep = false;
  for (const token of tokens) {
    if (token.level >= DEEPEST || inlineDepth(token) >= DEEPEST) tooDeep = true;
    current.push(token);
    const closesBlock = token.level === 0 && token.nesting !== 1;
    if (closesBlock && token.type !== "inline") {
      blocks.push({ tokens: current, firstLine: current[0]?.map?.[0] ?? 0 });
      current = [];
    }
  }
  return { blocks, env, tooDeep };
}

/** How deep emphasis and links stand in one another; markdown-it itself does not count emphasis. */
function inlineDepth(token: Token): number {
  let depth = 0;
  let deepest = 0;
  for (const child of token.children ?? []) {
    depth += child.nesting;
    if (depth > deepest) deepest = depth;
  }
  return deepest;
}

/** The link definitions (`[name]: https://..`) of a text. */
export function parseReferences(source: string, known: References): References {
  const env: RenderEnv = { references: { ...known }, streaming: false };
  md.block.parse(source, md, env, []);
  return env.references;
}

export function toHtml(parsed: Parsed): string {
  return renderTokens(
    parsed.blocks.flatMap((block) => block.tokens),
    parsed.env,
  );
}

export function renderTokens(tokens: Token[], env: RenderEnv): string {
  return md.renderer.render(tokens, md.options, env);
}

export function escapeText(text: string): string {
  return md.utils.escapeHtml(text);
}

/** The content and language of a top-level fence, when the block is one. */
export function fenceOf(block: ParsedBlock | undefined): Token | null {
  const token = block?.tokens[0];
  return token?.type === "fence" ? token : null;
}
