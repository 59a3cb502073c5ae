import type { RoutingState } from "../../../backend/bindings/RoutingState";
import type { StatisticsRow } from "../../../backend/bindings/StatisticsRow";
import { formatCount, formatDuration } from "../../../shared/format";
import { routeHealth } from "../../../shared/i18n/messages/routeHealth";
import { trace } from "../../../shared/i18n/messages/trace";
import { lightOf } from "../standing";

/** Below this share of answered calls somebody is worth a sentence. */
const POOR = 0.9;
/** Fewer calls than these say nothing yet. */
const ENOUGH_CALLS = 5;
const MUCH_FALLBACK = 0.25;

/** The share of calls that were answered; calls a person stopped are neither good nor bad. `null`: there was none. */
export function answeredShare(
  row: Pick<StatisticsRow, "requests" | "succeeded" | "cancelled">,
): number | null {
  const counted = row.requests - row.cancelled;
  return counted <= 0 ? null : Math.min(1, row.succeeded / counted);
}

/** What the figures and the lights say, in sentences; the most important first. */
export function takeaways(rows: readonly StatisticsRow[], live: RoutingState | null, now: number): string[] {
  const words = routeHealth();
  const asked = rows.filter((row) => row.of === "model" && row.requests > 0);
  // Invented calls say nothing of real ones; they speak only where there is nothing else.
  const real = asked.filter((row) => !row.simulated);
  const models = real.length > 0 ? real : asked;
  const known = models.filter((row) => row.requests - row.cancelled >= ENOUGH_CALLS);
  const percent = (share: number) => Math.floor(share * 100);
  const said: string[] = [];

  const left = live?.models.filter((model) => lightOf(model, now) === "open") ?? [];
  if (left.length > 0) said.push(words.takeOut(left.map(({ target }) => target).join(", ")));
  for (const host of live?.hosts ?? []) {
    if (host.allowance.waiting > 0) said.push(words.takeQueue(host.origin, host.allowance.waiting));
  }

  const calls = models.reduce((sum, row) => sum + row.requests - row.cancelled, 0);
  const answered = models.reduce((sum, row) => sum + row.succeeded, 0);
  if (calls > 0)
    said.push(
      answered >= calls
        ? words.takeAllGood(formatCount(calls))
        : words.takeAll(percent(answered / calls), formatCount(answered), formatCount(calls)),
    );

  const worst = least(known, (row) => answeredShare(row) ?? 1);
  const share = worst === undefined ? null : answeredShare(worst);
  const reason = worst?.errors[0]?.category;
  if (worst !== undefined && share !== null && share < POOR && reason !== undefined)
    said.push(words.takeWorst(worst.label, percent(share), trace().failure(reason)));

  const timed = known.filter((row) => row.ttft !== null);
  const quickest = least(timed, (row) => row.ttft?.p50_ms ?? Number.POSITIVE_INFINITY);
  if (timed.length > 1 && quickest?.ttft)
    said.push(words.takeQuick(quickest.label, formatDuration(quickest.ttft.p50_ms)));

  const stand = least(known, (row) => -row.fallback_rate);
  if (stand !== undefined && stand.fallback_rate >= MUCH_FALLBACK)
    said.push(words.takeFallback(stand.label, percent(stand.fallback_rate)));
  return said;
}

function least<T>(items: readonly T[], measure: (item: T) => number): T | undefined {
  return items.reduce<T | undefined>(
    (best, item) => (best === undefined || measure(item) < measure(best) ? item : best),
    undefined,
  );
}
