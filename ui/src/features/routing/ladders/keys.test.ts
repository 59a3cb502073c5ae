import { expect, it } from "vitest";
import { goal } from "./keys";

const LENGTHS = [3, 0, 1];

it.each([
  ["ArrowLeft", { rung: 0, at: 0 }, false, null],
  ["ArrowRight", { rung: 0, at: 0 }, false, { rung: 0, at: 1 }],
  ["ArrowRight", { rung: 0, at: 2 }, true, null],
  ["ArrowUp", { rung: 0, at: 1 }, true, null],
  // The focus passes over a rung where nobody stands; a model is put onto it.
  ["ArrowDown", { rung: 0, at: 2 }, false, { rung: 2, at: 0 }],
  ["ArrowDown", { rung: 0, at: 2 }, true, { rung: 1, at: 0 }],
  ["ArrowUp", { rung: 2, at: 0 }, false, { rung: 0, at: 0 }],
  ["ArrowDown", { rung: 2, at: 0 }, true, null],
  ["Enter", { rung: 0, at: 0 }, true, null],
] as const)("%s from %j, moving %s, leads to %j", (key, from, moves, to) => {
  expect(goal(from, key, LENGTHS, moves)).toEqual(to);
});

it("puts a model behind the last one of a shorter rung", () => {
  expect(goal({ rung: 0, at: 2 }, "ArrowDown", [3, 1], true)).toEqual({ rung: 1, at: 1 });
});
