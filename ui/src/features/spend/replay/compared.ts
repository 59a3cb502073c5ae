import { partsOf } from "../../../shared/exact";

export interface Comparison {
  kind: "same" | "less" | "more" | "times";
  percent: number;
  /** One digit after the point at most. */
  times: string;
}

/** Another amount against what it was; `null` where one of them is unknown or nothing. */
export function compared(usd: string | null, actual: string): Comparison | null {
  const [other, was] = [partsOf(usd), partsOf(actual)];
  if (usd === null || was <= 0n) return null;
  const percent = Number((other * 1_000n) / was) / 10 - 100;
  const times = (Number((other * 100n) / was) / 100).toFixed(1).replace(/\.0$/, "");
  const whole = Math.round(Math.abs(percent));
  if (whole === 0) return { kind: "same", percent: 0, times };
  if (percent >= 100) return { kind: "times", percent: whole, times };
  return { kind: percent < 0 ? "less" : "more", percent: whole, times };
}
