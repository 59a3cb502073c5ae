import type { SpendFigures } from "../../bindings/SpendFigures";
import type { SpendFilter } from "../../bindings/SpendFilter";
import type { SpendHour } from "../../bindings/SpendHour";
import type { SpendModel } from "../../bindings/SpendModel";
import type { SpendName } from "../../bindings/SpendName";
import type { SpendRank } from "../../bindings/SpendRank";
import type { SpendSeries } from "../../bindings/SpendSeries";
import type { SpendView } from "../../bindings/SpendView";
import type { Takeaway } from "../../bindings/Takeaway";
import { usdOf } from "../money";
import type { FakeState } from "../state";
import type { Booked } from "./books";
import { beforeOf, columnsOf, forecastEnd, stretchOf, type Stretch } from "./calendar";
import {
  averageOf,
  basisPoints,
  callsOf,
  chosenBy,
  grouped,
  measured,
  nameOf,
  OTHERS,
  picoSum,
  sumsOf,
  weightOf,
} from "./sums";

const MOST_SERIES = 10;
const DAY_MS = 86_400_000;

export function stretch(state: FakeState, filter: SpendFilter, now: number): Stretch {
  return stretchOf(filter.range, now, beginOf(state, filter) ?? now);
}

/** When the first entry of this kind of money was booked. */
const beginOf = (state: FakeState, { simulated }: SpendFilter): number | undefined =>
  state.books.find((entry) => entry.simulated === simulated)?.at;

/** As the real host: sums by conversation know nothing of how calls ended, unless single ones are looked into. */
const knowsCalls = ({ by, conversations }: SpendFilter): boolean =>
  by !== "conversation" || conversations.length > 0;

const MOST_RANKS = 200;

export function spendView(state: FakeState, filter: SpendFilter, now: number): SpendView {
  const range = stretch(state, filter, now);
  const entries = state.books.filter(chosenBy(filter, range));
  const { step, columns } = columnsOf(range, filter.step);
  const at = (entry: Booked) => columns.findLastIndex((begin) => entry.at >= begin);
  const inColumns = (some: readonly Booked[]) => {
    const parts = columns.map((): Booked[] => []);
    for (const entry of some) parts[at(entry)]?.push(entry);
    return parts.map((part) => measured(part, filter.measure));
  };
  const groups = [...grouped(entries, filter.by)].sort(([, a], [, b]) =>
    Number(weightOf(b, filter.measure) - weightOf(a, filter.measure)),
  );
  const band = (name: string, some: readonly Booked[]): SpendSeries => ({
    of: nameOf(state, filter.by, name),
    values: inColumns(some),
    sums: sumsOf(some),
    average_ms: knowsCalls(filter) ? averageOf(some) : null,
  });
  // What is outside of conversations has no band of its own.
  const drawn = groups.filter(([name]) => knowsCalls(filter) || name !== "").slice(0, MOST_SERIES);
  const own = new Set(drawn.map(([name]) => name));
  const rest = groups.filter(([name]) => !own.has(name)).flatMap(([, some]) => some);
  const lines = drawn.map(([name, some]) => band(name, some));
  if (rest.length > 0) lines.push(band(OTHERS, rest));
  const series = filter.measure === "latency" && !knowsCalls(filter) ? [] : lines;
  const ranks = groups.length <= MOST_RANKS ? groups : groups.slice(0, MOST_RANKS - 1);
  const unranked = groups.slice(ranks.length).flatMap(([, some]) => some);
  const ranking = ranks.map(([name, some]) => rankOf(state, filter, name, some, entries));
  if (unranked.length > 0) ranking.push(rankOf(state, filter, OTHERS, unranked, entries));
  const view = {
    ...range,
    zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    figures: figuresOf(state, filter, entries, range, now),
    step,
    columns,
    series,
    totals: inColumns(entries),
    ranking,
    hours: hoursOf(entries),
    models: modelsOf(state, entries),
  };
  return { ...view, takeaway: takeawayOf(view, filter, entries, groups) };
}

function rankOf(
  state: FakeState,
  filter: SpendFilter,
  name: string,
  some: readonly Booked[],
  all: readonly Booked[],
): SpendRank {
  const { by, measure } = filter;
  return {
    of: nameOf(state, by, name),
    sums: sumsOf(some),
    share_basis_points: basisPoints(weightOf(some, measure), weightOf(all, measure)),
    success_basis_points: knowsCalls(filter) ? successOf(some) : null,
    average_ms: knowsCalls(filter) ? averageOf(some) : null,
  };
}

function successOf(entries: readonly Booked[]): number | null {
  const calls = callsOf(entries);
  if (calls.length === 0) return null;
  return basisPoints(BigInt(calls.filter(({ answered }) => answered).length), BigInt(calls.length));
}

