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
    agreement: way,
    invoiced_usd: priced ? signedText(pico + extra) : null,
    booked_usd: signedText(booked),
    difference_usd: priced ? signedText(pico + extra - booked) : named ? null : signedText(-booked),
    corrected_usd: null,
    invoiced_requests: named ? requests : null,
    booked_requests: Math.round(requests * share),
    unpriced: way === "books_estimated" && before === 3 ? 2 : 0,
    invoiced_tokens: saysTokens ? tokens : [null, null],
    booked_tokens: [Math.round(tokens[0] * share), Math.round(tokens[1] * share)],
    sure: way === "price_differs" || way === "books_estimated",
  };
}

/** A charge that belongs to no model, and of which the books know nothing. */
function fee(day: string): InvoiceRow {
  return {
    day,
    model: null,
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
