/**
 * Draws formulas with KaTeX, which is loaded when the first one appears.
 *
 * `katex.render` builds nodes and sets their sizes through `element.style`, which the content security policy allows
 * without 'unsafe-inline'; its string output would need style attributes, which the policy forbids. The formula is never
 * turned into HTML text.
 */
type Katex = typeof import("katex").default;

/** A longer formula stays source: drawing is about quadratic in its size. */
const LONGEST = 4_000;
const REMEMBERED = 400;

let katex: Katex | null = null;
let loading: Promise<void> | null = null;
const drawn = new Map<string, DocumentFragment>();

/** Loads KaTeX; afterwards `drawMath` draws at once. */
export function loadMath(): Promise<void> {
  loading ??= Promise.all([import("katex"), import("katex/dist/katex.min.css")]).then(([library]) => {
    katex = library.default;
  });
  return loading;
}

/** Shows `tex` in `host`: drawn, or as source while KaTeX loads, when it is too long, and when it is not valid. */
export function drawMath(host: Element, tex: string, display: boolean): void {
  if (tex.length > LONGEST) {
    host.replaceChildren(source(tex));
    return;
  }
  if (katex === null) {
    host.replaceChildren(source(tex));
    void loadMath().then(
      () => {
        if (host.isConnected && host.textContent === tex) drawMath(host, tex, display);
      },
      () => undefined, // Offline bundle damaged: the source stays readable.
    );
    return;
  }
  const key = `${display ? "D" : "I"}${tex}`;
  let picture = drawn.get(key);
  if (picture === undefined) {
    picture = render(katex, tex, display);
    if (drawn.size >= REMEMBERED) drawn.delete(drawn.keys().next().value ?? "");
    drawn.set(key, picture);
  }
  host.replaceChildren(picture.cloneNode(true));
}

function render(library: Katex, tex: string, display: boolean): DocumentFragment {
  const box = document.createElement("span");
  const fragment = document.createDocumentFragment();
  try {
    library.render(tex, box, {
      displayMode: display,
      throwOnError: true,
      trust: false,
      strict: "ignore",
      maxExpand: 300,
      maxSize: 20,
      macros: {},
    });
    fragment.append(...box.childNodes);
  } catch {
    // A formula KaTeX does not understand is still readable as its source.
    fragment.append(source(tex));
  }
  return fragment;
}

function source(tex: string): HTMLElement {
  const code = document.createElement("code");
  code.className = "math-source";
  code.textContent = tex;
  return code;
}
