import { beforeAll, describe, expect, it } from "vitest";

import { longAnswer, shape, show, WORDS } from "./markdown.test-support";
import { loadMath } from "./math";
import { MarkdownView } from "./view";

beforeAll(loadMath);

/** Feeds `text` in pieces that end at `ends`, completes it, and returns the element. */
function stream(text: string, ends: Iterable<number>): HTMLElement {
  const root = document.createElement("div");
  const view = new MarkdownView(root, WORDS);
  for (const end of ends) view.update(text.slice(0, end), true);
  view.update(text, false);
  return root;
}

/** Every prefix; every third of a long text. */
function* upTo(length: number): Iterable<number> {
  for (let at = 0; at <= length; at += length > 300 ? 3 : 1) yield at;
}

const TRICKY: [string, string][] = [
  ["every kind of block", longAnswer(300)],
  ["a rule that becomes text", "- a\n--- b\n\npara\n*** bold***\n\npara\n---x\n"],
  ["a rule that becomes a heading", "Title\n=====\n\nOther\n---\n\ntext"],
  ["a table out of a paragraph", "para\n| a | b |\n|---|---|\n| 1 | 2 |\n\nend"],
  ["a table that is none", "para\n| a | b |\n|--x\n\nend"],
  ["an ordered list over a blank line", "1. a\n\n2. b\n\n   more\n\n3. c\n\ntext"],
  ["lists that change their marker", "- a\n* b\n+ c\n1. d\n2) e"],
  ["loose after tight", "- a\n- b\n\n- c\n\n\n  para\n\npara"],
  ["a fence in a list", "1. do\n   ```sh\n   ls -l\n   ```\n2. then\n\n   ```\n   x\n   ```\nend"],
  ["an open fence", "text\n\n```python\nprint('`')\n``\n"],
  ["a fence closed by a longer one", "```\na\n```` \nafter\n~~~~ x\n~~~\n~~~~\n"],
  ["a fence with markers inside", "````md\n```js\nx\n```\n````\nend"],
  ["an indented fence", "  ```js\n  x\n    y\n  ```\nend"],
  ["fences next to each other", "```a\n1\n```\n```b\n2\n```\n"],
  ["an open display formula", "so\n\n$$\na + b\n\nc"],
  ["a display formula that is none", "so\n$$\na\n# heading\n\ntext $$ more"],
  ["display forms", "\\[\nx^2\n\\]\n\ntext \\[ y \\] text $$z$$\n\n- item\n  $$\n  w\n  $$\n"],
  [
    "definitions at the end",
    "See [one] and [two][b].\n\nMore [one].\n\n[one]: https://one.example\n[b]: https://two.example 'T'\n",
  ],
  ["a definition that is not one yet", "[foo]: https://e.example/a\n\n[foo]\n\n[foo]: https://other.example"],
  ["carriage returns", "a\r\nb\r\n\r\n- c\r\n- d\r\n\r\n```\r\nx\r\n```\r\n"],
  ["quotes", "> a\nlazy\n> b\n\n> c\n> - d\n>   e\n\nf"],
  ["tasks", "- [ ] open\n- [x] done\n- [X] done too\n\n- [ ]no\n"],
  ["emphasis", "**bold *both* bold** and ~~gone~~ and `a ** b` and 2 * 3 * 4 and snake_case_name"],
  ["line breaks", "a  \nb\\\nc<br>d<br/>e"],
  ["right to left and wide", "שלום **עולם**\n\n你好，$x$世界。\n\n- سلام\n"],
  ["entities", "&lt;b&gt; &amp; &#x3c; &copy; &nope;"],
];

