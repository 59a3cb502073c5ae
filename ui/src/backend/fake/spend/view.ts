import type { SpendFigures } from "../../bindings/SpendFigures";
import type { SpendFilter } from "../../bindings/SpendFilter";
import type { SpendHour } from "../../bindings/SpendHour";
import type { SpendModel } from "../../bindings/SpendModel";
import type { SpendRank } from "../../bindings/SpendRank";
import type { SpendSeries } from "../../bindings/SpendSeries";
import type { SpendView } from "../../bindings/SpendView";
import type { Takeaway } from "../../bindings/Takeaway";
import { usdOf } from "../money";
import type { FakeState } from "../state";
import type { Booked } from "./books";
import { columnsOf, monthEnd, stretchOf, type Stretch } from "./calendar";
import { basisPoints, chosenBy, grouped, measured, nameOf, picoSum, sumsOf, weightOf } from "./sums";

const MOST_SERIES = 10;
const DAY_MS = 86_400_000;

export function stretch(state: FakeState, filter: SpendFilter, now: number): Stretch {
  return stretchOf(filter.range, now, state.books[0]?.at ?? now);
}

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
  const series = groups
    .slice(0, MOST_SERIES)
    .map(([name, some]): SpendSeries => ({ of: nameOf(state, filter.by, name), values: inColumns(some) }));
  const rest = groups.slice(MOST_SERIES).flatMap(([, some]) => some);
  if (rest.length > 0)
    series.push({ of: { name: "*", label: "", provider: null, gone: false }, values: inColumns(rest) });
  const view = {
    ...range,
    zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    figures: figuresOf(state, filter, entries, range, now),
    step,
    columns,
    series,
    totals: inColumns(entries),
    ranking: groups.slice(0, 200).map(([name, some]) => rankOf(state, filter, name, some, entries)),
    hours: hoursOf(entries),
    models: modelsOf(state, entries),
  };
  return { ...view, takeaway: takeawayOf(view, filter, entries) };
}

function rankOf(
  state: FakeState,
  { by, measure }: SpendFilter,
  name: string,
  some: readonly Booked[],
  all: readonly Booked[],
): SpendRank {
  return {
    of: nameOf(state, by, name),
    sums: sumsOf(some),
    share_basis_points: basisPoints(weightOf(some, measure), weightOf(all, measure)),
    success_basis_points: successOf(some),
    average_ms: Number(measured(some, "latency")),
  };
}

const successOf = (entries: readonly Booked[]): number | null =>
  entries.length === 0
    ? null
    : basisPoints(BigInt(entries.filter(({ answered }) => answered).length), BigInt(entries.length));

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
  const month = stretchOf({ kind: "month" }, now, now);
  const end = Math.max(range.until, monthEnd(now));
  const soFar = picoSum(among(Math.min(range.from, month.from), now));
  const pace = (picoSum(lately) * BigInt(Math.round((end - now) / 1000))) / BigInt(28 * 86_400);
  const kept = entries.filter(({ cached }) => cached > 0);
  const saved = kept.reduce((sum, entry) => {
    const perMtok = state.model(entry.target).price?.input ?? "0";
    return sum + BigInt(Math.round(entry.cached * Number(perMtok) * 900_000));
  }, 0n);
  const forecast = days < 3 || filter.range.kind === "between" ? null : usdOf(soFar + pace);
  return {
    today_usd: usdOf(picoSum(among(today.from, today.until))),
    range: sumsOf(entries),
    before_usd:
      filter.range.kind === "all"
        ? null
        : usdOf(picoSum(among(range.from - (Math.min(range.until, now) - range.from), range.from))),
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
    return { weekday, hour, usd: usdOf(picoSum(some)), requests: some.length };
  });
}

function modelsOf(state: FakeState, entries: readonly Booked[]): SpendModel[] {
  return [...grouped(entries, "model")]
    .sort(([, a], [, b]) => b.length - a.length)
    .slice(0, 50)
    .map(([target, some]) => {
      const priced = some.filter(({ pico }) => pico !== null);
      const each = priced.length === 0 ? null : picoSum(priced) / BigInt(priced.length);
      return {
        of: nameOf(state, "model", target),
        requests: some.length,
        // To eight digits.
        usd_per_request: each === null ? null : usdOf(((each + 5_000n) / 10_000n) * 10_000n),
        average_ms: Number(measured(some, "latency")),
        picks: some.filter(({ picked }) => picked).length,
        comparisons: some.filter(({ compared }) => compared).length,
      };
    });
}

function takeawayOf(
  { ranking, totals, columns, figures }: Omit<SpendView, "takeaway">,
  { measure }: SpendFilter,
  entries: readonly Booked[],
): Takeaway {
  const top = ranking[0];
  const whole = weightOf(entries, measure);
  if (top === undefined || whole === 0n) return { kind: "nothing" };
  const { of, share_basis_points } = top;
  const weights = totals.map((total) => Number(total ?? "0"));
  const sum = weights.reduce((all, one) => all + one, 0);
  const peak = weights.indexOf(Math.max(...weights));
  const share = Math.floor(((weights[peak] ?? 0) / sum) * 10_000);
  const before = Number(figures.before_usd ?? "0");
  const percent = before === 0 ? 100 : Math.round((Number(figures.range.usd) / before) * 100);
  if (share_basis_points >= 6_000) return { kind: "mostly", of, share_basis_points };
  if (measure === "cost" && before > 0 && (percent >= 150 || percent <= 60))
    return { kind: "changed", percent, of };
  if (measure !== "latency" && columns.length > 3 && share >= 3_000)
    return { kind: "peak", at: columns[peak] ?? 0, share_basis_points: share, of };
  return { kind: "spread", of, share_basis_points, count: ranking.length };
}
