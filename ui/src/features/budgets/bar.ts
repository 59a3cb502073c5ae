import { partsOf } from "../../shared/exact";

/** Lengths of a bar in hundredths of a per cent of it, for the eye alone: exact amounts stay text. */
export interface Bar {
  spent: number;
  reserved: number;
  /** What a prompt would add. */
  needed: number;
  /** Where the limit is: at the end, unless more than that is used. */
  limit: number;
  steps: { percent: number; at: number }[];
}

const WHOLE = 10_000n;

export function barOf(
  amounts: { limit_usd: string; spent_usd: string; reserved_usd: string; needed_usd?: string },
  alertPercents: readonly number[] = [],
): Bar {
  const limit = partsOf(amounts.limit_usd);
  const [spent, reserved, needed] = [amounts.spent_usd, amounts.reserved_usd, amounts.needed_usd ?? "0"].map(
    partsOf,
  );
  const used = (spent ?? 0n) + (reserved ?? 0n) + (needed ?? 0n);
  const all = used > limit ? used : limit;
  const at = (parts: bigint) => (all === 0n ? 0 : Number((parts * WHOLE) / all));
  const steps = alertPercents
    .map((percent) => ({ percent, at: at((limit * BigInt(percent)) / 100n) }))
    .filter((step) => step.at <= Number(WHOLE) && step.percent !== 100);
  return {
    spent: at(spent ?? 0n),
    reserved: at(reserved ?? 0n),
    needed: at(needed ?? 0n),
    limit: at(limit),
    steps,
  };
}

/** Whole per cent, never rounded up to what is not reached; beyond a thousand nobody counts. */
export function percentOf(basisPoints: number): string {
  const whole = Math.floor(basisPoints / 100);
  return basisPoints > 0 && whole === 0 ? "<1 %" : whole > 999 ? ">999 %" : `${whole} %`;
}
