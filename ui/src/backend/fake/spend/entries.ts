import type { EntryRow } from "../../bindings/EntryRow";
import type { EntryView } from "../../bindings/EntryView";
import type { ReplayOf } from "../../bindings/ReplayOf";
import type { ReplayView } from "../../bindings/ReplayView";
import { picoOf, usdOf } from "../money";
import { refused, type FakeState } from "../state";
import { priceOf, type Booked } from "./books";
import { callsOf, nameOf, picoSum } from "./sums";

const LONG_CONTEXT = 24_000;

/** A correction is what the provider's invoice says. */
function provenanceOf({ kind, estimated }: Booked): EntryRow["provenance"] {
  if (kind === "adjustment") return "reported";
  return estimated ? "estimated" : "computed";
}

export function rowOf(state: FakeState, entry: Booked): EntryRow {
  return {
    id: entry.id,
    at: entry.at,
    kind: entry.kind,
    source: entry.source,
    provider: nameOf(state, "provider", entry.target.split("/")[0] ?? ""),
    model: nameOf(state, "model", entry.target),
    conversation: entry.conversation === null ? null : nameOf(state, "conversation", entry.conversation),
    turn_id: entry.turn,
    run_id: entry.run,
    input_tokens: entry.kind === "call" ? entry.input : null,
    output_tokens: entry.kind === "call" ? entry.output : null,
    usd: entry.pico === null ? null : usdOf(entry.pico),
    provenance: entry.pico === null ? null : provenanceOf(entry),
    simulated: entry.simulated,
  };
}

export function entryView(state: FakeState, entryId: string): EntryView {
  const entry = state.books.find(({ id }) => id === entryId);
  if (entry === undefined) throw refused("unknown_entry", "This entry is not in the books.");
  const { price } = state.model(entry.target);
  const perIn = picoOf(price?.input ?? "0") / 1_000_000n;
  const perOut = picoOf(price?.output ?? "0") / 1_000_000n;
  const [fresh, cached, output] = [entry.input - entry.cached, entry.cached, entry.output];
  const kept = usdOf(perIn * 100_000n);
  const input = (tokens: number) => ({
    component: "input",
    tokens,
    usd_per_mtok: price?.input ?? null,
    usd: usdOf(BigInt(tokens) * perIn),
  });
  const lines = [
    // What is beyond a long context has a line of its own.
    input(Math.min(fresh, LONG_CONTEXT)),
    input(Math.max(fresh - LONG_CONTEXT, 0)),
    {
      component: "cache_read",
      tokens: cached,
      usd_per_mtok: kept,
      usd: usdOf((BigInt(cached) * perIn) / 10n),
    },
    {
      component: "output",
      tokens: output,
      usd_per_mtok: price?.output ?? null,
      usd: usdOf(BigInt(output) * perOut),
    },
  ];
  return {
    row: rowOf(state, entry),
    attempt_id: `attempt-of-${entry.id}`,
    model_requested: entry.target,
    key: entry.key === null ? null : nameOf(state, "key", entry.key),
    folder: entry.folder === "" ? null : entry.folder,
    tags: entry.tags,
    usage: {
      input: entry.input,
      output: entry.output,
      cached_input: entry.cached,
      cache_write: null,
      reasoning: null,
    },
    usage_raw:
      entry.estimated || entry.kind === "adjustment"
        ? null
        : {
            prompt_tokens: entry.input,
            completion_tokens: entry.output,
            total_tokens: entry.input + entry.output,
            prompt_tokens_details: { cached_tokens: entry.cached },
          },
    price:
      price === null
        ? null
        : { input: price.input, output: price.output, cache_read: kept, unit: "usd_per_mtok" },
    price_date: price?.date ?? null,
    lines: price === null || entry.kind === "adjustment" ? [] : lines.filter(({ tokens }) => tokens > 0),
    stated: entry.kind === "adjustment" && entry.pico !== null ? usdOf(entry.pico) : null,
    at_least: false,
    adjustments: [
      ...state.books.filter(({ corrects }) => corrects === entry.id).map((one) => rowOf(state, one)),
      ...(state.adjustments.get(entry.id) ?? []),
    ],
  };
}

/** The calls of a turn, or of one answer. */
export function entriesOfAnswers(state: FakeState, of: Exclude<ReplayOf, { kind: "filter" }>): Booked[] {
  const asked = ({ turn, run }: Booked) => (of.kind === "turn" ? turn === of.turn_id : run === of.run_id);
  return state.books.filter((entry) => asked(entry) && entry.simulated === of.simulated);
}

export function replayed(state: FakeState, entries: readonly Booked[], targets: string[]): ReplayView {
  const calls = callsOf(entries);
  const isOfCall = ({ kind, corrects }: Booked) => kind === "call" || corrects !== null;
  return {
    actual_usd: usdOf(picoSum(entries.filter(isOfCall))),
    at_least: false,
    corrections_usd: usdOf(picoSum(entries.filter((entry) => !isOfCall(entry)))),
    requests: calls.length,
    left_out: 0,
    models: targets.map((target) => {
      const known = state.models().find((model) => model.target === target);
      const price = known?.price ?? null;
      // Other models count about as many tokens; the host counts them by their own.
      const costs = calls.map((entry) => priceOf(price, entry));
      return {
        of: nameOf(state, "model", target),
        usd: price === null ? null : usdOf(costs.reduce<bigint>((sum, cost) => sum + (cost ?? 0n), 0n)),
        unknown: known === undefined,
      };
    }),
  };
}
