const RIGHT_TO_LEFT = /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u;
const STRONG = /\p{L}/u;
/** Far enough to find a letter, near enough to cost nothing on a text that grows. */
const LOOK = 400;

/**
 * The direction a text begins in: that of its first letter. Used instead of `dir="auto"` where text streams, because the
 * browser works that out anew, and restyles everything inside, whenever something is added.
 */
export function textDirection(text: string): "ltr" | "rtl" {
  const first = STRONG.exec(text.slice(0, LOOK))?.[0];
  return first !== undefined && RIGHT_TO_LEFT.test(first) ? "rtl" : "ltr";
}

/** An attachment that gives an element a direction; anew only when the direction changes. */
export function turnTo(direction: "ltr" | "rtl"): (element: Element) => void {
  return (element) => element.setAttribute("dir", direction);
}
