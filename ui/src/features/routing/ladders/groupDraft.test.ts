import { describe, expect, it } from "vitest";
import { rung } from "../../../backend/fake/routeSeeds";
import type { GroupView } from "../../../backend/bindings/GroupView";
import { GroupDraft } from "./groupDraft.svelte";

const GROUP: GroupView = {
  name: "coding",
  description: null,
  echelons: [
    rung(1, ["a/one", "a/two"], { priority: 10 }),
    rung(2, ["b/three"], { rpm_limit: 60, priority: 20 }),
    rung(5, ["c/four"]),
  ],
  fallback_config: null,
};

const draft = () => new GroupDraft(GROUP, "coding");
const models = (of: GroupDraft) => of.group.echelons.map(({ models: names }) => names);

describe("moving models", () => {
  it("goes along a rung and to another, and never past the ends", () => {
    const group = draft();
    expect(group.moveModel({ rung: 0, at: 0 }, { rung: 0, at: 1 })).toEqual({ rung: 0, at: 1 });
    expect(models(group)[0]).toEqual(["a/two", "a/one"]);
    expect(group.moveModel({ rung: 0, at: 1 }, { rung: 1, at: 9 })).toEqual({ rung: 1, at: 1 });
    expect(models(group)).toEqual([["a/two"], ["b/three", "a/one"], ["c/four"]]);
    expect(group.moveModel({ rung: 0, at: 0 }, { rung: 0, at: 0 })).toBeNull();
    expect(group.moveModel({ rung: 0, at: 3 }, { rung: 1, at: 0 })).toBeNull();
    expect(group.moveModel({ rung: 0, at: 0 }, { rung: 7, at: 0 })).toBeNull();
  });

  it("keeps a model from standing on one rung twice", () => {
    const group = draft();
    group.addModel(1, "a/one");
    expect(group.moveModel({ rung: 0, at: 0 }, { rung: 1, at: 0 })).toBeNull();
    group.addModel(1, "a/one");
    expect(models(group)[1]).toEqual(["b/three", "a/one"]);
  });
});

describe("rungs", () => {
  it("keeps number and priority with the place, so that the file is read in the order that was seen", () => {
    const group = draft();
    expect(group.moveRung(1, -1)).toBe(true);
    expect(group.group.echelons[0]).toMatchObject({
      number: 1,
      priority: 10,
      models: ["b/three"],
      rpm_limit: 60,
    });
    expect(group.group.echelons[1]).toMatchObject({
      number: 2,
      priority: 20,
      models: ["a/one", "a/two"],
      rpm_limit: null,
    });
    expect(group.moveRung(0, -1)).toBe(false);
    expect(group.moveRung(2, 1)).toBe(false);
  });

  it("never gives a number that other files may mean to another rung", () => {
    const group = draft();
    group.removeRung(1);
    expect(group.group.echelons.map(({ number }) => number)).toEqual([1, 5]);
    group.addRung();
    expect(group.group.echelons.map(({ number }) => number)).toEqual([1, 5, 6]);
  });
});

describe("saving", () => {
  it("has nothing to save until something changes, and what is put back is no change", () => {
    const group = draft();
    expect(group.changed).toBe(false);
    group.setField(0, "rpm_limit", 5);
    expect(group.changed).toBe(true);
    group.setField(0, "rpm_limit", null);
    expect(group.changed).toBe(false);
    expect(new GroupDraft(GROUP, null).changed).toBe(true);
  });

  it("cannot be saved while a number is none, a rung is empty, or there is no name", () => {
    const group = draft();
    group.setField(0, "timeout", Number.NaN);
    expect([group.readable, group.ready, group.changed]).toEqual([false, false, true]);
    group.setField(0, "timeout", 5);
    expect(group.ready).toBe(true);
    group.changeBreaker({ recovery_time: Number.NaN });
    expect(group.ready).toBe(false);
    group.changeBreaker({ recovery_time: null });
    expect(group.ready).toBe(true);
    group.removeModel({ rung: 1, at: 0 });
    expect(group.ready).toBe(false);
    group.removeRung(1);
    group.group.name = "  ";
    expect(group.ready).toBe(false);
  });

  it("writes nothing about failing calls that was neither there nor said", () => {
    const group = draft();
    group.changeFallback({ max_attempts: 4 });
    group.changeFallback({ max_attempts: null });
    expect(group.result.fallback_config).toBeNull();
    group.changeBreaker({ failure_threshold: 3 });
    expect(group.result.fallback_config?.circuit_breaker).toEqual({
      failure_threshold: 3,
      recovery_time: null,
      half_open_requests: null,
    });
    group.group.name = " coding ";
    group.group.description = "  ";
    expect(group.result).toMatchObject({ name: "coding", description: null });
  });

  it("leaves what it was made of as it was", () => {
    const before = JSON.stringify(GROUP);
    const group = draft();
    group.removeModel({ rung: 0, at: 0 });
    group.moveRung(0, 1);
    expect(JSON.stringify(GROUP)).toBe(before);
  });
});
