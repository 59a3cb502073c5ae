import { cleanup, fireEvent, render } from "@testing-library/svelte";
import { flushSync } from "svelte";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createFakeBackend, type FakeBackend } from "../../backend/fake/backend";
import { toasts } from "../ui/toasts.svelte";
import { highlight } from "./code/highlight";
import { languageLabel, languageOf } from "./code/languages";
import Host from "./Host.test.svelte";
import { PacedView, Turns } from "./pace";

let backend: FakeBackend;

beforeEach(() => {
  backend = createFakeBackend();
});
afterEach(cleanup);

function show(source: string, streaming = false) {
  const shown = render(Host, { props: { backend, source, streaming } });
  flushSync();
  return shown;
}

it("opens links through the host and never lets the window follow them", async () => {
  const { container } = show("[docs](https://docs.example/a) <mailto:ada@example.org>");
  const links = [...container.querySelectorAll("a")];
  for (const link of links) {
    expect(await fireEvent.click(link), "the click's own navigation is prevented").toBe(false);
    expect(
      await fireEvent(link, new MouseEvent("auxclick", { bubbles: true, cancelable: true, button: 1 })),
    ).toBe(false);
  }
  await vi.waitFor(() => expect(backend.opened).toHaveLength(4));
  expect(new Set(backend.opened)).toEqual(new Set(["https://docs.example/a", "mailto:ada@example.org"]));
});

it("does not follow a link whose address was changed after it was drawn", async () => {
  const { container } = show("[docs](https://docs.example/a)");
  const link = container.querySelector("a");
  link?.setAttribute("href", "javascript:alert(1)");
  if (link) expect(await fireEvent.click(link)).toBe(false);
  expect(backend.opened).toEqual([]);
});

it("copies a code block as it was written, and says so", async () => {
  const writeText = vi.fn(() => Promise.resolve());
  vi.stubGlobal("navigator", { clipboard: { writeText } });
  const { container } = show("```js\nlet a = 1;\n\n  b();\n```");
  const copy = container.querySelector<HTMLElement>('[data-code="copy"]');
  if (copy) await fireEvent.click(copy);
  expect(writeText).toHaveBeenCalledWith("let a = 1;\n\n  b();");
  await vi.waitFor(() => expect(copy?.textContent).toBe("Copied"));
  vi.unstubAllGlobals();
});

it("says when the clipboard refuses", async () => {
  vi.stubGlobal("navigator", {
    clipboard: { writeText: () => Promise.reject(new Error("denied")) },
  });
  const { container } = show("```\nx\n```");
  const copy = container.querySelector<HTMLElement>('[data-code="copy"]');
  if (copy) await fireEvent.click(copy);
  await vi.waitFor(() => expect(toasts.shown.at(-1)?.text).toBe("denied"));
  vi.unstubAllGlobals();
});

it("wraps long lines on request and keeps doing so while more code arrives", async () => {
  const { container, rerender } = show("```js\nlet a", true);
  const wrap = container.querySelector<HTMLElement>('[data-code="wrap"]');
  if (wrap) await fireEvent.click(wrap);
  expect(wrap?.getAttribute("aria-pressed")).toBe("true");
  await rerender({ backend, source: "```js\nlet a = 1;\n```\n\nend", streaming: false });
  expect(container.querySelector("figure.wrapped")).not.toBeNull();
  expect(container.textContent).toContain("end");
});

it("colours a finished block without changing its text", async () => {
  const { container } = show("```rust\nfn main() {}\n```");
  await vi.waitFor(
    () => expect(container.querySelector(".tok-keyword")?.textContent.trim()).toBe("fn"),
    8_000,
  );
  expect(container.querySelector("figure code")?.textContent).toBe("fn main() {}\n");
  expect(container.querySelector("[style]"), "no inline style").toBeNull();
}, 15_000);

it("knows languages by their common names and labels unknown ones as written", () => {
  expect(languageOf("py")).toBe("python");
  expect(languageOf("C++")).toBe("cpp");
  expect(languageOf("constructor"), "not a property every object has").toBeNull();
  expect(languageLabel("ts")).toBe("TypeScript");
  expect(languageLabel("brainfuck")).toBe("brainfuck");
});

it("colours code longer than one slice as if it were one", async () => {
  const code = `/* ${"line\n".repeat(100)} */\nlet a = 1;\n`;
  const pieces = await highlight(code, "javascript", new AbortController().signal);
  expect(pieces?.map((piece) => piece.text).join("")).toBe(code);
  expect(pieces?.[0]?.className).toBe("tok-comment");
  expect(pieces?.find((piece) => piece.text.includes("let"))?.className).toBe("tok-keyword");
}, 10_000);

it("gives up on code that is too long, and when it is no longer wanted", async () => {
  const live = new AbortController().signal;
  expect(await highlight("x".repeat(200_000), "javascript", live)).toBeNull();
  expect(await highlight("let b = 2;", "javascript", AbortSignal.abort())).toBeNull();
});

it("paces a view that has become dear, and still shows its last state", () => {
  vi.useFakeTimers();
  const shown: string[] = [];
  const dear = {
    update(source: string): void {
      shown.push(source);
      vi.advanceTimersByTime(0);
      vi.setSystemTime(Date.now() + 20);
    },
  };
  let now = 0;
  vi.spyOn(performance, "now").mockImplementation(() => (now += 10));
  const view = new PacedView(dear, document.createElement("div"));
  for (const text of ["a", "ab", "abc", "abcd"]) view.update(text, true);
  expect(shown).toEqual(["a"]);
  vi.runAllTimers();
  expect(shown).toEqual(["a", "abcd"]);
  view.update("abcde", true);
  view.update("abcdef", false);
  expect(shown.at(-1), "the end is never delayed").toBe("abcdef");
  vi.useRealTimers();
});

it("lets texts take turns while frames come late, and loses none", () => {
  let now = 1_000_000;
  let frame: FrameRequestCallback | null = null;
  vi.spyOn(performance, "now").mockImplementation(() => now);
  vi.stubGlobal("requestAnimationFrame", (next: FrameRequestCallback) => ((frame = next), 1));
  const turns = new Turns();
  const shown = Array.from({ length: 8 }, () => "");
  const views = shown.map(
    (_, at) => new PacedView({ update: (text) => (shown[at] = text) }, document.createElement("div"), turns),
  );
  const round = (text: string, ms: number): number => {
    for (const view of views) view.update(text, true);
    now += ms;
    const due = frame;
    frame = null;
    due?.(now);
    return shown.filter((one) => one === text).length;
  };
  expect(round("first", 16), "frames in time bear every text").toBe(8);
  for (let late = 0; late < 8; late += 1) round(`late ${String(late)}`, 60);
  expect(round("one", 60), "late frames bear one").toBe(1);
  const told = new Set<number>();
  for (let turn = 0; turn < 8; turn += 1) {
    round(`turn ${String(turn)}`, 60);
    told.add(shown.indexOf(`turn ${String(turn)}`));
  }
  expect(told.size, "each has its turn").toBe(8);
  for (const view of views) view.update("end", false);
  expect(new Set(shown)).toEqual(new Set(["end"]));
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});
