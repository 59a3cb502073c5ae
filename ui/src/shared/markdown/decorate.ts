/** What sanitised nodes need to be read: direction, where links lead, names for what is drawn. Attributes only. */
import { linkTarget, saysHost } from "./links";
import type { MarkdownWords } from "./words";

/** Hebrew, Arabic, Syriac, Thaana, N'Ko and their presentation forms. */
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/;
const BLOCKS = "p, ul, ol, li, blockquote, h1, h2, h3, h4, h5, h6, th, td";

export function hasRightToLeft(text: string): boolean {
  return RIGHT_TO_LEFT.test(text);
}

export function decorate(fragment: DocumentFragment, words: MarkdownWords): void {
  setDirections(fragment);
  for (const link of fragment.querySelectorAll("a")) showTarget(link);
  for (const label of fragment.querySelectorAll(".image-label")) label.setAttribute("data-word", words.image);
  for (const item of fragment.querySelectorAll("li.task")) drawTask(item, words);
  for (const box of fragment.querySelectorAll(".table-box")) {
    // A table wider than the column scrolls inside its own box, which the keyboard has to reach.
    box.setAttribute("tabindex", "0");
    box.setAttribute("role", "region");
    box.setAttribute("aria-label", words.table);
  }
}

/**
 * A block that holds right-to-left text takes its direction from its first strong character. Others stay without `dir`:
 * engines look through the whole subtree again for every `dir="auto"` they meet, which is quadratic for a long list.
 */
function setDirections(fragment: DocumentFragment): void {
  if (!hasRightToLeft(fragment.textContent)) return;
  for (const block of fragment.querySelectorAll(BLOCKS)) {
    if (hasRightToLeft(block.textContent)) block.setAttribute("dir", "auto");
  }
}

function showTarget(link: HTMLAnchorElement): void {
  const target = linkTarget(link.getAttribute("href") ?? "");
  if (target === null) {
    link.removeAttribute("href");
    link.removeAttribute("title");
    return;
  }
  // The title is ours: the one the model wrote could name another place than the link leads to.
  link.setAttribute("title", target.href);
  link.setAttribute("rel", "noopener noreferrer");
  if (!saysHost(link.textContent, target.host)) link.setAttribute("data-host", target.host);
}

function drawTask(item: Element, words: MarkdownWords): void {
  const box = document.createElement("span");
  box.className = "task-box";
  box.setAttribute("role", "img");
  box.setAttribute("aria-label", item.classList.contains("task-done") ? words.taskDone : words.taskOpen);
  const first = item.firstElementChild;
  (first?.tagName === "P" ? first : item).prepend(box);
}
