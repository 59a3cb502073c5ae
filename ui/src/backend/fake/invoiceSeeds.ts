import type { InvoiceHead } from "../bindings/InvoiceHead";
import type { InvoiceRow } from "../bindings/InvoiceRow";
import { plantInvoice, signedPico, signedText } from "./invoices";
import { dice } from "./spend/books";
import type { FakeState } from "./state";

const DAY_MS = 86_400_000;
const DAYS = 12;

const MODELS: Record<InvoiceHead["issuer"], string[]> = {
  openai: ["gpt-5.6", "gpt-5.6-mini", "gpt-4.1"],
  anthropic: ["claude-sonnet-5", "claude-haiku-4.5"],
  openrouter: ["anthropic/claude-sonnet-5", "openai/gpt-5.6", "qwen/qwen3-coder"],
};

type Way = InvoiceRow["agreement"];

/** What stands out, by days before today and the model's place; everything else agrees. */
const ODD: [day: number, model: number, way: Way][] = [
  [12, 0, "next_day"],
  [11, 0, "next_day"],
  [9, 1, "price_differs"],
  [8, 1, "price_differs"],
  [7, 0, "books_estimated"],
  [6, 0, "usage_differs"],
  [5, 1, "only_booked"],
  [4, 0, "amount_differs"],
  [3, 0, "books_estimated"],
  [2, 1, "tokens_agree"],
];

/** The same rows each time: the last days, model by model, with every way to differ among them. */
export function invoiceRows(issuer: InvoiceHead["issuer"], now = Date.now()): InvoiceRow[] {
  const roll = dice(issuer.length);
  const rows: InvoiceRow[] = [];
  for (let before = DAYS; before >= 1; before -= 1) {
    const day = new Date(now - before * DAY_MS).toISOString().slice(0, 10);
    MODELS[issuer].forEach((model, place) => {
      const way = ODD.find(([at, one]) => at === before && one === place)?.[2] ?? "agrees";
      const requests = 3 + Math.floor(roll() * 40);
      const tokens: [number, number] = [requests * 1_840, requests * 460];
      const pico = BigInt(requests) * BigInt(12_500_000_000 + place * 900_000_000);
      rows.push(rowOf({ day, model, way, requests, tokens, pico, before }));
    });
    if (before === 6) rows.push(fee(day));
  }
  return rows;
}

interface Fact {
  day: string;
  model: string;
  way: Way;
  requests: number;
  tokens: [number, number];
  pico: bigint;
  before: number;
}

function rowOf({ day, model, way, requests, tokens, pico, before }: Fact): InvoiceRow {
  const booked = way === "usage_differs" ? (pico * 3n) / 4n : pico;
  const more = { price_differs: pico / 8n, books_estimated: -pico / 11n, amount_differs: pico / 30n };
  const shifted = before % 2 === 0 ? -40_000_000_000n : 40_000_000_000n;
  const extra = way === "next_day" ? shifted : way in more ? more[way as keyof typeof more] : 0n;
  const named = way !== "only_booked";
  const priced = named && way !== "tokens_agree";
  const saysTokens = way !== "amount_differs" && named;
  const share = way === "usage_differs" ? 0.75 : 1;
  return {
    day,
    model,
    whole_day: false,
    agreement: way,
    invoiced_usd: priced ? signedText(pico + extra) : null,
    booked_usd: signedText(booked),
    difference_usd: priced ? signedText(pico + extra - booked) : named ? null : signedText(-booked),
    corrected_usd: null,
    invoiced_requests: named && before !== 3 ? requests : null,
    booked_requests: Math.round(requests * share),
    unpriced: way === "books_estimated" && before === 3 ? 2 : 0,
    invoiced_tokens: saysTokens ? tokens : [null, null],
    booked_tokens: [Math.round(tokens[0] * share), Math.round(tokens[1] * share)],
    // Of what is estimated only where the invoice names the same calls.
    sure: way === "price_differs" || (way === "books_estimated" && before === 7),
  };
}

/** A charge that belongs to no model, and of which the books know nothing. */
function fee(day: string): InvoiceRow {
  return {
    day,
    model: null,
    whole_day: false,
    agreement: "only_invoiced",
    invoiced_usd: "0.35",
    booked_usd: null,
    difference_usd: "0.35",
    corrected_usd: null,
    invoiced_requests: null,
    booked_requests: 0,
    unpriced: 0,
    invoiced_tokens: [null, null],
    booked_tokens: [0, 0],
    sure: false,
  };
}

/** The same as an export without models says it: a row a day. */
function wholeDays(rows: readonly InvoiceRow[]): InvoiceRow[] {
  return [...new Set(rows.map(({ day }) => day))].map((day) => {
    const those = rows.filter((row) => row.day === day);
    const sum = (pick: (row: InvoiceRow) => string | null) =>
      signedText(those.reduce((all, row) => all + signedPico(pick(row)), 0n));
    const [invoiced, booked] = [sum((row) => row.invoiced_usd), sum((row) => row.booked_usd)];
    return {
      ...fee(day),
      whole_day: true,
      agreement: invoiced === booked ? "agrees" : "amount_differs",
      invoiced_usd: invoiced,
      booked_usd: booked,
      difference_usd: signedText(signedPico(invoiced) - signedPico(booked)),
      booked_requests: those.reduce((all, row) => all + row.booked_requests, 0),
    };
  });
}

/** A few that were imported over the last weeks. */
export function someInvoices(state: FakeState): void {
  const first = state.providers.find(({ id }) => id === "openai");
  if (first !== undefined)
    state.providers = [...state.providers, { ...first, id: "openai-work", name: "OpenAI, work" }];
  const now = Date.now();
  plantInvoice(
    state,
    { name: "claude_api_cost_2026_10.csv", issuer: "anthropic", provider: "anthropic" },
    "a",
    now - 19 * DAY_MS,
  );
  plantInvoice(
    state,
    {
      name: "openrouter_activity_everything_since_the_account_was_opened.json",
      issuer: "openrouter",
      provider: "openrouter",
    },
    "b",
    now - 2 * DAY_MS,
  );
  const days = plantInvoice(
    state,
    { name: "costs_2026-11-01_2026-11-20.csv", issuer: "openai", provider: "openai" },
    "d",
    now - 3 * 3_600_000,
  );
  days.rows = wholeDays(days.rows);
  days.hasMore = true;
  const agreeing = plantInvoice(
    state,
    { name: "completions_usage_2026-11.csv", issuer: "openai", provider: "openai" },
    "c",
    now - 60_000,
  );
  agreeing.rows = agreeing.rows
    .filter(({ agreement }) => agreement === "agrees")
    .map((row) => ({
      ...row,
      difference_usd: signedText(signedPico(row.invoiced_usd) - signedPico(row.booked_usd)),
    }));
}
