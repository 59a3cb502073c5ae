import { expect, it } from "vitest";
import { axisOver } from "./modelOption";

it("tells models apart in powers where they are far apart, and from nothing on where they are not", () => {
  expect(axisOver([1, 4], 2)).toMatchObject({ type: "value", min: 0, max: 5 });
  expect(axisOver([1, 80], 2)).toMatchObject({ type: "log", logBase: 2 });
});

it("has a place for a mean of nothing, and for what was taken back", () => {
  expect(axisOver([0, 30], 2)).toMatchObject({ type: "value", min: 0, max: 37.5 });
  expect(axisOver([0], 2)).toMatchObject({ type: "value", min: 0, max: 1 });
  expect(axisOver([-2, 10], 10)).toMatchObject({ type: "value", min: -2.5, max: 12.5 });
});