function figuresOf(
  state: FakeState,
  filter: SpendFilter,
  entries: readonly Booked[],
  range: Stretch,
  now: number,
): SpendFigures {
  const among = (from: number, until: number) => state.books.filter(chosenBy(filter, { from, until }));
  const today = stretchOf({ kind: "today" }, now, now);
  const lately = among(now - 28 * DAY_MS, now);
  const days = new Set(lately.map(({ at }) => new Date(at).toDateString())).size;
  const { kind } = filter.range;
  const end = forecastEnd(filter.range, now);
  const period = stretchOf(kind === "week" || kind === "year" ? filter.range : { kind: "month" }, now, now);
  const soFar = picoSum(among(period.from, now));
  const begun = beginOf(state, filter);
  const compared = beforeOf(filter.range, range, now);
  const before = compared !== null && begun !== undefined && begun <= compared.from ? compared : null;
  const pace = (picoSum(lately) * BigInt(Math.round((end - now) / 1000))) / BigInt(28 * 86_400);
  const kept = entries.filter(({ cached }) => cached > 0);
  const saved = kept.reduce((sum, entry) => {
    const perMtok = state.model(entry.target).price?.input ?? "0";
    return sum + BigInt(Math.round(entry.cached * Number(perMtok) * 900_000));
  }, 0n);
  const forecast = days < 3 ? null : usdOf(soFar + pace);
  return {
    today: sumsOf(among(today.from, today.until)),
    range: sumsOf(entries),
    corrections: entries.length - callsOf(entries).length,
    before_usd: before === null ? null : usdOf(picoSum(among(before.from, before.until))),
    before_from: before?.from ?? null,
    before_until: before?.until ?? null,
    forecast_usd: forecast,
    forecast_until: forecast === null ? null : end,
    tightest: state.tightest,
    success_basis_points: successOf(entries),
    saved_usd: usdOf(picoSum(entries) / 41n),
    prompt_cache_saved_usd: usdOf(saved),
    fallback_waste_usd: usdOf(picoSum(entries.filter(({ wasted }) => wasted))),
  };
}

function hoursOf(entries: readonly Booked[]): SpendHour[] {
  const cells = new Map<string, Booked[]>();
  for (const entry of entries) {
    const date = new Date(entry.at);
    const cell = `${((date.getDay() + 6) % 7) + 1} ${date.getHours()}`;
    cells.set(cell, [...(cells.get(cell) ?? []), entry]);
  }
  return [...cells].map(([cell, some]) => {
    const [weekday = 1, hour = 0] = cell.split(" ").map(Number);
    const { usd, requests, unpriced } = sumsOf(some);
    return { weekday, hour, usd, requests, unpriced };
  });
}

function modelsOf(state: FakeState, entries: readonly Booked[]): SpendModel[] {
  return [...grouped(entries, "model")]
    .filter(([, some]) => callsOf(some).length > 0)
    .sort(([, a], [, b]) => b.length - a.length)
    .slice(0, 50)
    .map(([target, some]) => {
      const priced = callsOf(some).filter(({ pico }) => pico !== null);
      const each = priced.length === 0 ? null : picoSum(some) / BigInt(priced.length);
      return {
        of: nameOf(state, "model", target),
        requests: callsOf(some).length,
        // To eight digits.
        usd_per_request: each === null ? null : usdOf(((each + 5_000n) / 10_000n) * 10_000n),
        average_ms: averageOf(some),
        picks: some.filter(({ picked }) => picked).length,
        comparisons: some.filter(({ compared }) => compared).length,
      };
    });
}

function takeawayOf(
  { ranking, totals, columns, figures }: Omit<SpendView, "takeaway">,
  filter: SpendFilter,
  entries: readonly Booked[],
  groups: readonly [string, readonly Booked[]][],
): Takeaway {
  const { measure } = filter;
  const top = ranking[0];
  const whole = weightOf(entries, measure);
  if (top === undefined || whole <= 0n) return { kind: "nothing" };
  const { of, share_basis_points } = top;
  const before = Number(figures.before_usd ?? "0");
  const percent = before === 0 ? 100 : Math.floor((Number(figures.range.usd) / before) * 100);
  if (measure === "cost" && before > 0 && (percent >= 200 || percent <= 50))
    return { kind: "changed", percent, of: filter.by === "conversation" ? null : of };
  const weights = totals.map((total) => Number(total ?? "0"));
  const sum = weights.reduce((all, one) => all + one, 0);
  const peak = weights.indexOf(Math.max(...weights));
  const share = Math.floor(((weights[peak] ?? 0) / sum) * 10_000);
  if (measure !== "latency" && columns.length >= 6 && share >= 4_000)
    return {
      kind: "peak",
      at: columns[peak] ?? 0,
      share_basis_points: share,
      of: mostOf(filter, of, entries, columns, peak),
    };
  if (share_basis_points >= 6_000) return { kind: "mostly", of, share_basis_points };
  // What is outside of conversations is none.
  const counted = groups.filter(
    ([name, some]) => weightOf(some, measure) > 0n && (filter.by !== "conversation" || name !== ""),
  );
  return { kind: "spread", of, share_basis_points, count: counted.length };
}

/** The largest of all, where it makes up more than half of a column. */
function mostOf(
  { by, measure }: SpendFilter,
  of: SpendName,
  entries: readonly Booked[],
  columns: readonly number[],
  at: number,
): SpendName | null {
  const [from, until] = [columns[at] ?? 0, columns[at + 1] ?? Infinity];
  const within = entries.filter((entry) => entry.at >= from && entry.at < until);
  const its = grouped(within, by).get(of.name) ?? [];
  return weightOf(its, measure) * 2n > weightOf(within, measure) ? of : null;
}
