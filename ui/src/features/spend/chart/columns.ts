import type { SpendBy } from "../../../backend/bindings/SpendBy";
import type { SpendMeasure } from "../../../backend/bindings/SpendMeasure";
import type { SpendSeries } from "../../../backend/bindings/SpendSeries";
import type { SpendView } from "../../../backend/bindings/SpendView";
import { lengthOf, partsOf } from "../../../shared/exact";
import { labelOf } from "../names";
import { columnLong, columnShort, span, type Calendar } from "../when";

/** One band of the stack, as it is drawn and said. */
export interface Band extends SpendSeries {
  label: string;
}

/** One column, as it is read. */
export interface Column {
  from: number;
  until: number;
  short: string;
  long: string;
  total: string | null;
}

export function bandsOf(view: SpendView, by: SpendBy): Band[] {
  return view.series.map((band) => ({ ...band, label: labelOf(band.of, by) }));
}

const endOf = ({ columns, until }: SpendView, at: number): number => columns[at + 1] ?? until;

/** A column in a sentence. A week is told by its days: its first alone would read as that day. */
export function columnName(view: SpendView, from: number, calendar: Calendar): string {
  if (view.step !== "week") return columnLong(from, view.step, calendar);
  return span(from, endOf(view, view.columns.indexOf(from)), calendar);
}

export function columnsOf(view: SpendView, calendar: Calendar): Column[] {
  return view.columns.map((from, at) => ({
    from,
    until: endOf(view, at),
    short: columnShort(from, view.step, calendar),
    long: columnName(view, from, calendar),
    total: view.totals[at] ?? null,
  }));
}

/** Bands of a column that hold anything, in the order they stand on the screen from the top. */
export function partsOfColumn(
  bands: readonly Pick<Band, "values">[],
  column: number,
): { band: number; value: string }[] {
  return bands
    .flatMap(({ values }, band) => {
      const value = values[column] ?? null;
      return value === null ? [] : [{ band, value }];
    })
    .filter(({ value }) => /[1-9]/.test(value));
}

/** The largest parts of a column and the one that is marked, in the order they stand in. */
export function largest<Part extends { band: number; value: string }>(
  parts: readonly Part[],
  count: number,
  marked: number | null,
): Part[] {
  const bySize = parts.toSorted((one, other) => (partsOf(one.value) < partsOf(other.value) ? 1 : -1));
  const kept = new Set(bySize.slice(0, count));
  return parts.filter((part) => kept.has(part) || part.band === marked);
}

/** Means do not add up: they are lines beside each other. */
export const stacked = (measure: SpendMeasure): boolean => measure !== "latency";

/** Every how many columns there is room for a word below the axis. */
export function labelEvery(count: number, widthPx: number, wordPx: number): number {
  return count === 0 ? 1 : Math.max(1, Math.ceil((count * wordPx) / Math.max(widthPx, 1)));
}

/** Lengths for the canvas; exact figures stay text everywhere else. */
export const lengths = ({ values }: Pick<Band, "values">, rate = 1): (number | null)[] =>
  values.map((value) => (value === null ? null : (lengthOf(value) ?? 0) * rate));

/** Where the keys lead from a column: arrows by one, Page keys by a quarter of the chart, Home and End to the ends. */
export function walk(key: string, at: number | null, count: number): number | null {
  if (count === 0) return null;
  const last = count - 1;
  const quarter = Math.max(1, Math.round(count / 4));
  const steps: Record<string, (from: number) => number> = {
    ArrowRight: (from) => from + 1,
    ArrowLeft: (from) => from - 1,
    PageDown: (from) => from + quarter,
    PageUp: (from) => from - quarter,
    Home: () => 0,
    End: () => last,
  };
  const step = steps[key];
  if (step === undefined) return null;
  // Nothing marked yet: the newest column is what is asked about.
  if (at === null) return key === "Home" ? 0 : last;
  return Math.min(last, Math.max(0, step(at)));
}
