/** Shared by the renderer's tests. */
import { MarkdownView } from "./view";
import type { MarkdownWords } from "./words";

export const WORDS: MarkdownWords = {
  copy: "Copy",
  copied: "Copied",
  wrap: "Wrap",
  plainCode: "Code",
  image: "Image",
  taskOpen: "Open",
  taskDone: "Done",
  table: "Table",
};

export function show(source: string, streaming = false): HTMLElement {
  const root = document.createElement("div");
  new MarkdownView(root, WORDS).update(source, streaming);
  return root;
}

/** The nodes without what arrives later: colours of code and drawn formulas are compared by their text. */
export function shape(root: HTMLElement): string {
  const copy = root.cloneNode(true) as HTMLElement;
  for (const code of copy.querySelectorAll("figure.code code")) code.textContent = code.textContent;
  copy.normalize();
  return copy.innerHTML;
}

/** A long answer of every kind of block, for streaming and speed. */
export function longAnswer(characters: number): string {
  const section = (at: number): string =>
    [
      `## Part ${String(at)}: trees and **logs**`,
      "",
      "A B-tree keeps its keys *sorted* in pages; an LSM-tree writes runs and merges them later. It costs $5 and $10, see [the paper](https://example.org/paper?x=1&y=2) or `code`. ",
      "Another line of the same paragraph with $O(\\log n)$ and \\(a_i^2\\).",
      "",
      "- first item with **bold**",
      "- second item",
      "  - nested item with `code`",
      "- [x] done",
      "",
      "| Structure | Reads | Writes |",
      "|:----------|------:|:------:|",
      "| B-tree    | fast  | slower |",
      "| LSM       | slower| fast<br>really |",
      "",
      "```rust",
      "fn main() {",
      `    println!("part ${String(at)}");`,
      "}",
      "```",
      "",
      "$$",
      "\\sum_{i=1}^{n} i = \\frac{n(n+1)}{2}",
      "$$",
      "",
      "> A quote\n> over two lines.",
      "",
      "1. one",
      "2. two",
      "",
      "---",
      "",
    ].join("\n");
  let text = "";
  for (let at = 1; text.length < characters; at += 1) text += section(at);
  return text;
}
