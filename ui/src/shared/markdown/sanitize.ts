/**
 * The second wall. markdown-it emits no tag of the model's, and this would remove one if it did: a short list of tags and
 * attributes, classes from our own renderers only, and links to https and mailto alone.
 */
import DOMPurify from "dompurify";

import { linkTarget } from "./links";

const TAGS = [
  ...["p", "br", "hr", "blockquote", "ul", "ol", "li", "h1", "h2", "h3", "h4", "h5", "h6"],
  ...["strong", "em", "s", "code", "pre", "a", "span", "div"],
  ...["table", "thead", "tbody", "tr", "th", "td"],
];

const CLASSES = new Set([
  ...["math-inline", "math-display", "math-pending", "table-box", "image-link", "image-label"],
  ...["align-left", "align-right", "align-center", "task", "task-open", "task-done"],
]);
const LANGUAGE_CLASS = /^language-[\w+#.-]{1,40}$/;

const purifier = DOMPurify(window);

purifier.addHook("uponSanitizeAttribute", (_node, attribute) => {
  if (attribute.attrName === "class") {
    attribute.attrValue = attribute.attrValue
      .split(/\s+/)
      .filter((name) => CLASSES.has(name) || LANGUAGE_CLASS.test(name))
      .join(" ");
    if (attribute.attrValue === "") attribute.keepAttr = false;
  } else if (attribute.attrName === "href") {
    const target = linkTarget(attribute.attrValue);
    if (target === null) attribute.keepAttr = false;
    else attribute.attrValue = target.href;
  } else if (attribute.attrName === "start" && !/^\d{1,9}$/.test(attribute.attrValue)) {
    attribute.keepAttr = false;
  }
});

/** Nodes made in this document are inert: nothing in it loads or runs before it is clean. */
const inert = document.implementation.createHTMLDocument("");

/** Parses once and cleans the nodes themselves: nothing is written out and parsed again, so nothing can mutate between. */
export function sanitize(html: string): DocumentFragment {
  const box = inert.createElement("div");
  box.innerHTML = html;
  purifier.sanitize(box, {
    ALLOWED_TAGS: TAGS,
    ALLOWED_ATTR: ["class", "href", "start"],
    ALLOWED_URI_REGEXP: /^(?:https:\/\/|mailto:)/i,
    ALLOW_DATA_ATTR: false,
    ALLOW_ARIA_ATTR: false,
    ALLOW_UNKNOWN_PROTOCOLS: false,
    KEEP_CONTENT: true,
    IN_PLACE: true,
  });
  const fragment = document.createDocumentFragment();
  fragment.append(...box.childNodes);
  return fragment;
}
