import type { ModelAnalysis } from "../../bindings/ModelAnalysis";

const HEAD = [
  "model",
  "name",
  "simulated",
  "calls",
  "succeeded",
  "cancelled",
  "success_rate",
  "success_least",
  "success_most",
  "success_verdict",
  "average_ms",
  "p50_ms",
  "p95_ms",
  "p99_ms",
  "first_token_p50_ms",
  "trend",
  "trend_percent",
  "usd",
  "unpriced_answers",
  "usd_per_call",
  "usd_per_1k_answer_tokens",
  "answers_per_usd",
  "tokens_per_second",
  "errors",
] as const;

/** As the host writes it: what is not known is empty. */
export function csvOf(models: readonly ModelAnalysis[]): string {
  return [HEAD, ...models.map(lineOf)].map((line) => `${line.map(cell).join(",")}\n`).join("");
}

type Cell = string | number | boolean | null;

function lineOf(model: ModelAnalysis): Cell[] {
  const { latency, ttft, trend, success } = model;
  return [
    model.target,
    model.label,
    model.simulated,
    model.requests,
    model.succeeded,
    model.cancelled,
    success.rate,
    success.least,
    success.most,
    success.verdict,
    latency?.average_ms ?? null,
    latency?.p50_ms ?? null,
    latency?.p95_ms ?? null,
    latency?.p99_ms ?? null,
    ttft?.p50_ms ?? null,
    trend.direction,
    trend.change_percent,
    model.usd,
    model.unpriced,
    model.usd_per_request,
    model.usd_per_1k_answer_tokens,
    model.answers_per_usd,
    model.tokens_per_second,
    model.errors.map(({ category, count }) => `${category} ${count}`).join("; "),
  ];
}

/** What a spreadsheet would take for a formula begins with an apostrophe: names come from outside. */
function cell(value: Cell): string {
  if (typeof value !== "string") return value === null ? "" : String(value);
  const isNumber = /^-?\d+(\.\d+)?$/.test(value);
  const plain = !isNumber && /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}
