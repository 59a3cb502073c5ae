import { expect, it } from "vitest";
import type { EffectiveValue } from "../../backend/bindings/EffectiveValue";
import {
  countSet,
  rangeOf,
  readNumber,
  readSchema,
  readStops,
  sourceOf,
  withParameter,
  writeStops,
} from "./parameters";

const value = (change: Partial<EffectiveValue>): EffectiveValue => ({
  name: "temperature",
  value: null,
  layer: "default",
  origin: "",
  minimum: null,
  maximum: null,
  problem: null,
  ...change,
});

it.each<[string, Partial<EffectiveValue>]>([
  ["The provider decides", {}],
  [
    "0.7 from LLM_DEFAULT_TEMPERATURE",
    { value: "0.7", layer: "environment", origin: "LLM_DEFAULT_TEMPERATURE" },
  ],
  ["0.3 from profile Draft", { value: "0.3", layer: "profile", origin: "Draft" }],
  ["0.3 set for Claude Sonnet 5", { value: "0.3", layer: "model", origin: "Claude Sonnet 5" }],
  ["2,000 set for Anthropic", { name: "max_tokens", value: "2000", layer: "provider", origin: "Anthropic" }],
  [
    "Most from profile Careful",
    { name: "reasoning_effort", value: '"max"', layer: "profile", origin: "Careful" },
  ],
  ['"\\n\\n" "END" set for GPT', { name: "stop", value: '["\\n\\n","END"]', layer: "model", origin: "GPT" }],
  ["", { name: "stop" }],
  ["JSON by default", { name: "response_format", value: '{"type":"json_object"}' }],
])("says “%s”", (words, change) => expect(sourceOf(value(change))).toBe(words));

it("takes numbers within the model's limits, whole where they have to be", () => {
  const limits = value({ minimum: 0, maximum: 1 });
  expect(readNumber("temperature", " 0,5 ", limits)).toEqual({ value: 0.5 });
  expect(readNumber("temperature", "", limits)).toEqual({ value: undefined });
  expect(readNumber("temperature", "1.2", limits)).toEqual({ problem: "This model takes 0 to 1." });
  expect(readNumber("temperature", "warm", limits)).toEqual({ problem: "This is not a number." });
  expect(readNumber("seed", "1.5", undefined)).toEqual({ problem: "A whole number, please." });
  expect(readNumber("seed", "12345678901234567890", undefined)).toEqual({
    problem: "A whole number, please.",
  });
  // Without known limits the host decides.
  expect(readNumber("temperature", "9", undefined)).toEqual({ value: 9 });
});

it("says a range as far as it is known", () => {
  expect(rangeOf(value({ minimum: 1, maximum: 32_000 }))).toBe("1 to 32,000");
  expect(rangeOf(value({ minimum: 1 }))).toBe("at least 1");
  expect(rangeOf(value({ maximum: 2 }))).toBe("at most 2");
  expect(rangeOf(value({}))).toBeNull();
});

it("keeps stop texts through writing and reading, line ends and backslashes too", () => {
  const stops = ["END", "\n\nHuman:", "C:\\new", " "];
  expect(readStops(writeStops(stops))).toEqual(stops);
  expect(readStops("\n\n")).toEqual([]);
});

it("takes a schema that is an object with a proper name only", () => {
  expect(readSchema("answer", '{"type":"object"}')).toEqual({
    value: { type: "json_schema", name: "answer", schema: { type: "object" } },
  });
  for (const [name, text] of [
    ["an answer", "{}"],
    ["answer", "{"],
    ["answer", "[]"],
    ["answer", "null"],
  ] as const)
    expect(readSchema(name, text)).toHaveProperty("problem");
});

it("leaves a parameter out instead of setting it to nothing", () => {
  const set = withParameter({ stop: ["a"], temperature: 1 }, "temperature", undefined);
  expect(Object.keys(set)).toEqual(["stop"]);
  expect(withParameter(set, "stop", undefined)).toEqual({ stop: [] });
  expect(countSet({ stop: [], temperature: 0, seed: 1 }, ["temperature", "stop"])).toBe(1);
});
