import type { Ranked } from "./ranking";

/** A row of the ranking; `null` is one whose cost is unknown. */
export function ranking(label: string, usd: string | null): Ranked {
  const sums = {
    usd: usd ?? "0",
    estimated_usd: "0",
    requests: 1,
    unpriced: usd === null ? 1 : 0,
    input_tokens: 0,
    cached_tokens: 0,
    output_tokens: 0,
  };
  const of = { name: label, label, provider: null, gone: false };
  return {
    label,
    rank: { of, sums, share_basis_points: 0, success_basis_points: null, average_ms: null },
  };
}
