/**
 * Brings the nodes under an element into a new shape while keeping every node that did not change: selections, scroll
 * positions and finished code blocks survive a streaming answer.
 */

/** Nodes with a life of their own: drawn from a plain node once, then kept while their source stays the same. */
export interface Islands {
  /** Whether a fresh node stands for an island. */
  isIsland(fresh: Element): boolean;
  /** Makes the island for a fresh node. */
  create(fresh: Element): Element;
  /** Brings an existing island up to the fresh node; false when it cannot and has to be made anew. */
  update(island: Element, fresh: Element): boolean;
}

/** Replaces the children of `parent` that follow `after` (`null`: all of them). `fresh` nodes are used up. */
export function patchChildren(parent: Node, after: ChildNode | null, fresh: Node[], islands: Islands): void {
  let old = after === null ? parent.firstChild : after.nextSibling;
  for (const node of fresh) {
    const next: ChildNode | null = old?.nextSibling ?? null;
    if (old === null) parent.appendChild(adopt(node, islands));
    else if (!patchNode(old, node, islands)) parent.replaceChild(adopt(node, islands), old);
    old = next;
  }
  while (old !== null) {
    const next = old.nextSibling;
    old.remove();
    old = next;
  }
}

/** Draws the islands of a node that is about to enter the page. */
function adopt(node: Node, islands: Islands): Node {
  if (!(node instanceof Element)) return node;
  if (islands.isIsland(node)) return islands.create(node);
  for (const inner of [...node.querySelectorAll("*")]) {
    if (inner.parentNode !== null && islands.isIsland(inner)) inner.replaceWith(islands.create(inner));
  }
  return node;
}

/** Whether `old` could be made to show `fresh`. */
function patchNode(old: Node, fresh: Node, islands: Islands): boolean {
  if (fresh instanceof Text) return old instanceof Text && patchText(old, fresh.data);
  if (!(old instanceof Element) || !(fresh instanceof Element)) return false;
  if (islands.isIsland(fresh)) return islands.update(old, fresh);
  if (old.isEqualNode(fresh)) return true;
  if (old.tagName !== fresh.tagName || !sameAttributes(old, fresh)) return false;
  patchChildren(old, null, [...fresh.childNodes], islands);
  return true;
}

function patchText(old: Text, text: string): boolean {
  if (old.data === text) return true;
  if (text.startsWith(old.data)) old.appendData(text.slice(old.data.length));
  else old.data = text;
  return true;
}

function sameAttributes(old: Element, fresh: Element): boolean {
  if (old.attributes.length !== fresh.attributes.length) return false;
  return [...fresh.attributes].every((attribute) => old.getAttribute(attribute.name) === attribute.value);
}
