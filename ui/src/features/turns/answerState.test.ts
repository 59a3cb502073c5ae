import { describe, expect, it } from "vitest";
import type { RunView } from "../../backend/bindings/RunView";
import { fakeModels, fakeProvider } from "../../backend/fake/catalogue";
import { newRun } from "../../backend/fake/run";
import { answerState, servedByOther } from "./answerState";

const [model] = fakeModels([fakeProvider("demo")]);
if (model === undefined) throw new Error("the demo has models");
const run = newRun({ id: "r", turnId: "t", laneId: "l", version: 1, model, startedAt: 0 });
const as = (change: Partial<RunView>) => answerState({ ...run, ...change });

describe("what the reader is told", () => {
  it("follows the stream", () => {
    expect(as({ state: "connecting" })).toBe("waiting");
    expect(as({ state: "preamble" })).toBe("waiting");
    expect(as({ state: "committed", reasoning: "hm" })).toBe("thinking");
    expect(as({ state: "committed", reasoning: "hm", text: "Yes" })).toBe("streaming");
    const tool_calls = [{ name: "search", arguments: '{"q' }];
    expect(as({ state: "committed", reasoning: "hm", tool_calls })).toBe("streaming");
  });

  it("is that of the model that goes on, not of what others have said before it", () => {
    const part = { provider: "p", provider_name: "P", reasoning_start: 2, usd: null };
    const segments = [
      { ...part, model: "a", text_start: 0, reasoning_start: 0 },
      { ...part, model: "b", text_start: 4 },
    ];
    const going = (change: Partial<RunView>) =>
      as({ state: "connecting", text: "cut ", reasoning: "hm", segments, ...change });
    expect(going({})).toBe("waiting");
    expect(going({ reasoning: "hm, so" })).toBe("thinking");
    expect(going({ text: "cut off" })).toBe("streaming");
    const waiting = { reason: "place", until: 1, text: "Waiting for a place.", saying: null };
    expect(as({ state: "connecting", text: "cut ", waiting })).toBe("waiting");
  });

  it("keeps every kind of end apart", () => {
    const ends = (["complete", "truncated", "failed", "cancelled", "interrupted"] as const).map((state) =>
      as({ state }),
    );
    expect(new Set(ends).size).toBe(5);
  });
});

describe("another model answered", () => {
  const served = (model_requested: string, model_served: string | null) =>
    servedByOther({ ...run, model_requested, model_served });

  it("is said of another name only", () => {
    expect(served("gpt-5.6", null)).toBe(false);
    expect(served("gpt-5.6", "gpt-5.6-2026-10-01")).toBe(false);
    expect(served("openai/gpt-5.6", "gpt-5.6")).toBe(false);
    expect(served("deepseek-v4", "deepseek-v3.2-exp")).toBe(true);
  });
});
