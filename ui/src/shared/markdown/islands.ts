/** Code blocks and formulas: what is drawn by a library instead of being plain nodes. */
import { createFigure, updateFigure } from "./code/figure";
import { drawMath } from "./math";
import type { Islands } from "./patch";
import type { MarkdownWords } from "./words";

const formulas = new WeakMap<Element, string>();

/** `isOpen` says whether a fresh `pre` is the one that text is still added to. */
export function createIslands(words: MarkdownWords, isOpen: (fresh: Element) => boolean): Islands {
  return {
    isIsland: (fresh) => fresh.tagName === "PRE" || isFormula(fresh),
    create(fresh) {
      if (fresh.tagName === "PRE")
        return createFigure(fresh.textContent, infoWord(fresh), !isOpen(fresh), words);
      const tex = fresh.textContent;
      formulas.set(fresh, tex);
      drawMath(fresh, tex, fresh.classList.contains("math-display"));
      return fresh;
    },
    update(island, fresh) {
      if (fresh.tagName === "PRE")
        return updateFigure(island, fresh.textContent, infoWord(fresh), !isOpen(fresh));
      return island.className === fresh.className && formulas.get(island) === fresh.textContent;
    },
  };
}

function isFormula(element: Element): boolean {
  return element.classList.contains("math-inline") || element.classList.contains("math-display");
}

function infoWord(pre: Element): string {
  const name = pre.querySelector("code")?.className ?? "";
  return name.startsWith("language-") ? name.slice("language-".length) : "";
}
