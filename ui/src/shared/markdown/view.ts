/**
 * Shows a growing markdown text in an element, one top-level node per block.
 *
 * Blocks that can no longer change are parsed once and never touched again; each update parses only what follows them,
 * usually one paragraph. What is shown when the text is complete equals what a single rendering of the whole would show.
 */
import { decorate, hasRightToLeft } from "./decorate";
import { updateFigure } from "./code/figure";
import { createIslands } from "./islands";
import { escapeText, fenceOf, parse, parseReferences, toHtml, type Parsed } from "./parser";
import { patchChildren, type Islands } from "./patch";
import { rowParent, rowsOf, unchangedRows, type Rows } from "./rows";
import { sanitize } from "./sanitize";
import type { MarkdownWords } from "./words";

/** A single paragraph, list or table longer than this is shown as plain text: parsing it again and again would stall. */
const LONGEST_BLOCK = 200_000;

/** A code fence at the top level that is still open: what is appended to it needs no parser. */
interface OpenFence {
  figure: Element;
  word: string;
  closer: RegExp;
  /** Where its code starts, in the whole text. */
  codeStart: number;
  /** Up to here no line closes it; a line start. */
  scanned: number;
}

export class MarkdownView {
  readonly #root: HTMLElement;
  readonly #words: MarkdownWords;
  readonly #islands: Islands;
  #source = "";
  #complete = false;
  /** Everything before this offset is settled; it ends with this node and has these link definitions. */
  #settled = 0;
  #settledNode: ChildNode | null = null;
  #references: Parsed["env"]["references"] = {};
  #openPre: Element | null = null;
  #fence: OpenFence | null = null;
  /** The list or table that the text ends in, as it is on the page. */
  #rows: Rows | null = null;

  constructor(root: HTMLElement, words: MarkdownWords) {
    this.#root = root;
    this.#words = words;
    this.#islands = createIslands(words, (fresh) => fresh === this.#openPre);
  }

