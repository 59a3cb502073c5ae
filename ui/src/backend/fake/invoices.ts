import type { Backend } from "../backend";
import type { InvoiceChange } from "../bindings/InvoiceChange";
import type { InvoiceHead } from "../bindings/InvoiceHead";
import type { InvoiceRow } from "../bindings/InvoiceRow";
import type { InvoiceRowKey } from "../bindings/InvoiceRowKey";
import type { InvoiceSummary } from "../bindings/InvoiceSummary";
import type { InvoiceView } from "../bindings/InvoiceView";
import { invoiceRows } from "./invoiceSeeds";
import { picoOf, usdOf } from "./money";
import { refused, type FakeState } from "./state";

type Part = Pick<
  Backend,
  "importInvoice" | "listInvoices" | "invoice" | "removeInvoice" | "adjustToInvoice" | "takeBackInvoice"
>;

export interface StoredInvoice {
  head: InvoiceHead;
  text: string;
  rows: InvoiceRow[];
  hasMore: boolean;
}

/** What the first line of an export gives away of who wrote it. */
const MARKS: [mark: string, issuer: InvoiceHead["issuer"]][] = [
  ["usage_date_utc", "anthropic"],
  ["starting_at", "anthropic"],
  ["generation_id", "openrouter"],
  ["model_permaslug", "openrouter"],
  ["start_time", "openai"],
];

/** Corrections stay where the calls are, whatever becomes of the invoice. */
const corrected = new WeakMap<FakeState, Map<string, string>>();

/** Invoices whose rows are made up: every way to differ, on the last days. */
export function fakeInvoices(state: FakeState, delay: () => Promise<void>): Part {
  const summaries = () => [...state.invoices.values()].map((one) => comparedOf(state, one).summary).reverse();
  const found = (id: string): StoredInvoice => {
    const invoice = state.invoices.get(id);
    if (invoice === undefined)
      throw refused("not_found", "This invoice is gone. Import the file again to compare it.");
    return invoice;
  };
  return {
    async importInvoice(name, text, provider) {
      await delay();
      const [first = ""] = text.trim().split("\n");
      const issuer = MARKS.find(([mark]) => text.slice(0, 2_000).includes(mark))?.[1];
      if (issuer === undefined)
        throw refused(
          "invoice_form",
          `The file ${name} cannot be read: this is no usage or cost export that is known here: OpenAI's, Anthropic's and OpenRouter's are, as CSV or JSON. Its first line is: ${first.slice(0, 120)}. Nothing was taken over.`,
        );
      const of = provider ?? issuer;
      const known = [...state.invoices.values()].find((one) => one.text === text && one.head.provider === of);
      return viewOf(state, known ?? plantInvoice(state, { name, issuer, provider: of }, text));
    },
    async listInvoices() {
      await delay();
      return summaries();
    },
    async invoice(id) {
      await delay();
      return viewOf(state, found(id));
    },
    async removeInvoice(id) {
      await delay();
      found(id);
      state.invoices.delete(id);
      return summaries();
    },
    async adjustToInvoice(id, rows) {
      await delay();
      const { head, rows: compared } = found(id);
      const wanted = (row: InvoiceRow) =>
        rows.length === 0
          ? row.sure
          : rows.some(({ day, model }: InvoiceRowKey) => day === row.day && model === row.model);
      const booked = compared.filter(wanted).flatMap((row) => correct(state, head.provider, row));
      return changeOf(viewOf(state, found(id)), booked);
    },
    async takeBackInvoice(id) {
      await delay();
      const { head, rows } = found(id);
      const taken = rows.flatMap((row) => takeBack(state, head.provider, row));
      return changeOf(viewOf(state, found(id)), taken);
    },
  };
}

export function plantInvoice(
  state: FakeState,
  head: Pick<InvoiceHead, "name" | "issuer" | "provider">,
  text = head.name,
  importedAt = Date.now(),
): StoredInvoice {
  const id = state.id("invoice");
  const stored = {
    head: { ...head, id, imported_at: importedAt },
    text,
    rows: invoiceRows(head.issuer),
    hasMore: false,
  };
  state.invoices.set(id, stored);
  return stored;
}

const keyOf = (provider: string, { day, model }: InvoiceRow): string => `${provider} ${day} ${model ?? ""}`;

/** What was booked: nothing for what agrees, or was corrected already. */
function correct(state: FakeState, provider: string, row: InvoiceRow): string[] {
  if (row.difference_usd === null || row.agreement === "agrees" || row.agreement === "next_day") return [];
  const done = corrected.get(state) ?? new Map<string, string>();
  corrected.set(state, done);
  if (done.has(keyOf(provider, row))) return [];
  done.set(keyOf(provider, row), row.difference_usd);
  return [row.difference_usd];
}

function takeBack(state: FakeState, provider: string, row: InvoiceRow): string[] {
  const done = corrected.get(state);
  const by = done?.get(keyOf(provider, row));
  if (by === undefined) return [];
  done?.delete(keyOf(provider, row));
  return [signedText(-signedPico(by))];
}

const changeOf = (view: InvoiceView, booked: string[]): InvoiceChange => ({
  view,
  booked: booked.length,
  usd: signedText(booked.reduce((sum, usd) => sum + signedPico(usd), 0n)),
});

const SAME = new Set<InvoiceRow["agreement"]>(["agrees", "tokens_agree", "next_day"]);

function viewOf(state: FakeState, invoice: StoredInvoice): InvoiceView {
  const { summary, rows } = comparedOf(state, invoice);
  return { ...summary, rows };
}

function comparedOf(state: FakeState, { head, rows, hasMore }: StoredInvoice) {
  const done = corrected.get(state);
  const shown = rows.map((row): InvoiceRow => {
    const by = done?.get(keyOf(head.provider, row));
    if (by === undefined) return row;
    return {
      ...row,
      booked_usd: signedText(signedPico(row.booked_usd) + signedPico(by)),
      difference_usd: "0",
      corrected_usd: by,
      agreement: "agrees",
      sure: false,
    };
  });
  const sum = (pick: (row: InvoiceRow) => string | null) => {
    const known = shown.map(pick).filter((usd) => usd !== null);
    return known.length === 0 ? null : signedText(known.reduce((all, usd) => all + signedPico(usd), 0n));
  };
  const days = shown.map(({ day }) => day).sort();
  const invoiced = sum((row) => row.invoiced_usd);
  const summary: InvoiceSummary = {
    head,
    first_day: days[0] ?? "",
    last_day: days.at(-1) ?? "",
    has_more: hasMore,
    whole_days: shown[0]?.whole_day ?? false,
    invoiced_usd: invoiced,
    booked_usd: sum((row) => row.booked_usd) ?? "0",
    difference_usd: invoiced === null ? null : sum((row) => row.difference_usd),
    rounding_usd: "0.00000018",
    differing: shown.filter(({ agreement }) => !SAME.has(agreement)).length,
    corrected_usd: sum((row) => row.corrected_usd),
  };
  return { summary, rows: shown };
}

/** Differences can be below zero. */
export function signedPico(usd: string | null): bigint {
  if (usd === null) return 0n;
  return usd.startsWith("-") ? -picoOf(usd.slice(1)) : picoOf(usd);
}

export const signedText = (pico: bigint): string => (pico < 0n ? `-${usdOf(-pico)}` : usdOf(pico));
