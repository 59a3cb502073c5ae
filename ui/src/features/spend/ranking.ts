import type { SpendRank } from "../../backend/bindings/SpendRank";
import { partsOf } from "../../shared/exact";
import { isUnpriced } from "./amounts";

export const COLUMNS = ["name", "cost", "share", "requests", "tokens", "average", "success"] as const;
export type SortColumn = (typeof COLUMNS)[number];

export interface Ranked {
  rank: SpendRank;
  label: string;
}

const FIGURES: Record<Exclude<SortColumn, "name">, (rank: SpendRank) => bigint | number | null> = {
  cost: ({ sums }) => (isUnpriced(sums) ? null : partsOf(sums.usd)),
  share: (rank) => rank.share_basis_points,
  requests: ({ sums }) => sums.requests,
  tokens: ({ sums }) => sums.input_tokens + sums.output_tokens,
  average: (rank) => rank.average_ms,
  success: (rank) => rank.success_basis_points,
};

/** What is unknown comes last either way; what is equal stays as the host has ranked it. */
export function sorted(rows: readonly Ranked[], column: SortColumn, down: boolean): Ranked[] {
  if (column === "name") {
    const named = rows.toSorted((one, other) => one.label.localeCompare(other.label));
    return down ? named.reverse() : named;
  }
  const figure = FIGURES[column];
  return rows.toSorted((one, other) => {
    const [a, b] = [figure(one.rank), figure(other.rank)];
    if (a === null || b === null) return Number(a === null) - Number(b === null);
    const order = a < b ? -1 : a > b ? 1 : 0;
    return down ? -order : order;
  });
}
