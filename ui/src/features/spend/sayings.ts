import type { SpendFigures } from "../../backend/bindings/SpendFigures";
import type { SpendFilter } from "../../backend/bindings/SpendFilter";
import type { SpendHour } from "../../backend/bindings/SpendHour";
import type { SpendMeasure } from "../../backend/bindings/SpendMeasure";
import type { SpendModel } from "../../backend/bindings/SpendModel";
import type { SpendSums } from "../../backend/bindings/SpendSums";
import type { SpendView } from "../../backend/bindings/SpendView";
import { formatCount, formatDuration, formatUsd, isFree } from "../../shared/format";
import { spendWords } from "../../shared/i18n/messages/spend";
import { money, moneyOf, percent } from "./amounts";
import { partsOf, shareOf, sumOf } from "../../shared/exact";
import { labelOf } from "./names";
import { columnName } from "./chart/columns";
import { span, weekday, type Calendar } from "./when";

/** Fewer say nothing about how good answers are. */
const ENOUGH_COMPARISONS = 5;

/** The sentence above the large chart. */
export function sayChart(
  view: SpendView,
  { by, measure, conversations }: SpendFilter,
  calendar: Calendar,
): string {
  const words = spendWords();
  const { takeaway } = view;
  if (measure === "latency") return sayLatency(view, { by, conversations });
  switch (takeaway.kind) {
    case "nothing":
      return sayFree(view, measure);
    case "mostly":
      if (takeaway.share_basis_points >= 10_000) return words.sayOnly(labelOf(takeaway.of, by));
      // What has no name is no subject of a sentence.
      if (takeaway.of.name === "")
        return words.sayMostlyNone(labelOf(takeaway.of, by), percent(takeaway.share_basis_points), measure);
      return words.sayMostly(labelOf(takeaway.of, by), percent(takeaway.share_basis_points), measure);
    case "changed": {
      const name = takeaway.of === null ? null : labelOf(takeaway.of, by);
      if (takeaway.percent >= 200) return words.sayTimes(tenths(takeaway.percent / 100), name);
      if (takeaway.percent >= 100) return words.sayMore(words.percent(`${takeaway.percent - 100}`), name);
      return words.sayLess(words.percent(`${100 - takeaway.percent}`), name);
    }
    case "peak": {
      const when = columnName(view, takeaway.at, calendar);
      const name = takeaway.of === null ? null : labelOf(takeaway.of, by);
      if (takeaway.share_basis_points >= 10_000) return words.sayAllOn(when, name);
      return words.sayPeak(when, percent(takeaway.share_basis_points), name, measure);
    }
    case "spread": {
      const share = percent(takeaway.share_basis_points);
      return words.saySpread(labelOf(takeaway.of, by), share, String(takeaway.count), by, measure);
    }
  }
}

/** The range beside what it is compared with; empty where that says nothing. */
export function sayChange({ before_usd, range }: SpendFigures): string {
  const words = spendWords();
  if (before_usd === null) return "";
  if (isFree(before_usd)) return isFree(range.usd) ? "" : words.nothingBefore;
  const of = shareOf(range.usd, before_usd) ?? 10_000;
  const percents = Math.round((of - 10_000) / 100);
  if (percents >= 200) return words.times(tenths(of / 10_000));
  if (percents === 0) return words.same;
  return percents > 0 ? words.more(words.percent(`${percents}`)) : words.less(words.percent(`${-percents}`));
}

/** What the range is compared with, for who asks. */
export function sayCompared(figures: SpendFigures, calendar: Calendar): string | null {
  const { before_usd, before_from, before_until } = figures;
  if (before_usd === null || before_from === null || before_until === null) return null;
  return spendWords().comparedWith(span(before_from, before_until, calendar), money(before_usd));
}

/** What is not exact of some sums, and why. */
export function saySure({ usd, estimated_usd, unpriced }: SpendSums): { parts: string[]; note: string } {
  const words = spendWords();
  const share = shareOf(estimated_usd, usd) ?? 0;
  const said: [part: string, note: string][] = [];
  if (share > 0) said.push([words.estimated(percent(share)), words.estimatedNote]);
  if (unpriced > 0) said.push([words.unpricedCalls(formatCount(unpriced)), words.unpricedNote]);
  return { parts: said.map(([part]) => part), note: said.map(([, note]) => note).join(" ") };
}

/** What has no price is not free. */
function sayFree({ figures }: SpendView, measure: SpendMeasure): string {
  const words = spendWords();
  const { requests, unpriced } = figures.range;
  if (requests === 0) return words.sayNothing;
  return measure === "cost" && unpriced > 0
    ? words.sayUnpriced(formatCount(unpriced), formatCount(requests), unpriced >= requests)
    : words.sayFree;
}

