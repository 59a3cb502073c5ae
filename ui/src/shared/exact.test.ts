import { expect, it } from "vitest";
import { partsOf, shareOf, sumOf, textOf } from "./exact";

it("adds to the last digit, where floats would not", () => {
  expect(sumOf(["0.1", "0.2"])).toBe("0.3");
  expect(sumOf(["0.000000000001", "123456789.000000000001"])).toBe("123456789.000000000002");
  expect(sumOf(["1", null, "-0.25"])).toBe("0.75");
});

it("knows nothing from unknown", () => {
  expect(sumOf([null, null])).toBeNull();
  expect(sumOf([null, "0"])).toBe("0");
});

it("writes what it reads", () => {
  for (const text of ["0", "12", "0.5", "-3.000000000007", "1000000.25"])
    expect(textOf(partsOf(text))).toBe(text);
});

it("gives shares in basis points, rounded down, and none of nothing", () => {
  expect(shareOf("1", "3")).toBe(3333);
  expect(shareOf("2", "2")).toBe(10_000);
  expect(shareOf("1", "0")).toBeNull();
});
