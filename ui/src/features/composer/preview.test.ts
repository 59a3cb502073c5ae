import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Backend } from "../../backend/backend";
import type { TurnPreview } from "../../backend/bindings/TurnPreview";
import { Preview } from "./preview.svelte";

const drafted = (text: string) => ({ conversationId: "c", text, attachments: [], laneIds: [] });
const figures = (expected_usd: string): TurnPreview => ({
  lanes: [],
  expected_usd,
  worst_usd: "1",
  simulated_expected_usd: "0",
  simulated_worst_usd: "0",
  unpriced: 0,
  tightest: null,
  stop: null,
});

/** A host that answers when it is told to. */
function slowHost() {
  const asked: {
    text: string;
    exact: boolean;
    answer: (view: TurnPreview) => void;
    fail: (why: Error) => void;
  }[] = [];
  const backend = {
    previewTurn: (_: string, text: string, _files: string[], _lanes: string[], exact: boolean) =>
      new Promise<TurnPreview>((answer, fail) => asked.push({ text, exact, answer, fail })),
  } as unknown as Backend;
  return { asked, preview: new Preview(backend) };
}

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

it("asks once for what was typed in one go", async () => {
  const { asked, preview } = slowHost();
  for (const text of ["a", "ab", "abc"]) {
    preview.follow(drafted(text));
    await vi.advanceTimersByTimeAsync(60);
  }
  await vi.advanceTimersByTimeAsync(150);
  expect(asked.map((one) => one.text)).toEqual(["abc"]);
});

it("keeps the figures on screen until newer ones are there, and drops late ones", async () => {
  const { asked, preview } = slowHost();
  preview.follow(drafted("first"));
  await vi.advanceTimersByTimeAsync(150);
  preview.follow(drafted("second"));
  await vi.advanceTimersByTimeAsync(150);
  asked[1]?.answer(figures("2"));
  await vi.advanceTimersByTimeAsync(0);
  asked[0]?.answer(figures("1"));
  await vi.advanceTimersByTimeAsync(0);
  expect(preview.view?.expected_usd).toBe("2");
  preview.follow(drafted("third"));
  await vi.advanceTimersByTimeAsync(500);
  expect(preview.view?.expected_usd).toBe("2");
});

it("shows providers the draft only when told to, and not again for the next letter", async () => {
  const { asked, preview } = slowHost();
  void preview.countExactly(drafted("a"));
  expect(preview.counting).toBe(true);
  asked[0]?.answer(figures("3"));
  await vi.advanceTimersByTimeAsync(0);
  expect([preview.exact, preview.counting]).toEqual([true, false]);
  preview.follow(drafted("ab"));
  await vi.advanceTimersByTimeAsync(150);
  asked[1]?.answer(figures("4"));
  await vi.advanceTimersByTimeAsync(0);
  expect(asked.map((one) => one.exact)).toEqual([true, false]);
  expect(preview.exact).toBe(false);
});

it("says why there are no figures, and forgets it with the next ones", async () => {
  const { asked, preview } = slowHost();
  preview.follow(drafted("a"));
  await vi.advanceTimersByTimeAsync(150);
  asked[0]?.fail(new Error("The data folder is gone."));
  await vi.advanceTimersByTimeAsync(0);
  expect(preview.error?.message).toBe("The data folder is gone.");
  preview.follow(drafted("ab"));
  await vi.advanceTimersByTimeAsync(150);
  asked[1]?.answer(figures("1"));
  await vi.advanceTimersByTimeAsync(0);
  expect(preview.error).toBeNull();
});

it("asks nothing more once it is stopped", async () => {
  const { asked, preview } = slowHost();
  preview.follow(drafted("a"));
  preview.stop();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(asked).toEqual([]);
});