const tenths = (times: number): string => times.toFixed(1).replace(/\.0$/, "");

/** Means are no shares of anything: who is slow and who is quick is what can be said. */
function sayLatency(
  { ranking, figures }: SpendView,
  { by, conversations }: Pick<SpendFilter, "by" | "conversations">,
): string {
  const words = spendWords();
  if (by === "conversation" && conversations.length === 0) return words.sayLatencyConversations;
  const timed = ranking
    .flatMap(({ of, average_ms }) => (average_ms === null ? [] : [{ of, average_ms }]))
    .sort((one, other) => other.average_ms - one.average_ms);
  const [slow, quick] = [timed[0], timed.at(-1)];
  if (slow === undefined || quick === undefined)
    return figures.range.requests > 0 ? words.sayLatencyUnknown : words.sayNothing;
  if (slow === quick) return words.sayLatencyOne(labelOf(slow.of, by), formatDuration(slow.average_ms));
  const [slowest, quickest] = [formatDuration(slow.average_ms), formatDuration(quick.average_ms)];
  return words.sayLatency(labelOf(slow.of, by), slowest, labelOf(quick.of, by), quickest);
}

export const clock = (hour: number): string => `${String(hour).padStart(2, "0")}:00`;

/** The sentence above the hours of the week. */
export function sayHours(hours: readonly SpendHour[], locale: string): string {
  const words = spendWords();
  const whole = sumOf(hours.map(({ usd }) => usd)) ?? "0";
  const free = isFree(whole);
  const most = hours.reduce<SpendHour | null>((best, one) => {
    if (best === null) return one;
    const more = free ? one.requests > best.requests : partsOf(one.usd) > partsOf(best.usd);
    return more ? one : best;
  }, null);
  if (most === null) return words.sayNothing;
  const day = weekday(most.weekday, locale, "long");
  if (free) return words.sayHoursCalls(day, clock(most.hour), formatCount(most.requests));
  return words.sayHours(day, clock(most.hour), percent(shareOf(most.usd, whole) ?? 0));
}

/** One hour of the week; `undefined`: nothing was booked in it. */
export function sayHour(found: SpendHour | undefined, day: number, hour: number, locale: string): string {
  const words = spendWords();
  const amount = found === undefined ? words.nothing : moneyOf(found);
  return words.hourCell(weekday(day, locale, "long"), clock(hour), amount, formatCount(found?.requests ?? 0));
}

type Priced = SpendModel & { usd_per_request: string; average_ms: number };

/** Models that have a place in the picture: a known cost and an end. */
export function placed(models: readonly SpendModel[]): Priced[] {
  return models.flatMap((model) => {
    const { usd_per_request, average_ms } = model;
    if (usd_per_request === null || isFree(usd_per_request) || average_ms === null) return [];
    return [{ ...model, usd_per_request, average_ms }];
  });
}

export const pickedShare = ({ picks, comparisons }: SpendModel): number | null =>
  comparisons === 0 ? null : Math.round((picks / comparisons) * 10_000);

/** The sentence above the models. */
export function sayModels(models: readonly SpendModel[]): string {
  const words = spendWords();
  const known = placed(models);
  const cheap = least(known, (one, other) => partsOf(one.usd_per_request) < partsOf(other.usd_per_request));
  if (cheap === undefined) {
    const priced = models.some(({ usd_per_request }) => usd_per_request !== null && !isFree(usd_per_request));
    return priced ? words.sayModelsUntimed : words.sayModelsNone;
  }
  const name = (model: SpendModel) => labelOf(model.of, "model");
  const lowest = formatUsd(cheap.usd_per_request);
  if (known.length === 1) return words.sayModelsOne(name(cheap), lowest);
  const judged = known.filter(({ comparisons }) => comparisons >= ENOUGH_COMPARISONS);
  const best = least(judged, (one, other) => (pickedShare(one) ?? 0) > (pickedShare(other) ?? 0));
  if (best === undefined) {
    const quick = least(known, (one, other) => one.average_ms < other.average_ms) ?? cheap;
    if (quick === cheap) return words.sayModelsBoth(name(cheap), lowest, formatDuration(quick.average_ms));
    return words.sayModelsCheap(name(cheap), lowest, name(quick), formatDuration(quick.average_ms));
  }
  const share = percent(pickedShare(best) ?? 0);
  if (best === cheap) return words.sayModelsBest(name(best), share, lowest);
  return words.sayModels(name(best), share, formatUsd(best.usd_per_request), name(cheap), lowest);
}

function least<T>(items: readonly T[], before: (one: T, other: T) => boolean): T | undefined {
  return items.reduce<T | undefined>(
    (best, item) => (best === undefined || before(item, best) ? item : best),
    undefined,
  );
}
