import { expect, it } from "vitest";
import { planLanes } from "./plan";

it.each([
  ["three lanes are squeezed a little to be seen at once", 1116, 3, 16, { mode: "columns", laneWidth: 372 }],
  ["eight scroll, each at its comfortable width", 1116, 8, 16, { mode: "columns", laneWidth: 420 }],
  ["two share a small window", 700, 2, 16, { mode: "columns", laneWidth: 350 }],
  ["where not even two fit there are tabs", 648, 3, 16, { mode: "tabs", laneWidth: 648 }],
  ["one lane needs no tabs", 400, 1, 16, { mode: "columns", laneWidth: 400 }],
  ["letters twice as large count", 1116, 3, 32, { mode: "tabs", laneWidth: 1116 }],
] as const)("%s", (_, width, lanes, rem, plan) => expect(planLanes(width, lanes, rem)).toEqual(plan));
