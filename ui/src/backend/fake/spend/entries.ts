import type { EntryRow } from "../../bindings/EntryRow";
import type { EntryView } from "../../bindings/EntryView";
import type { ReplayView } from "../../bindings/ReplayView";
import { picoOf, usdOf } from "../money";
import { refused, type FakeState } from "../state";
import { priceOf, type Booked } from "./books";
import { nameOf, picoSum } from "./sums";

export function rowOf(state: FakeState, entry: Booked): EntryRow {
  return {
    id: entry.id,
    at: entry.at,
    kind: "call",
    source: entry.source,
    provider: nameOf(state, "provider", entry.target.split("/")[0] ?? ""),
    model: nameOf(state, "model", entry.target),
    conversation: entry.conversation === null ? null : nameOf(state, "conversation", entry.conversation),
    turn_id: entry.turn,
    run_id: entry.run,
    input_tokens: entry.input,
    output_tokens: entry.output,
    usd: entry.pico === null ? null : usdOf(entry.pico),
    provenance: entry.pico === null ? null : entry.estimated ? "estimated" : "computed",
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
  const lines = [
    {
      component: "input",
      tokens: fresh,
      usd_per_mtok: price?.input ?? null,
      usd: usdOf(BigInt(fresh) * perIn),
    },
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
    usage_raw: entry.estimated
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
    lines: price === null ? [] : lines.filter(({ tokens }) => tokens > 0),
    stated: null,
    at_least: false,
    adjustments: state.adjustments.get(entry.id) ?? [],
  };
}

export function replayed(state: FakeState, entries: readonly Booked[], target: string): ReplayView {
  const { price } = state.model(target);
  // Other models count about as many tokens; the host counts them by their own.
  const costs = entries.map((entry) => priceOf(price, entry));
  return {
    of: nameOf(state, "model", target),
    usd: price === null ? null : usdOf(costs.reduce<bigint>((sum, cost) => sum + (cost ?? 0n), 0n)),
    actual_usd: usdOf(picoSum(entries)),
    requests: entries.length,
    left_out: 0,
  };
}
