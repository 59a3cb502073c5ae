import { flushSync } from "svelte";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { inTurns, type InTurns } from "./inTurns.svelte";

let frames = new Map<number, () => void>();
let asked = 0;

/** One frame comes, and what waits behind its paint. */
function frame() {
  const due = frames;
  frames = new Map();
  for (const one of due.values()) one();
  vi.runAllTimers();
  flushSync();
}

beforeEach(() => {
  vi.useFakeTimers();
  frames = new Map();
  vi.stubGlobal("requestAnimationFrame", (step: () => void) => {
    frames.set((asked += 1), step);
    return asked;
  });
  vi.stubGlobal("cancelAnimationFrame", (id: number) => frames.delete(id));
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function three(value: () => string): { turns: InTurns<string>; end: () => void } {
  let turns: InTurns<string> | undefined;
  const end = $effect.root(() => {
    turns = inTurns(value, 3);
  });
  flushSync();
  if (turns === undefined) throw new Error("it was made");
  return { turns, end };
}

const seen = (turns: InTurns<string>) => [0, 1, 2].map((place) => turns.at(place));

it("reaches one place in a frame", () => {
  const { turns, end } = three(() => "a");
  expect(seen(turns)).toEqual([undefined, undefined, undefined]);
  frame();
  expect(seen(turns)).toEqual(["a", undefined, undefined]);
  frame();
  expect([seen(turns), turns.isThrough]).toEqual([["a", "a", undefined], false]);
  frame();
  expect([seen(turns), turns.isThrough]).toEqual([["a", "a", "a"], true]);
  frame();
  expect(frames.size, "nothing goes on").toBe(0);
  end();
});

it("begins again with another value, and the old one goes no further", () => {
  let value = $state("a");
  const { turns, end } = three(() => value);
  frame();
  value = "b";
  flushSync();
  frame();
  expect(seen(turns)).toEqual(["b", undefined, undefined]);
  frame();
  frame();
  expect([seen(turns), turns.isThrough]).toEqual([["b", "b", "b"], true]);
  end();
  expect(frames.size).toBe(0);
});

it("ends with its component", () => {
  const { turns, end } = three(() => "a");
  end();
  frame();
  expect(seen(turns)).toEqual([undefined, undefined, undefined]);
});
