import { expect, it } from "vitest";
import { someAdvice } from "../../backend/fake/analysis/advice";
import type { Recommendation } from "../../backend/bindings/Recommendation";
import { groupsOf } from "./groups";

const alone = (subject: string): Recommendation => {
  const one = someAdvice().find(({ kind }) => kind === "add_fallback");
  if (one === undefined) throw new Error("no such advice");
  return { ...one, id: `add_fallback:${subject}`, subject };
};

it("tells alike advice once, where the most urgent of it stands", () => {
  const [first, ...rest] = someAdvice().filter(({ kind }) => kind !== "add_fallback");
  if (first === undefined) throw new Error("no advice");
  const groups = groupsOf([first, alone("a/x"), ...rest, alone("b/y")]);
  expect(groups).toHaveLength(rest.length + 2);
  expect(groups[1]?.all.map(({ subject }) => subject)).toEqual(["a/x", "b/y"]);
});

it("keeps what a press does apart from what a person has to do", () => {
  const [timeout] = someAdvice();
  if (timeout === undefined) throw new Error("no advice");
  expect(groupsOf([timeout, { ...timeout, id: "other", change: [] }])).toHaveLength(2);
});
