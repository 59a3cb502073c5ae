import type { InvoiceHead } from "../../backend/bindings/InvoiceHead";
import type { InvoiceSummary } from "../../backend/bindings/InvoiceSummary";
import type { InvoiceView } from "../../backend/bindings/InvoiceView";
import type { ProviderView } from "../../backend/bindings/ProviderView";
import { dateFormat } from "../../shared/dateFormat";
import { formatUsd } from "../../shared/format";
import { currentTongue } from "../../shared/i18n/language.svelte";
import { invoiceWords } from "../../shared/i18n/messages/invoices";
import { exactly, money } from "../spend/amounts";
import { partsOf, sumOf } from "../../shared/exact";

/** A day of the invoice: `YYYY-MM-DD` of UTC, as people write it. */
export function dayWords(day: string, long = false): string {
  const options: Intl.DateTimeFormatOptions = { day: "numeric", month: "short", timeZone: "UTC" };
  if (long) Object.assign(options, { weekday: "short", year: "numeric" });
  return dateFormat(currentTongue(), options).format(new Date(`${day}T00:00:00Z`));
}

/** From its first day to its last. */
export function spanWords({ first_day, last_day }: Pick<InvoiceSummary, "first_day" | "last_day">): string {
  const format = dateFormat(currentTongue(), {
    day: "numeric",
    month: "short",
    year: "numeric",
    timeZone: "UTC",
  });
  return format.formatRange(new Date(`${first_day}T00:00:00Z`), new Date(`${last_day}T00:00:00Z`));
}

export const absolute = (usd: string): string => (usd.startsWith("-") ? usd.slice(1) : usd);

/** An amount with its sign, `+$0.12` or `−$0.12`; nothing at all is a dash. */
export function signed(usd: string | null): string {
  if (usd === null || partsOf(usd) === 0n) return "–";
  return `${usd.startsWith("-") ? "−" : "+"}${formatUsd(absolute(usd))}`;
}

/** An amount of an invoice or of the books in words. Credits are below zero. */
export const amount = (usd: string): string =>
  usd.startsWith("-") ? `−${formatUsd(absolute(usd))}` : money(usd);

/** The same to the last digit. */
export const amountExactly = (usd: string): string =>
  usd.startsWith("-") ? `−${exactly(absolute(usd))}` : exactly(usd);

/** To the last digit, with its sign. */
export const signedExactly = (usd: string): string =>
  `${usd.startsWith("-") ? "−" : partsOf(usd) === 0n ? "" : "+"}${exactly(absolute(usd))}`;

const ISSUERS: Record<InvoiceHead["issuer"], string> = {
  openai: "OpenAI",
  anthropic: "Anthropic",
  openrouter: "OpenRouter",
};

const isIssuer = (slug: string): slug is InvoiceHead["issuer"] => slug in ISSUERS;

export const issuerName = (issuer: InvoiceHead["issuer"]): string => ISSUERS[issuer];

/** As the provider is called here; one that is gone keeps its slug. */
export const providerName = (slug: string, providers: readonly ProviderView[]): string =>
  providers.find(({ id }) => id === slug)?.name ?? (isIssuer(slug) ? ISSUERS[slug] : slug);

const size = (usd: string): bigint => partsOf(absolute(usd));

/** So close that only the rounding of the invoice lies between them. */
const isSame = ({ differing, difference_usd, rounding_usd }: InvoiceSummary): boolean =>
  differing === 0 || (difference_usd !== null && size(difference_usd) <= size(rounding_usd));

/** What it charged and what the books hold, in a sentence. */
function sumsWords(summary: InvoiceSummary): string {
  const words = invoiceWords();
  const { invoiced_usd, difference_usd } = summary;
  const name = issuerName(summary.head.issuer);
  const booked = amount(summary.booked_usd);
  if (invoiced_usd === null || difference_usd === null) return words.saysNoAmounts(name, booked);
  const invoiced = amount(invoiced_usd);
  if (isSame(summary)) return words.saysSame(name, invoiced);
  const says = difference_usd.startsWith("-") ? words.saysLess : words.saysMore;
  return says(name, invoiced, booked, formatUsd(absolute(difference_usd)));
}

/** The whole comparison in a sentence, and how many rows differ in another. */
export function comparisonWords(view: InvoiceView): string {
  const words = invoiceWords();
  const rows = (view.whole_days ? words.daysDiffer : words.rowsDiffer)(view.differing, view.rows.length);
  const unnamed = sumOf(view.rows.flatMap((row) => (row.difference_usd === null ? row.booked_usd : [])));
  const apart =
    unnamed === null || view.invoiced_usd === null || partsOf(unnamed) === 0n
      ? []
      : words.notCompared(amount(unnamed));
  return [sumsWords(view), rows].concat(apart).join(" ");
}
