import type { Backend } from "../backend";
import type { InvoiceHead } from "../bindings/InvoiceHead";
import type { InvoiceRow } from "../bindings/InvoiceRow";
import type { InvoiceRowKey } from "../bindings/InvoiceRowKey";
import type { InvoiceView } from "../bindings/InvoiceView";
import { invoiceRows } from "./invoiceSeeds";
import { picoOf, usdOf } from "./money";
import { refused, type FakeState } from "./state";

type Part = Pick<Backend, "importInvoice" | "listInvoices" | "invoice" | "removeInvoice" | "adjustToInvoice">;

export interface StoredInvoice {
  head: InvoiceHead;
  text: string;
  rows: InvoiceRow[];
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
  const heads = () => [...state.invoices.values()].map(({ head }) => head).reverse();
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
          "bad_invoice",
          `The file ${name} cannot be read: this is no usage or cost export that is known here: OpenAI's, Anthropic's and OpenRouter's are, as CSV or JSON. Its first line is: ${first.slice(0, 120)}. Nothing was taken over.`,
        );
      const of = provider ?? issuer;
      const known = [...state.invoices.values()].find((one) => one.text === text && one.head.provider === of);
      return viewOf(state, known ?? plantInvoice(state, { name, issuer, provider: of }, text));
    },
    async listInvoices() {
      await delay();
      return heads();
    },
    async invoice(id) {
      await delay();
      return viewOf(state, found(id));
    },
    async removeInvoice(id) {
      await delay();
      found(id);
      state.invoices.delete(id);
      return heads();
    },
    async adjustToInvoice(id, rows) {
      await delay();
      const { head, rows: compared } = found(id);
      const wanted = (row: InvoiceRow) =>
        rows.length === 0
          ? row.sure
          : rows.some(({ day, model }: InvoiceRowKey) => day === row.day && model === row.model);
      for (const row of compared.filter(wanted)) correct(state, head.provider, row);
      return viewOf(state, found(id));
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
  const stored = { head: { ...head, id, imported_at: importedAt }, text, rows: invoiceRows(head.issuer) };
  state.invoices.set(id, stored);
  return stored;
}

const keyOf = (provider: string, { day, model }: InvoiceRow): string => `${provider} ${day} ${model ?? ""}`;

function correct(state: FakeState, provider: string, row: InvoiceRow): void {
  if (row.difference_usd === null || row.agreement === "agrees" || row.agreement === "next_day") return;
  const done = corrected.get(state) ?? new Map<string, string>();
  done.set(keyOf(provider, row), row.difference_usd);
  corrected.set(state, done);
}

function viewOf(state: FakeState, { head, rows }: StoredInvoice): InvoiceView {
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
  const sum = (pick: (row: InvoiceRow) => string | null) =>
    signedText(shown.reduce((all, row) => all + signedPico(pick(row)), 0n));
  const days = shown.map(({ day }) => day).sort();
  const same = new Set<InvoiceRow["agreement"]>(["agrees", "tokens_agree", "next_day"]);
  return {
    head,
    first_day: days[0] ?? "",
    last_day: days.at(-1) ?? "",
    invoiced_usd: sum((row) => row.invoiced_usd),
    booked_usd: sum((row) => row.booked_usd),
    difference_usd: sum((row) => row.difference_usd),
    differing: shown.filter(({ agreement }) => !same.has(agreement)).length,
    rows: shown,
  };
}

/** Differences can be below zero. */
export function signedPico(usd: string | null): bigint {
  if (usd === null) return 0n;
  return usd.startsWith("-") ? -picoOf(usd.slice(1)) : picoOf(usd);
}

export const signedText = (pico: bigint): string => (pico < 0n ? `-${usdOf(-pico)}` : usdOf(pico));