describe("a streaming answer", () => {
  it.each(TRICKY)(
    "ends equal to a whole rendering: %s",
    (_name, text) => {
      expect(shape(stream(text, upTo(text.length)))).toBe(shape(show(text)));
    },
    30_000,
  );

  it("ends equal to a whole rendering for random documents and random pieces", () => {
    const parts = TRICKY.map(([, text]) => text).concat([
      "\n",
      "\n\n",
      " ",
      "- ",
      "| ",
      "```\n",
      "$$\n",
      "# ",
      "1. ",
      "    x\n",
    ]);
    let seed = 7;
    const random = (below: number): number => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      return seed % below;
    };
    for (let round = 0; round < 40; round += 1) {
      let text = "";
      for (let at = 0; at < 6; at += 1) {
        const part = parts[random(parts.length)] ?? "";
        const from = random(part.length);
        text +=
          part.slice(from, from + 1 + random(60)) + (random(3) === 0 ? "\n\n" : random(2) === 0 ? "\n" : "");
      }
      const ends: number[] = [];
      for (let at = random(6); at < text.length; at += 2 + random(9)) ends.push(at);
      expect(shape(stream(text, ends)), JSON.stringify({ round, text })).toBe(shape(show(text)));
    }
  }, 60_000);

  it("never touches a finished block again", () => {
    const text = longAnswer(1_200);
    const root = document.createElement("div");
    const view = new MarkdownView(root, WORDS);
    let before: ChildNode[] = [];
    for (let end = 0; end <= text.length; end += 7) {
      view.update(text.slice(0, end), true);
      const now = [...root.childNodes];
      const kept = before.slice(0, -2).every((node, at) => now[at] === node);
      expect(kept, `the same nodes, not equal ones, at ${String(end)}`).toBe(true);
      before = now;
    }
    view.update(text, false);
    expect(root.firstChild === before[0]).toBe(true);
  });

  it("leaves the rows of a growing list or table alone", () => {
    for (const [text, row] of [
      ["- one\n- two\n- three **and** `more`\n- four\n", "li"],
      ["| a | b |\n|---|---|\n| 1 | 2 |\n| 3 | 4 |\n| 5 | 6 |\n", "tbody tr"],
    ] as const) {
      const root = document.createElement("div");
      const view = new MarkdownView(root, WORDS);
      let before: Element[] = [];
      for (let end = 1; end <= text.length; end += 1) {
        view.update(text.slice(0, end), true);
        const rows = [...root.querySelectorAll(row)];
        const kept = before.slice(0, -1).every((node, at) => rows[at] === node);
        expect(kept, `${row} at ${String(end)}`).toBe(true);
        before = rows;
      }
      expect(before.length).toBeGreaterThan(2);
      expect(shape(root)).toBe(shape(show(text)));
    }
  });

  it("keeps a selection in a finished block", () => {
    document.body.replaceChildren();
    const root = document.body.appendChild(document.createElement("div"));
    const view = new MarkdownView(root, WORDS);
    view.update("First paragraph.\n\nSecond", true);
    document.getSelection()?.selectAllChildren(root.firstChild ?? root);
    view.update("First paragraph.\n\nSecond one, and more.\n\n- a", true);
    view.update("First paragraph.\n\nSecond one, and more.\n\n- a\n- b", false);
    expect(document.getSelection()?.toString()).toBe("First paragraph.");
  });

  it("starts over when the text is another one", () => {
    const root = document.createElement("div");
    const view = new MarkdownView(root, WORDS);
    view.update("# One\n\ntext\n\nmore", true);
    view.update("Another *answer*", false);
    expect(shape(root)).toBe(shape(show("Another *answer*")));
    view.update("", false);
    expect(root.innerHTML).toBe("");
  });
});

describe("the open end while streaming", () => {
  it("shows a half table as a table", () => {
    for (const text of ["| a | b", "| a | b |\n", "| a | b |\n|--", "| a | b |\n|---|---|"]) {
      expect(show(text, true).querySelector("th")?.textContent, text).toBe("a");
    }
  });

  it("closes emphasis and code, and drops markers that say nothing yet", () => {
    expect(show("so **bold te", true).innerHTML).toBe("<p>so <strong>bold te</strong></p>");
    expect(show("so **", true).textContent).toBe("so ");
    expect(show("so `co", true).querySelector("code")?.textContent).toBe("co");
    expect(show("see [the docs](https://exa", true).textContent).toBe("see the docs");
    expect(show("2 * 3 and snake_case", true).textContent).toBe("2 * 3 and snake_case");
  });

  it("holds a heading made of dashes back until its line is whole", () => {
    expect(show("Title\n-", true).querySelector("h2")).toBeNull();
    expect(show("Title\n---\n", true).querySelector("h2")?.textContent).toBe("Title");
  });

  it("shows an open formula as its source and an open fence as code", () => {
    expect(show("so $$\\frac{a", true).querySelector(".math-pending")?.textContent).toBe("\\frac{a");
    expect(show("$$\na +", true).querySelector(".math-pending")?.textContent).toBe("a +");
    const code = show("```js\nlet a = `x`\n``", true).querySelector("figure code");
    expect(code?.textContent).toBe("let a = `x`\n");
  });
});

describe("money and mathematics", () => {
  it.each([
    "It costs $5 and $10.",
    "from $5 to 10$ each",
    "$5-$10, US$7, 3$",
    "$HOME/bin:$PATH and ${x}",
    "pay $1,000.50 or $2k; then $3/month",
    "\\$5 and \\$6$",
    "between $5 and 10$ of it",
  ])("%s stays text", (text) => {
    expect(show(text).querySelector(".math-inline, .math-display")).toBeNull();
  });

  it.each([
    ["$x$", "x"],
    ["so $a_1 + b$.", "a_1 + b"],
    ["公式$x^2$是", "x^2"],
    ["$2 + 2 = 4$", "2 + 2 = 4"],
    ["\\(a\\)", "a"],
    ["$$a$$", "a"],
    ["\\[a\\]", "a"],
    ["$$\na\n\nb\n$$", "a\n\nb"],
  ])("%s is drawn", (text, tex) => {
    const annotation = show(text).querySelector(".katex annotation, .math-source");
    expect(annotation?.textContent).toBe(tex);
  });

  it("shows a formula that is not valid as its source", () => {
    expect(show("$\\frac{$").textContent).toBe("\\frac{");
  });
});
