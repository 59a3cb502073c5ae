import { describe, expect, it } from "vitest";
import { NO_LIMITS, someStanding, standing } from "../../backend/fake/standing";
import { someRoutes } from "../../backend/fake/routeSeeds";
import { arcsOf, membersOf } from "./rings/ring";
import { allowanceWords, lightOf, roomLeft, standingMark, standingWords } from "./standing";

const NOW = 1_800_000_000_000;

describe("lights", () => {
  it.each([
    [undefined, "unknown", "not asked yet", ""],
    [standing("a/b"), "well", "ready", ""],
    [standing("a/b", { unavailable: "No key." }), "unavailable", "No key.", ""],
    [
      standing("a/b", { breaker: { state: "open", until: NOW + 95_000 } }),
      "open",
      "left alone, tried again in 1 min 35 s",
      "1 min 35 s",
    ],
    // The time is up, and nobody has asked again so far.
    [standing("a/b", { breaker: { state: "open", until: NOW - 1 } }), "open", "left alone", ""],
    [standing("a/b", { breaker: { state: "half_open" } }), "half_open", "being tried out", "trying out"],
    [standing("a/b", { closed_until: NOW + 12_000 }), "waiting", "asks to be left alone for 12 s", "12 s"],
    [standing("a/b", { closed_until: NOW - 1 }), "well", "ready", ""],
    [standing("a/b", { allowance: { ...NO_LIMITS, waiting: 3 } }), "well", "ready", "3 waiting"],
  ] as const)("of %j is %s: %s", (of, light, words, mark) => {
    expect(lightOf(of, NOW)).toBe(light);
    expect(standingWords(of, NOW)).toBe(words);
    expect(standingMark(of, NOW)).toBe(mark);
  });
});

describe("limits", () => {
  it("shows the tightest, and nothing where nothing is limited", () => {
    expect(roomLeft(undefined)).toBeNull();
    expect(roomLeft(NO_LIMITS)).toBeNull();
    const allowance = {
      requests: { left: 30, limit: 60 },
      tokens: { left: 1_000, limit: 100_000 },
      concurrency: null,
      waiting: 0,
    };
    expect(roomLeft(allowance)).toBe(0.01);
    expect(allowanceWords(allowance)).toEqual([
      "30 of 60 requests left this minute",
      "1k of 100k tokens left this minute",
    ]);
    expect(roomLeft({ ...NO_LIMITS, requests: { left: 9, limit: 0 } })).toBeNull();
  });
});

describe("a ring", () => {
  const routes = someRoutes();
  const [pool] = routes.pools;
  const state = { at: NOW, ...someStanding() };

  it("says of each member how many of its models are out", () => {
    if (pool === undefined) throw new Error("there is a pool");
    const members = membersOf(pool, routes, state, Date.now());
    expect(members.map(({ entry, models, out, state: is }) => [entry, models, out, is])).toEqual([
      ["coding.echelon1", 2, 1, "some"],
      ["everyday", 3, 0, "well"],
      ["long reading", 2, 0, "well"],
    ]);
    const gone = membersOf({ ...pool, task_groups: ["gone"] }, routes, state, Date.now());
    expect(gone[0]).toMatchObject({ models: null, state: "out" });
  });

  it("draws arcs as long as the shares, a lone member all around, and none for nobody", () => {
    expect(arcsOf([3, 1]).map(({ path }) => path)).toHaveLength(2);
    expect(arcsOf([1])[0]?.path, "one alone is the whole ring").toBe(
      "M50 12A38 38 0 0 1 50 88A38 38 0 0 1 50 12",
    );
    expect(arcsOf([])).toEqual([]);
    for (const { x, y } of arcsOf([1, 1, 1, 1, 1])) expect(Math.hypot(x - 50, y - 50)).toBeCloseTo(38, 1);
  });
});