  /** Shows `source`; `streaming` says that more may follow. Costs next to nothing when `source` only grew. */
  update(source: string, streaming: boolean): void {
    const text = source.includes("\r") ? source.replace(/\r\n?/g, "\n") : source;
    const grew = !this.#complete && text.startsWith(this.#source);
    if (text === this.#source && this.#complete === !streaming) return;
    if (!grew) this.#forget();
    this.#source = text;
    this.#complete = !streaming;
    if (streaming && this.#growFence()) return;
    this.#fence = null;
    this.#render(streaming);
  }

  #forget(): void {
    this.#settled = 0;
    this.#settledNode = null;
    this.#references = {};
    this.#fence = null;
    this.#rows = null;
  }

  #render(streaming: boolean): void {
    const tail = this.#source.slice(this.#settled);
    const parsed = parse(tail, this.#references, streaming);
    if (!streaming && this.#settled > 0 && this.#hasNewReferences(parsed)) {
      // A definition at the end of an answer gives links to blocks that are already on the page.
      this.#forget();
      this.#render(false);
      return;
    }
    const rows = streaming ? rowsOf(parsed) : null;
    if (rows !== null && this.#growRows(rows)) return;
    this.#rows = rows;
    const nodes = this.#nodesOf(parsed, tail);
    const last = nodes.at(-1);
    this.#openPre = streaming && last instanceof Element ? lastPre(last) : null;
    const count = nodes.length;
    patchChildren(this.#root, this.#settledNode, nodes, this.#islands);
    this.#openPre = null;
    if (!streaming || count !== parsed.blocks.length) return;
    const start = this.#settle(parsed, tail);
    this.#openFence(parsed, start);
  }

  #nodesOf(parsed: Parsed, tail: string): ChildNode[] {
    const tooLong =
      parsed.blocks.length <= 1 && tail.length > LONGEST_BLOCK && fenceOf(parsed.blocks[0]) === null;
    const html = parsed.tooDeep || tooLong ? `<pre><code>${escapeText(tail)}</code></pre>` : toHtml(parsed);
    const fragment = sanitize(html);
    decorate(fragment, this.#words);
    return [...fragment.childNodes].filter((node) => !(node instanceof Text) || node.data.trim() !== "");
  }

  /** Brings the rows of the last list or table up to date; false when more than its rows has changed. */
  #growRows(now: Rows): boolean {
    const kept = unchangedRows(this.#rows, now);
    const block = this.#settledNode === null ? this.#root.firstElementChild : this.#settledNode.nextSibling;
    const parent = block instanceof Element && block.nextSibling === null ? rowParent(block) : null;
    const last = parent?.children[kept - 1];
    if (parent === null || last === undefined) return false;
    const fragment = sanitize(now.before + now.rows.slice(kept).join("") + now.after);
    const fresh = rowParent(fragment.firstElementChild);
    // Direction is a matter of the whole block.
    if (fresh === null || hasRightToLeft(fragment.textContent)) return false;
    decorate(fragment, this.#words);
    this.#openPre = lastPre(fresh);
    patchChildren(parent, last, [...fresh.childNodes], this.#islands);
    this.#openPre = null;
    this.#rows = now;
    return true;
  }

  #hasNewReferences(parsed: Parsed): boolean {
    return Object.keys(parsed.env.references).some((name) => !Object.hasOwn(this.#references, name));
  }

  /**
   * Moves the settled mark behind every block that no further text can change: one after which another block has started
   * on a line that is whole. (An incomplete line can still turn out to continue the block before it.) Returns the line
   * in `tail` at which the unsettled rest starts.
   */
  #settle(parsed: Parsed, tail: string): number {
    const lineStarts = [0];
    for (let at = tail.indexOf("\n"); at >= 0; at = tail.indexOf("\n", at + 1)) lineStarts.push(at + 1);
    const wholeLines = lineStarts.length - 1;
    let settledBlocks = 0;
    parsed.blocks.forEach((next, at) => {
      const type = next.tokens[0]?.type ?? "";
      const needed = type === "table_open" ? next.firstLine + 2 : next.firstLine + 1;
      if (at > 0 && needed <= wholeLines && !type.startsWith("math_block")) settledBlocks = at;
    });
    if (settledBlocks === 0) return 0;
    const firstLine = parsed.blocks[settledBlocks]?.firstLine ?? 0;
    const length = lineStarts[firstLine] ?? 0;
    if (this.#hasNewReferences(parsed))
      this.#references = parseReferences(tail.slice(0, length), this.#references);
    this.#settled += length;
    for (let at = 0; at < settledBlocks; at += 1) {
      this.#settledNode = this.#settledNode === null ? this.#root.firstChild : this.#settledNode.nextSibling;
    }
    return firstLine;
  }

  /** Remembers a fence at the end of the text, so that the next characters go straight into it. */
  #openFence(parsed: Parsed, restLine: number): void {
    const block = parsed.blocks.at(-1);
    const token = fenceOf(block);
    const figure = this.#root.lastElementChild;
    if (block === undefined || token === null || figure === null || block.firstLine !== restLine) return;
    const rest = this.#source.slice(this.#settled);
    const indented = !rest.startsWith(token.markup);
    const codeStart = rest.indexOf("\n") + 1;
    if (indented || codeStart === 0 || parsed.tooDeep) return;
    const marker = token.markup.charAt(0);
    this.#fence = {
      figure,
      word: infoWordOf(token.info),
      closer: new RegExp(`^ {0,3}${marker}{${String(token.markup.length)},}[ \\t]*$`),
      codeStart: this.#settled + codeStart,
      scanned: this.#settled + codeStart,
    };
    if (!this.#growFence()) this.#fence = null;
  }

  /** Appends to the open fence; false when there is none or it is closed by what came. */
  #growFence(): boolean {
    const fence = this.#fence;
    if (fence === null) return false;
    const text = this.#source;
    for (let end = text.indexOf("\n", fence.scanned); end >= 0; end = text.indexOf("\n", fence.scanned)) {
      if (fence.closer.test(text.slice(fence.scanned, end))) return false;
      fence.scanned = end + 1;
    }
    // The last line may become the closing fence: it is held back as long as it looks like one.
    const held = /^ {0,3}[`~]+[ \t]*$/.test(text.slice(fence.scanned));
    const code = text.slice(fence.codeStart, held ? fence.scanned : text.length);
    return updateFigure(fence.figure, code, fence.word, false);
  }
}

function infoWordOf(info: string): string {
  return /^[\w+#.-]{1,40}$/.exec(info.trim().split(/\s+/)[0] ?? "")?.[0] ?? "";
}

/** The code block that a node ends in. */
function lastPre(node: Element): Element | null {
  for (let at: Element | null = node; at !== null; at = at.lastElementChild)
    if (at.tagName === "PRE") return at;
  return null;
}
