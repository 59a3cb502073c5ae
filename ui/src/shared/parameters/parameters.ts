import type { EffectiveValue } from "../../backend/bindings/EffectiveValue";
import type { Params } from "../../backend/bindings/Params";
import type { ReasoningEffort } from "../../backend/bindings/ReasoningEffort";
import type { ResponseFormat } from "../../backend/bindings/ResponseFormat";
import { formatDuration } from "../format";
import { lanes } from "../i18n/messages/lanes";

/** The parameters that are one number. */
export type NumberName =
  | "temperature"
  | "max_tokens"
  | "top_p"
  | "top_k"
  | "presence_penalty"
  | "frequency_penalty"
  | "reasoning_tokens"
  | "seed";
export type ParameterName = keyof Params;

export const BASIC_NUMBERS: NumberName[] = ["temperature", "max_tokens"];
export const MORE_NUMBERS: NumberName[] = [
  "reasoning_tokens",
  "top_p",
  "top_k",
  "presence_penalty",
  "frequency_penalty",
  "seed",
];
export const ALL_PARAMETERS: ParameterName[] = [
  ...BASIC_NUMBERS,
  "reasoning_effort",
  ...MORE_NUMBERS,
  "stop",
  "response_format",
];
export const EFFORTS: ReasoningEffort[] = ["off", "minimal", "low", "medium", "high", "max"];
export const FORMATS: ResponseFormat["type"][] = ["text", "json_object", "json_schema"];

export function numberLabel(name: NumberName): string {
  const words = lanes();
  return {
    temperature: words.temperature,
    max_tokens: words.maxTokens,
    top_p: words.topP,
    top_k: words.topK,
    presence_penalty: words.presencePenalty,
    frequency_penalty: words.frequencyPenalty,
    reasoning_tokens: words.reasoningTokens,
    seed: words.seed,
  }[name];
}

const WHOLE: ReadonlySet<NumberName> = new Set(["max_tokens", "top_k", "reasoning_tokens", "seed"]);

/** What was understood of a field: nothing set, a value, or why it is none. */
export type Read<T> = { value: T | undefined } | { problem: string };

/** Reads a number as written; the limits are the model's. */
export function readNumber(name: NumberName, text: string, limits: EffectiveValue | undefined): Read<number> {
  const written = text.trim().replace(",", ".");
  if (written === "") return { value: undefined };
  const value = Number(written);
  if (!Number.isFinite(value)) return { problem: lanes().notANumber };
  if (WHOLE.has(name) && !Number.isSafeInteger(value)) return { problem: lanes().notWhole };
  const range = rangeOf(limits);
  const below = limits?.minimum != null && value < limits.minimum;
  const above = limits?.maximum != null && value > limits.maximum;
  return (below || above) && range !== null ? { problem: lanes().outOfRange(range) } : { value };
}

/** "0 to 1", "at least 1", or nothing where no limit is known. */
export function rangeOf(limits: EffectiveValue | undefined): string | null {
  const least = limits?.minimum ?? null;
  const most = limits?.maximum ?? null;
  const shown = (value: number) => value.toLocaleString("en-US");
  if (least !== null && most !== null) return lanes().range(shown(least), shown(most));
  if (least !== null) return lanes().atLeast(shown(least));
  return most === null ? null : lanes().atMost(shown(most));
}

/** Stop texts, one a line; `\n` stands for the end of a line, `\\` for a backslash. */
export function readStops(text: string): string[] {
  const unescaped = (line: string) => line.replace(/\\([n\\])/g, (_, mark) => (mark === "n" ? "\n" : "\\"));
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map(unescaped);
}

export function writeStops(stops: string[]): string {
  return stops.map((stop) => stop.replaceAll("\\", "\\\\").replaceAll("\n", "\\n")).join("\n");
}

/** A schema as written: a name of letters, digits, `_` and `-`, and an object in JSON. */
export function readSchema(name: string, text: string): Read<ResponseFormat> {
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(name)) return { problem: lanes().schemaName };
  let schema: unknown;
  try {
    schema = JSON.parse(text);
  } catch (thrown) {
    return { problem: lanes().schemaNotJson(thrown instanceof Error ? thrown.message : "") };
  }
  const object = typeof schema === "object" && schema !== null && !Array.isArray(schema);
  return object ? { value: { type: "json_schema", name, schema } } : { problem: lanes().schemaNotObject };
}

/** An effective value in words, as it would stand in its field. */
export function shownValue({ name, value }: Pick<EffectiveValue, "name" | "value">): string {
  if (value === null) return "";
  const parsed: unknown = JSON.parse(value);
  if (typeof parsed === "number" && name.endsWith("_ms")) return formatDuration(parsed);
  if (typeof parsed === "number") return parsed.toLocaleString("en-US", { maximumFractionDigits: 6 });
  if (name === "reasoning_effort") return lanes().effortNamed(String(parsed));
  if (name === "response_format") return lanes().formatNamed((parsed as ResponseFormat).type);
  if (Array.isArray(parsed)) return parsed.map((stop) => JSON.stringify(stop)).join(" ");
  return String(parsed);
}

/** What no provider decides for itself: without a word there is none. */
const UNDECIDED: ReadonlySet<string> = new Set(["stop", "response_format"]);

export function isUndecided(name: string): boolean {
  return UNDECIDED.has(name);
}

/** "0.3 from profile Draft": the value that holds while nothing is set here, and where it stands. */
export function sourceOf(effective: EffectiveValue): string {
  if (effective.value === null || effective.value === "[]")
    return UNDECIDED.has(effective.name) ? "" : lanes().providerDecides;
  const value = shownValue(effective);
  const { layer, origin } = effective;
  switch (layer) {
    case "user":
      return lanes().setInLane(value);
    case "environment":
      return lanes().fromEnvironment(value, origin);
    case "model":
    case "provider":
      return lanes().setFor(value, origin);
    case "profile":
      return lanes().fromProfile(value, origin);
    case "default":
      return lanes().byDefault(value);
  }
}

/** How many parameters a lane sets itself. */
export function countSet({ stop, ...rest }: Params, names: readonly ParameterName[]): number {
  const set: Params = { ...rest, stop };
  return names.filter((name) => (name === "stop" ? stop.length > 0 : set[name] !== undefined)).length;
}

/** The parameters with one of them set, or left to what stands elsewhere. */
export function withParameter<N extends ParameterName>(
  params: Params,
  name: N,
  value: Params[N] | undefined,
): Params {
  const changed: Params = { ...params };
  if (value !== undefined) changed[name] = value;
  else if (name === "stop") changed.stop = [];
  else Reflect.deleteProperty(changed, name);
  return changed;
}
