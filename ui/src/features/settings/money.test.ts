import { expect, it } from "vitest";
import { codeProblem, matchZones, rateProblem } from "./money";

it.each(["0.92", "151.2", "1", "0.000001"])("%s is a rate", (rate) =>
  expect(rateProblem(rate)).toBeUndefined(),
);

it.each(["", "abc", "0", "0.00", "-1", "1e3", "0,92", "1.2.3", "Infinity", `0.${"1".repeat(13)}`])(
  "%s is refused at the field",
  (rate) => expect(rateProblem(rate)).toBeTypeOf("string"),
);

it("takes three letters for a currency, in any case", () => {
  expect([codeProblem("eur"), codeProblem("CHF")]).toEqual([undefined, undefined]);
  expect([codeProblem("EU"), codeProblem("€"), codeProblem("12A")].every((said) => said !== undefined)).toBe(
    true,
  );
});

it("finds a time zone by any part of its name, and offers the system's own first", () => {
  const all = ["America/New_York", "Asia/Shanghai", "Europe/Berlin"];
  expect(matchZones(all, "").map(({ key }) => key)).toEqual(["system", ...all]);
  expect(matchZones(all, "new york")).toEqual([{ key: "America/New_York" }]);
  expect(matchZones(all, "atlantis")).toEqual([]);
});
