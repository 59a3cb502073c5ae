/** What sanitised nodes need to be read: direction, where links lead, names for what is drawn. Attributes only. */
import { linkTarget, saysHost } from "./links";
import type { MarkdownWords } from "./words";

const BLOCKS = "p, ul, ol, li, blockquote, h1, h2, h3, h4, h5, h6, th, td";

export function decorate(fragment: DocumentFragment, words: MarkdownWords): void {
  for (const block of fragment.querySelectorAll(BLOCKS)) block.setAttribute("dir", "auto");
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
