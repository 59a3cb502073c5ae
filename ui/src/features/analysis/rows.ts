import type { ModelAnalysis } from "../../backend/bindings/ModelAnalysis";
import { isFree } from "../../shared/format";
import { partsOf } from "../../shared/exact";

export const COLUMNS = [
  "model",
  "calls",
  "success",
  "average",
  "p95",
  "trend",
  "perCall",
  "perTokens",
  "perDollar",
  "errors",
] as const;
export type Column = (typeof COLUMNS)[number];

export interface Row {
  model: ModelAnalysis;
  provider: string;
  /** Two providers may have a model of the same name. */
  twice: boolean;
}

export function rowsOf(models: readonly ModelAnalysis[]): Row[] {
  return models.map((model) => ({
    model,
    provider: providerOf(model.target),
    twice: models.some((other) => other.label === model.label && other.target !== model.target),
  }));
}

export const providerOf = (target: string): string => target.slice(0, Math.max(0, target.indexOf("/")));

export const failures = ({ errors }: ModelAnalysis): number =>
  errors.reduce((sum, { count }) => sum + count, 0);

/** Whether its calls cost nothing; one whose cost is not known is not free. */
export const free = ({ usd_per_request }: ModelAnalysis): boolean =>
  usd_per_request !== null && isFree(usd_per_request);

const FIGURES: Record<Exclude<Column, "model">, (model: ModelAnalysis) => bigint | number | null> = {
  calls: ({ requests }) => requests,
  success: ({ success }) => success.rate,
  average: ({ latency }) => latency?.average_ms ?? null,
  p95: ({ latency }) => latency?.p95_ms ?? null,
  trend: ({ trend }) => (trend.direction === "unknown" ? null : trend.change_percent),
  perCall: ({ usd_per_request }) => (usd_per_request === null ? null : partsOf(usd_per_request)),
  perTokens: ({ usd_per_1k_answer_tokens: usd }) => (usd === null ? null : partsOf(usd)),
  // What is free buys more than any dollar.
  perDollar: (model) => (free(model) ? Number.POSITIVE_INFINITY : model.answers_per_usd),
  errors: failures,
};

/** Names begin at A, rates with the worst, everything else with the largest: what somebody presses it for. */
export const beginsDown = (column: Column): boolean => column !== "model" && column !== "success";

/** What is unknown comes last either way, as does what is invented; what is equal stays as the host has it. */
export function sorted(rows: readonly Row[], column: Column, down: boolean): Row[] {
  const ordered =
    column === "model"
      ? rows.toSorted((one, other) => one.model.label.localeCompare(other.model.label) * (down ? -1 : 1))
      : rows.toSorted((one, other) =>
          compare(FIGURES[column](one.model), FIGURES[column](other.model), down),
        );
  return ordered.toSorted((one, other) => Number(one.model.simulated) - Number(other.model.simulated));
}

function compare(a: bigint | number | null, b: bigint | number | null, down: boolean): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  const order = a < b ? -1 : a > b ? 1 : 0;
  return down ? -order : order;
}
