import type { InvoiceRow } from "../../backend/bindings/InvoiceRow";
import type { InvoiceRowKey } from "../../backend/bindings/InvoiceRowKey";
import { partsOf, sumOf } from "../../shared/exact";

export type Agreement = InvoiceRow["agreement"];

/** The ways to stand to each other, in the order people should hear of them. `agrees` is the last. */
export const WAYS: readonly Agreement[] = [
  "price_differs",
  "books_estimated",
  "usage_differs",
  "amount_differs",
  "only_invoiced",
  "only_booked",
  "next_day",
  "tokens_agree",
  "agrees",
];

const AT_ONE: ReadonlySet<Agreement> = new Set(["agrees", "tokens_agree", "next_day"]);

export const keyOf = ({ day, model }: InvoiceRowKey): string => `${day}\n${model ?? ""}`;

export const differs = ({ agreement }: InvoiceRow): boolean => !AT_ONE.has(agreement);

/** It differs, or did until it was corrected. */
export const isStory = (row: InvoiceRow): boolean => differs(row) || row.corrected_usd !== null;

/** Whether the host would book something for it: there is an amount to correct, and somebody knows why. */
export function canCorrect({ agreement, difference_usd }: InvoiceRow): boolean {
  const nothing = agreement === "agrees" || agreement === "next_day" || difference_usd === null;
  return !nothing && partsOf(difference_usd) !== 0n;
}

/** A day with what is shown of it, and its sums over all that the invoice and the books hold. */
export interface InvoiceDay {
  day: string;
  shown: InvoiceRow[];
  of: number;
  /** `null`: the invoice names no amount that day. */
  invoiced: string | null;
  booked: string;
  difference: string | null;
}

export function daysOf(rows: readonly InvoiceRow[], shows: (row: InvoiceRow) => boolean): InvoiceDay[] {
  const days = new Map<string, InvoiceRow[]>();
  for (const row of rows) days.set(row.day, [...(days.get(row.day) ?? []), row]);
  return [...days].flatMap(([day, all]) => {
    const shown = all.filter(shows);
    if (shown.length === 0) return [];
    return {
      day,
      shown,
      of: all.length,
      invoiced: sumOf(all.map((row) => row.invoiced_usd)),
      booked: sumOf(all.map((row) => row.booked_usd)) ?? "0",
      difference: sumOf(all.map((row) => row.difference_usd)),
    };
  });
}

/** What stands out, way by way: how often, and by how much in sum. */
export interface WaySum {
  way: Agreement;
  count: number;
  difference: string | null;
  /** All of them are. */
  sure: boolean;
}

export function waysOf(rows: readonly InvoiceRow[]): WaySum[] {
  return WAYS.filter((way) => way !== "agrees").flatMap((way) => {
    const those = rows.filter(({ agreement }) => agreement === way);
    return those.length === 0
      ? []
      : {
          way,
          count: those.length,
          difference: sumOf(those.map((row) => row.difference_usd)),
          sure: those.every((row) => row.sure),
        };
  });
}

/** What correcting these rows books: a new entry for each. */
export interface Correction {
  rows: InvoiceRow[];
  /** Exact decimal dollars; below zero where the books hold too much. */
  usd: string;
  /** Of them, rows of which it is not known that the calls are the same. */
  unsure: number;
}

export function correctionOf(rows: readonly InvoiceRow[], chosen: ReadonlySet<string>): Correction {
  const those = rows.filter((row) => chosen.has(keyOf(row)) && canCorrect(row));
  return {
    rows: those,
    usd: sumOf(those.map((row) => row.difference_usd)) ?? "0",
    unsure: those.filter(({ sure }) => !sure).length,
  };
}
