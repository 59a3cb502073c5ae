import { expect, it } from "vitest";
import { labelEvery, largest, lengths, partsOfColumn, walk } from "./columns";
import { placeNames } from "./labels";

it("walks columns, and begins at the newest", () => {
  expect(walk("ArrowRight", null, 12)).toBe(11);
  expect(walk("ArrowLeft", null, 12)).toBe(11);
  expect(walk("Home", null, 12)).toBe(0);
  expect(walk("ArrowLeft", 0, 12)).toBe(0);
  expect(walk("ArrowRight", 11, 12)).toBe(11);
  expect(walk("PageUp", 11, 12)).toBe(8);
  expect(walk("Enter", 3, 12)).toBeNull();
  expect(walk("ArrowRight", null, 0)).toBeNull();
});

it("marks only bands that hold something in a column", () => {
  const bands = [
    ["1", null],
    ["0", "2"],
    [null, "0.000000000001"],
  ].map((values) => ({ values }));
  expect(partsOfColumn(bands, 0)).toEqual([{ band: 0, value: "1" }]);
  expect(partsOfColumn(bands, 1).map(({ band }) => band)).toEqual([1, 2]);
});

it("leaves words out until they have room", () => {
  expect(labelEvery(12, 1200, 50)).toBe(1);
  expect(labelEvery(60, 600, 50)).toBe(5);
  expect(labelEvery(0, 600, 50)).toBe(1);
});

it("draws lengths in the currency that is shown, and nothing where nothing is known", () => {
  expect(lengths({ values: ["2", null, "-0.5"] }, 0.5)).toEqual([1, null, -0.25]);
});

const within = { left: 0, right: 200, top: 0, bottom: 100 };

it("reads the largest parts of a column, and the marked one, in their order", () => {
  const parts = ["0.2", "0.0001", "3", "0.1"].map((value, band) => ({ band, value }));
  expect(largest(parts, 2, null).map(({ band }) => band)).toEqual([0, 2]);
  expect(largest(parts, 2, 1).map(({ band }) => band)).toEqual([0, 1, 2]);
});

it("puts a name where it covers nothing", () => {
  const [alone] = placeNames([{ x: 50, y: 50, radius: 5, width: 40 }], 12, within);
  expect(alone).toMatchObject({ align: "left" });
  const [atEdge] = placeNames([{ x: 190, y: 50, radius: 5, width: 40 }], 12, within);
  expect(atEdge).toMatchObject({ align: "right" });
});

it("names the largest dots first, whatever their order", () => {
  const narrow = { left: 90, right: 152, top: 44, bottom: 56 };
  const [small, large] = [3, 5].map((radius) => ({ x: 100, y: 50, radius, width: 40 }));
  expect(
    placeNames(
      [small, large].flatMap((dot) => dot ?? []),
      12,
      narrow,
    ).map((place) => place?.align),
  ).toEqual([undefined, "left"]);
});

it("leaves a name out rather than lay it over another", () => {
  const crowd = Array.from({ length: 9 }, () => ({ x: 100, y: 50, radius: 5, width: 90 }));
  const placed = placeNames(crowd, 12, within);
  expect(placed.filter((place) => place !== null).length).toBeLessThanOrEqual(8);
  expect(placed).toContain(null);
});
