import { describe, expect, it } from "vitest";
import type { RunEvent } from "../../backend/bindings/RunEvent";
import type { RunView } from "../../backend/bindings/RunView";
import { fakeModels, fakeProvider } from "../../backend/fake/catalogue";
import { newRun } from "../../backend/fake/run";
import { applyBatch, progressOf, type Applied, type Runs } from "./stream";

const [swift] = fakeModels([fakeProvider("demo")]);
if (swift === undefined) throw new Error("the demo has models");
const run: RunView = newRun({ id: "r", turnId: "t", laneId: "l", version: 1, model: swift, startedAt: 0 });
const start: Runs = new Map([["r", progressOf(run)]]);

const text = (offset: number, delta: string): RunEvent => ({ type: "text", run_id: "r", offset, delta });
const reasoning = (offset: number, delta: string): RunEvent => ({
  type: "reasoning",
  run_id: "r",
  offset,
  delta,
});
const apply = (runs: Runs, seq: number, events: RunEvent[], now = 0, expected = seq): Applied =>
  applyBatch(runs, expected, { turn_id: "t", seq, events, done: false }, now);

describe("calls of tools", () => {
  it("are replaced as a whole, and end the thinking", () => {
    const calls = (words: string): RunEvent => ({
      type: "tool_calls",
      run_id: "r",
      tool_calls: [{ name: "search", arguments: words }],
    });
    const thinking = apply(start, 0, [reasoning(0, "hm")], 1_000).runs;
    const { runs } = apply(thinking, 1, [calls('{"q":'), calls('{"q":1}')], 3_500);
    expect(runs.get("r")?.run.tool_calls).toEqual([{ name: "search", arguments: '{"q":1}' }]);
    expect(runs.get("r")?.thoughtMs).toBe(2_500);
  });
});

describe("text", () => {
  it("appends in order", () => {
    const { runs, lost } = apply(start, 0, [text(0, "Hello"), text(5, ", world")]);
    expect(runs.get("r")?.run.text).toBe("Hello, world");
    expect(lost).toBe(false);
  });

  it("takes a piece it has seen before only once", () => {
    const { runs } = apply(start, 0, [text(0, "abc"), text(0, "abc"), text(1, "bc"), text(2, "cde")]);
    expect(runs.get("r")?.run.text).toBe("abcde");
  });

  it("says that a piece is missing and shows nothing out of order", () => {
    const { runs, lost } = apply(start, 0, [text(0, "abc"), text(9, "xyz")]);
    expect(lost).toBe(true);
    expect(runs.get("r")?.run.text).toBe("abc");
  });

  it("counts in UTF-16 units, as the host does", () => {
    const { runs, lost } = apply(start, 0, [text(0, "🦀"), text(2, "é漢"), text(4, "!")]);
    expect(lost).toBe(false);
    expect(runs.get("r")?.run.text).toBe("🦀é漢!");
  });

  it("of an unknown run means that its snapshot was lost", () => {
    expect(apply(new Map(), 0, [text(0, "a")]).lost).toBe(true);
  });
});

describe("batches", () => {
  it("that were seen before change nothing", () => {
    const first = apply(start, 0, [text(0, "a")]);
    const again = apply(first.runs, 0, [text(0, "a")], 0, first.nextSeq);
    expect(again.runs).toBe(first.runs);
    expect(again.nextSeq).toBe(1);
    expect(again.lost).toBe(false);
  });

  it("after a gap are not applied and ask for a new watch", () => {
    const gap = apply(start, 2, [text(0, "a")], 0, 1);
    expect(gap.lost).toBe(true);
    expect(gap.runs.get("r")?.run.text).toBe("");
  });

  it("name the runs they changed and no other", () => {
    const two: Runs = new Map([...start, ["s", progressOf({ ...run, id: "s" })]]);
    const { changed, runs } = apply(two, 0, [text(0, "a")]);
    expect([...changed]).toEqual(["r"]);
    expect(runs.get("s")).toBe(two.get("s"));
  });

  it("leave the runs they were given untouched", () => {
    apply(start, 0, [text(0, "a")]);
    expect(start.get("r")?.run.text).toBe("");
  });
});

describe("the end", () => {
  const finished: RunView = { ...run, text: "all", state: "complete", finished_at: 9 };

  it("wins over everything that still arrives", () => {
    const { runs, lost } = apply(start, 0, [
      { type: "finished", run: finished },
      text(3, " more"),
      { type: "state", run_id: "r", state: "committed", model_served: null, ttft_ms: 1 },
      { type: "snapshot", run: { ...run, text: "al" } },
    ]);
    expect(runs.get("r")?.run).toEqual(finished);
    expect(lost).toBe(false);
  });

  it("brings a lagging text up to date", () => {
    const { runs } = apply(start, 0, [text(0, "a"), { type: "finished", run: finished }]);
    expect(runs.get("r")?.run.text).toBe("all");
  });
});

describe("a resumed stream", () => {
  it("begins with a snapshot and goes on from it", () => {
    const snapshot: RunEvent = { type: "snapshot", run: { ...run, text: "so far" } };
    const { runs, lost } = apply(new Map(), 0, [snapshot, text(6, ", so good")]);
    expect(runs.get("r")?.run.text).toBe("so far, so good");
    expect(lost).toBe(false);
  });

  it("repairs what a loss left behind", () => {
    const broken = apply(start, 0, [text(0, "abc"), text(9, "xyz")]);
    const { runs } = apply(broken.runs, 0, [{ type: "snapshot", run: { ...run, text: "abcdefghixyz" } }]);
    expect(runs.get("r")?.run.text).toBe("abcdefghixyz");
  });
});

describe("reasoning and retries", () => {
  it("measures how long a model thought before it spoke", () => {
    const thinking = apply(start, 0, [reasoning(0, "hm")], 1_000);
    const speaking = apply(thinking.runs, 1, [text(0, "Yes")], 5_000);
    const later = apply(speaking.runs, 2, [text(3, ".")], 9_000);
    expect(later.runs.get("r")?.thoughtMs).toBe(4_000);
  });

  it("shows what is waited for until the host or the answer itself says otherwise", () => {
    const waiting = { reason: "place", until: 9_000, text: "Waiting for a place.", saying: null };
    const wait: RunEvent = { type: "waiting", run_id: "r", waiting };
    const state = (now: "preamble" | "committed"): RunEvent => {
      return { type: "state", run_id: "r", state: now, model_served: null, ttft_ms: null };
    };
    const waits = apply(start, 0, [wait, state("preamble")]);
    expect(waits.runs.get("r")?.run.waiting, "told in one batch with an older state").toEqual(waiting);
    const over: RunEvent = { type: "waiting", run_id: "r", waiting: null };
    for (const event of [over, state("committed"), text(0, "a"), reasoning(0, "hm")]) {
      expect(apply(waits.runs, 1, [event]).runs.get("r")?.run.waiting).toBeNull();
    }
  });

  it("shows a wait until the next attempt answers", () => {
    const waiting = apply(start, 0, [
      { type: "retrying", run_id: "r", attempt: 2, wait_ms: 800, reason: "HTTP 503" },
    ]);
    expect(waiting.runs.get("r")?.retrying).toEqual({ attempt: 2, waitMs: 800, reason: "HTTP 503" });
    expect(apply(waiting.runs, 1, [text(0, "a")]).runs.get("r")?.retrying).toBeNull();
  });
});
