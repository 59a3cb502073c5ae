import { cleanup, fireEvent, render, screen, waitFor, within } from "@testing-library/svelte";
import { afterEach, expect, it, vi } from "vitest";
import type { RunView } from "../../backend/bindings/RunView";
import { createFakeBackend, type FakeBackend } from "../../backend/fake/backend";
import { fakeProvider } from "../../backend/fake/catalogue";
import { plantRouted } from "../../backend/fake/routedSeeds";
import Sheet from "./Sheet.test.svelte";

// jsdom lays nothing out, so there is nothing to observe.
globalThis.ResizeObserver = class {
  observe(): void {}
  unobserve(): void {}
  disconnect(): void {}
};

afterEach(cleanup);

/** The answer of a lane to a turn of the planted conversation. */
function planted(turn: number, lane: number): { backend: FakeBackend; run: RunView } {
  const backend = createFakeBackend();
  backend.state.providers = ["anthropic", "openai", "gemini", "deepseek", "ollama"].map(fakeProvider);
  plantRouted(backend.state);
  const [conversation] = backend.state.conversations.values();
  const run = conversation?.turns[turn]?.versions.get(conversation.lanes[lane]?.id ?? "")?.at(-1);
  if (run === undefined) throw new Error("it was planted");
  return { backend, run };
}

async function shown(turn: number, lane: number) {
  const { backend, run } = planted(turn, lane);
  render(Sheet, { props: { backend, run } });
  await screen.findByRole("table");
  return { backend, run };
}

const rows = () =>
  screen
    .getAllByRole("row")
    .slice(1)
    .map((row) => row.textContent.replace(/\s+/g, " ").trim());

it("shows everybody who stood for choice: scores in parts, and for the others why not", async () => {
  await shown(2, 0);
  const [first, ...others] = rows();
  expect(first).toMatch(/^gpt-5\.6 chosen coding\.echelon1 .* 0\.92 0\.50 0\.00 0\.95 0\.61$/);
  const out = others.find((row) => row.startsWith("deepseek-v4"));
  expect(out).toContain("Left alone it kept failing and is left alone for 42.0 s");
  expect(out, "who is out has no score").not.toMatch(/\d\.\d\d$/);
});

it("tells each call with how it ended, and who answered in the end", async () => {
  await shown(0, 2);
  const calls = screen.getAllByRole("listitem").map((call) => call.textContent.replace(/\s+/g, " ").trim());
  expect(calls).toEqual([
    expect.stringMatching(
      /First call anthropic\/claude-sonnet-5 too many requests took 0\.4 s · asked to wait 12 s/,
    ),
    expect.stringMatching(/Asked again anthropic\/claude-sonnet-5 fault at the provider waited 0\.8 s/),
    expect.stringMatching(/Fallback gemini\/gemini-3\.6-flash answered/),
  ]);
  expect(rows().find((row) => row.startsWith("gemini-3.6-flash"))).toContain("answered");
});

it.each([
  [true, "The same facts lead to the same choice."],
  [false, /another choice now/],
  [null, /another version of the program/],
] as const)("says whether the choice repeats: %s", async (replays, words) => {
  const { backend, run } = planted(0, 0);
  const trace = await backend.runTrace(run.id);
  vi.spyOn(backend, "runTrace").mockResolvedValue(trace === null ? null : { ...trace, replays });
  render(Sheet, { props: { backend, run } });
  expect(await screen.findByText(words)).toBeTruthy();
});

it("says that nothing is recorded of an answer from before traces were kept", async () => {
  const { backend, run } = planted(0, 0);
  vi.spyOn(backend, "runTrace").mockResolvedValue(null);
  render(Sheet, { props: { backend, run } });
  expect(await screen.findByText(/Nothing is recorded/)).toBeTruthy();
});

it("says what went wrong and asks again, and closes", async () => {
  const { backend, run } = planted(0, 0);
  vi.spyOn(backend, "runTrace").mockRejectedValueOnce(
    Object.assign(new Error("The program is closing."), { code: "closing", action: null, retryable: true }),
  );
  render(Sheet, { props: { backend, run } });
  expect((await screen.findByRole("alert")).textContent).toBe("The program is closing.");
  await fireEvent.click(screen.getByRole("button", { name: "Try again" }));
  await screen.findByRole("table");
  await fireEvent.click(within(screen.getByRole("dialog")).getByRole("button", { name: "Close" }));
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
});
