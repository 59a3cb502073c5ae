/**
 * A code block: label, wrap and copy above, the code below. Code is shown plain at once; colours arrive when the block
 * is complete, or when nothing was added for a while. Text and size never change with them.
 */
import type { MarkdownWords } from "../words";
import { highlight, knownPieces, type Piece } from "./highlight";
import { languageLabel, languageOf } from "./languages";

/** Without a new character for this long, an open block is coloured as far as it is. */
const IDLE_MS = 600;

interface Figure {
  code: HTMLElement;
  /** The info word of the fence. */
  word: string;
  text: string;
  /** How much of the text stands in coloured nodes. */
  coloured: number;
  wish: AbortController | null;
  timer: ReturnType<typeof setTimeout> | null;
}

const figures = new WeakMap<Element, Figure>();

export function createFigure(
  text: string,
  word: string,
  complete: boolean,
  words: MarkdownWords,
): HTMLElement {
  const element = document.createElement("figure");
  element.className = "code";
  const bar = document.createElement("figcaption");
  const label = document.createElement("span");
  label.className = "code-language";
  label.textContent = word === "" ? words.plainCode : languageLabel(word);
  bar.append(label, button("wrap", words.wrap), button("copy", words.copy));
  bar.querySelector('[data-code="wrap"]')?.setAttribute("aria-pressed", "false");

  const pre = document.createElement("pre");
  pre.tabIndex = 0;
  pre.dir = "ltr";
  pre.translate = false;
  pre.setAttribute("aria-label", label.textContent);
  const code = document.createElement("code");
  pre.append(code);
  element.append(bar, pre);
  figures.set(element, { code, word, text: "", coloured: 0, wish: null, timer: null });
  updateFigure(element, text, word, complete);
  return element;
}

function button(action: string, name: string): HTMLButtonElement {
  const element = document.createElement("button");
  element.type = "button";
  element.dataset["code"] = action;
  element.textContent = name;
  return element;
}

/** False when the element is not a code block in this language; then it has to be made anew. */
export function updateFigure(element: Element, text: string, word: string, complete: boolean): boolean {
  const figure = figures.get(element);
  if (figure === undefined || figure.word !== word) return false;
  if (text !== figure.text || figure.code.firstChild === null) setText(figure, text);
  schedule(figure, complete);
  return true;
}

/** The code of a block, for the clipboard. */
export function codeOf(element: Element): string {
  return figures.get(element)?.text.replace(/\n$/, "") ?? "";
}

function setText(figure: Figure, text: string): void {
  figure.wish?.abort();
  const { code } = figure;
  if (text.startsWith(figure.text) && code.lastChild !== null) {
    const added = text.slice(figure.text.length);
    const last = code.lastChild;
    if (last instanceof Text) last.appendData(added);
    else code.append(added);
  } else {
    code.textContent = text;
    figure.coloured = 0;
  }
  figure.text = text;
}

function schedule(figure: Figure, complete: boolean): void {
  const language = languageOf(figure.word);
  if (language === null || figure.coloured === figure.text.length) return;
  const known = knownPieces(figure.text, language);
  if (known !== null) {
    colour(figure, known);
    return;
  }
  if (figure.timer !== null) clearTimeout(figure.timer);
  figure.timer = setTimeout(
    () => {
      figure.timer = null;
      const wish = new AbortController();
      figure.wish = wish;
      void highlight(figure.text, language, wish.signal).then((pieces) => {
        if (pieces !== null && !wish.signal.aborted) colour(figure, pieces);
      });
    },
    complete ? 0 : IDLE_MS,
  );
}

function colour(figure: Figure, pieces: Piece[]): void {
  const nodes = pieces.map((piece) => {
    if (piece.className === null) return document.createTextNode(piece.text);
    const span = document.createElement("span");
    span.className = piece.className;
    span.textContent = piece.text;
    return span;
  });
  figure.code.replaceChildren(...nodes);
  figure.coloured = figure.text.length;
}
