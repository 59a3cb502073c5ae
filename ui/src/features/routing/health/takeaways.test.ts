import { describe, expect, it } from "vitest";
import { createFakeBackend } from "../../../backend/fake/backend";
import { quietStanding, someStanding, standing } from "../../../backend/fake/standing";
import { someStatistics } from "../../../backend/fake/statistics";
import { Figures } from "./figures.svelte";
import { answeredShare, takeaways } from "./takeaways";

const ROWS = someStatistics().rows;
const NOW = Date.now();
const quiet = { at: NOW, ...quietStanding() };

function only(...names: string[]) {
  return ROWS.filter((row) => row.of === "model" && names.includes(row.name));
}

describe("the share of answered calls", () => {
  it("counts what a person stopped neither as good nor as bad", () => {
    expect(answeredShare({ requests: 10, succeeded: 6, cancelled: 4 })).toBe(1);
    expect(answeredShare({ requests: 10, succeeded: 3, cancelled: 4 })).toBe(0.5);
    expect(answeredShare({ requests: 2, succeeded: 0, cancelled: 2 })).toBeNull();
  });
});

describe("what the figures say", () => {
  it("begins with who is left alone and where requests wait", () => {
    const said = takeaways(ROWS, { at: NOW, ...someStanding() }, NOW);
    expect(said[0]).toBe("Left alone right now: deepseek/deepseek-v4.");
    expect(said[1]).toBe("3 wait for a place at http://127.0.0.1:11434.");
  });

  it("never rounds a failure away: 999 of 1,000 is not all", () => {
    const [row] = only("anthropic/claude-sonnet-5");
    if (row === undefined) throw new Error("there is a row");
    const said = takeaways([{ ...row, requests: 1_000, succeeded: 999, cancelled: 0 }], quiet, NOW);
    expect(said[0]).toBe("99 % of the calls were answered to the end (999 of 1k).");
  });

  it("names the worst with its most frequent failure, and only where there were enough calls", () => {
    const bad = takeaways(only("openai/gpt-5.6"), quiet, NOW);
    expect(bad).toContain("openai/gpt-5.6 answers 80 % of its calls; most often: too many requests.");
    const few = only("openai/gpt-5.6").map((row) => ({ ...row, requests: 4, succeeded: 1 }));
    expect(takeaways(few, quiet, NOW).join()).not.toContain("answers");
  });

  it("lets invented calls speak only where there are no real ones", () => {
    const [row] = only("openai/gpt-5.6");
    if (row === undefined) throw new Error("there is a row");
    const invented = { ...row, name: "demo/swift", simulated: true, requests: 50, succeeded: 50 };
    expect(takeaways([invented], quiet, NOW)[0]).toBe("All 50 calls were answered to the end.");
    expect(takeaways([invented, row], quiet, NOW)[0]).toContain("of 187");
  });

  it("says nothing of an empty window", () => {
    expect(takeaways([], null, NOW)).toEqual([]);
    expect(takeaways([], { ...quiet, models: [standing("a/b")] }, NOW)).toEqual([]);
  });
});

describe("figures", () => {
  it("shows the window asked for last, whichever comes back last", async () => {
    const backend = createFakeBackend();
    backend.state.statistics = someStatistics();
    const figures = new Figures(backend);
    await figures.load();
    expect(figures.rows.every((row) => row.of === "model")).toBe(true);
    figures.of = "group";
    expect(figures.rows.map(({ name }) => name)).toEqual(["coding", "everyday", "coding"]);
    await Promise.all([figures.show(720), figures.show(1)]);
    expect(figures.hours).toBe(1);
    const view = figures.view;
    expect((view?.until ?? 0) - (view?.since ?? 0)).toBe(3_600_000);
    await figures.reset();
    expect(figures.view?.rows).toEqual([]);
  });
});
