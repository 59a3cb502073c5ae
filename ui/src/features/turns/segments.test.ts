import { expect, it } from "vitest";
import type { SegmentView } from "../../backend/bindings/SegmentView";
import { partsOf } from "./segments";

function segment(model: string, text_start: number, reasoning_start: number): SegmentView {
  return { provider: "p", provider_name: "P", model, text_start, reasoning_start, usd: null };
}

it("is one part without a label where one model wrote it all", () => {
  expect(partsOf({ text: "all", reasoning: "hm", segments: [] })).toEqual([
    { by: null, text: "all", reasoning: "hm" },
  ]);
});

it("keeps what each model wrote apart, in the units the host counts in", () => {
  const segments = [segment("a", 0, 0), segment("b", 3, 2)];
  const parts = partsOf({ text: "🦀,and on", reasoning: "hmaha", segments });
  expect(parts.map(({ by, text, reasoning }) => [by?.model, text, reasoning])).toEqual([
    ["a", "🦀,", "hm"],
    ["b", "and on", "aha"],
  ]);
});

it("loses and doubles nothing, also before the next model has written", () => {
  const segments = [segment("a", 0, 0), segment("b", 4, 0), segment("c", 4, 0)];
  const parts = partsOf({ text: "cut ", reasoning: "", segments });
  expect(parts.map(({ text }) => text).join("")).toBe("cut ");
  expect(parts).toHaveLength(3);
});
