import { expect, it } from "vitest";
import type { SpendFilter } from "../../backend/bindings/SpendFilter";
import {
  chipsOf,
  into,
  intoTime,
  isElsewhere,
  isReset,
  keyOfRange,
  normal,
  rangeOf,
  RANGES,
  sameFilter,
  THIS_MONTH,
  withName,
  withoutChips,
} from "./filter";

it("names every range it offers, and no others", () => {
  for (const key of RANGES) expect(keyOfRange(rangeOf(key))).toBe(key);
  expect(keyOfRange({ kind: "between", from: 1, until: 2 })).toBeNull();
  expect(keyOfRange({ kind: "days", days: 11 })).toBeNull();
  expect(keyOfRange({ kind: "dates", first: "2026-11-01", last: "2026-11-02" })).toBeNull();
});

it("reads what an older or newer program has kept", () => {
  expect(normal(undefined)).toEqual(THIS_MONTH);
  expect(normal({ providers: ["openai"] })).toEqual({ ...THIS_MONTH, providers: ["openai"] });
  expect(normal({ by: "phase of the moon" as SpendFilter["by"] }).by).toBe("provider");
  const [tags, rest] = [["a"], { ...THIS_MONTH, tags: ["a"] }];
  expect(sameFilter({ ...rest, tags }, normal(JSON.parse(JSON.stringify(rest)) as SpendFilter))).toBe(true);
});

it("adds a chip once and takes it away again", () => {
  const once = withName(THIS_MONTH, "models", "openai/gpt-5.6", true);
  expect(chipsOf(withName(once, "models", "openai/gpt-5.6", true))).toEqual([
    { field: "models", name: "openai/gpt-5.6" },
  ]);
  expect(withName(once, "models", "openai/gpt-5.6", false)).toEqual(THIS_MONTH);
});

it("a reset takes the chips and the range, not the way of looking", () => {
  const filter: SpendFilter = { ...THIS_MONTH, tags: [""], measure: "tokens", by: "tag" };
  expect(isReset(filter)).toBe(false);
  expect(withoutChips(filter)).toMatchObject({ tags: [], measure: "tokens", by: "tag" });
});

it("knows another way to look from another thing to look at", () => {
  expect(isElsewhere({ ...THIS_MONTH, by: "tag", measure: "tokens", step: "day" }, THIS_MONTH)).toBe(false);
  expect(isElsewhere({ ...THIS_MONTH, tags: ["a"] }, THIS_MONTH)).toBe(true);
  expect(isElsewhere({ ...THIS_MONTH, range: { kind: "yesterday" } }, THIS_MONTH)).toBe(true);
});

it("leads from everything to a day, a model, a conversation", () => {
  const day = intoTime(THIS_MONTH, 10, 20);
  expect(day).toMatchObject({ range: { kind: "between", from: 10, until: 20 }, step: "auto", by: "model" });
  const model = into(day, "model", "openai/gpt-5.6");
  expect(model).toMatchObject({ models: ["openai/gpt-5.6"], by: "conversation", range: day.range });
  expect(into(model, "conversation", "c1")).toMatchObject({ conversations: ["c1"], by: "model" });
});
