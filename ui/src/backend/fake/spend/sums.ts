import type { SpendBy } from "../../bindings/SpendBy";
import type { SpendFilter } from "../../bindings/SpendFilter";
import type { SpendMeasure } from "../../bindings/SpendMeasure";
import type { SpendName } from "../../bindings/SpendName";
import type { SpendSums } from "../../bindings/SpendSums";
import { usdOf } from "../money";
import type { FakeState } from "../state";
import type { Booked } from "./books";
import type { Stretch } from "./calendar";

/** The conversation of what belongs to none, in filters and rankings. */
const OUTSIDE = "";

/** The name of the sum of all others. */
export const OTHERS = "*";

/** What an entry counts under; a call with two tags counts under both. */
export function namesOf(entry: Booked, by: SpendBy): string[] {
  switch (by) {
    case "provider":
      return [entry.target.split("/")[0] ?? ""];
    case "model":
      return [entry.target];
    case "key":
      return [entry.key ?? ""];
    case "source":
      return [entry.source];
    case "conversation":
      return [entry.conversation ?? OUTSIDE];
    case "folder":
      return [entry.folder];
    case "tag":
      return entry.tags.length === 0 ? [""] : entry.tags;
  }
}

const FIELDS: [
  SpendBy,
  "providers" | "models" | "keys" | "sources" | "conversations" | "folders" | "tags",
][] = [
  ["provider", "providers"],
  ["model", "models"],
  ["key", "keys"],
  ["source", "sources"],
  ["conversation", "conversations"],
  ["folder", "folders"],
  ["tag", "tags"],
];

export function chosenBy(filter: SpendFilter, { from, until }: Stretch): (entry: Booked) => boolean {
  const wanted = FIELDS.filter(([, field]) => filter[field].length > 0);
  return (entry) =>
    entry.simulated === filter.simulated &&
    entry.at >= from &&
    entry.at < until &&
    wanted.every(([by, field]) => namesOf(entry, by).some((name) => filter[field].includes(name)));
}

export function nameOf(state: FakeState, by: SpendBy, name: string): SpendName {
  const named = (label: string, provider: string | null, gone = false): SpendName => ({
    name,
    label,
    provider,
    gone,
  });
  if (name === "" || name === OTHERS) return named(name, null);
  switch (by) {
    case "provider": {
      const found = state.providers.find(({ id }) => id === name);
      return named(found?.name ?? name, name, found === undefined);
    }
    case "model":
      return named(state.model(name).name, name.split("/")[0] ?? null);
    case "key": {
      const owner = state.providers.find(({ keys }) => keys.some(({ id }) => id === name));
      const key = owner?.keys.find(({ id }) => id === name);
      const said = key === undefined ? name : key.label === "" ? key.mask : key.label;
      return named(`${owner?.name ?? ""} ${said}`.trim(), owner?.id ?? null, owner === undefined);
    }
    case "conversation": {
      const found = state.conversations.get(name);
      return named(found?.title ?? "", null, found === undefined);
    }
    default:
      return named(name, null);
  }
}

export const picoSum = (entries: readonly Booked[]): bigint =>
  entries.reduce((sum, { pico }) => sum + (pico ?? 0n), 0n);

export const callsOf = (entries: readonly Booked[]): Booked[] =>
  entries.filter(({ kind }) => kind === "call");

export function sumsOf(entries: readonly Booked[]): SpendSums {
  const total = (of: (entry: Booked) => number) => entries.reduce((sum, entry) => sum + of(entry), 0);
  const [whole, estimated] = [picoSum(entries), picoSum(entries.filter((entry) => entry.estimated))];
  return {
    usd: usdOf(whole),
    // What an invoice has corrected downwards was an estimate, and is none any more.
    estimated_usd: usdOf(whole < 0n ? 0n : estimated < whole ? estimated : whole),
    requests: callsOf(entries).length,
    unpriced: total(({ kind, pico }) => Number(kind === "call" && pico === null)),
    input_tokens: total(({ input }) => input),
    cached_tokens: total(({ cached }) => cached),
    output_tokens: total(({ output }) => output),
  };
}

/** Of some entries, what a chart shows: exact dollars, or a whole number. */
export function measured(entries: readonly Booked[], measure: SpendMeasure): string | null {
  if (entries.length === 0) return null;
  const { usd, requests, unpriced, input_tokens, output_tokens } = sumsOf(entries);
  if (measure === "cost") return usd === "0" && unpriced >= requests ? null : usd;
  if (requests === 0) return null;
  if (measure === "requests") return String(requests);
  if (measure === "tokens") return String(input_tokens + output_tokens);
  const average = averageOf(entries);
  return average === null ? null : String(average);
}

/** Mean time to the end, of calls that came to it. */
export function averageOf(entries: readonly Booked[]): number | null {
  const timed = callsOf(entries).filter(({ answered }) => answered);
  if (timed.length === 0) return null;
  return Math.floor(timed.reduce((sum, { latencyMs }) => sum + latencyMs, 0) / timed.length);
}

/** For order and shares: what a measure weighs. Latency is no share of anything; its calls are. */
export function weightOf(entries: readonly Booked[], measure: SpendMeasure): bigint {
  if (measure === "cost") return picoSum(entries);
  if (measure === "tokens")
    return BigInt(entries.reduce((sum, { input, output }) => sum + input + output, 0));
  const calls = callsOf(entries);
  return BigInt(measure === "latency" ? calls.filter(({ answered }) => answered).length : calls.length);
}

export const basisPoints = (part: bigint, whole: bigint): number =>
  part <= 0n || whole <= 0n ? 0 : Number((part * 10_000n + whole / 2n) / whole);

export function grouped(entries: readonly Booked[], by: SpendBy): Map<string, Booked[]> {
  const groups = new Map<string, Booked[]>();
  for (const entry of entries)
    for (const name of namesOf(entry, by)) {
      const group = groups.get(name);
      if (group === undefined) groups.set(name, [entry]);
      else group.push(entry);
    }
  return groups;
}
