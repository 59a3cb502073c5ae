/** Sums and shares of exact decimal text. Amounts never become floats; only lengths on the screen do. */
const PLACES = 12;
const UNIT = 10n ** BigInt(PLACES);

/** Whole parts of a million millionth; text that is no number is nothing. */
export function partsOf(value: string | null): bigint {
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(value ?? "");
  if (match === null) return 0n;
  const [, sign = "", whole = "0", fraction = ""] = match;
  const parts = BigInt(whole) * UNIT + BigInt(fraction.slice(0, PLACES).padEnd(PLACES, "0"));
  return sign === "-" ? -parts : parts;
}

export function textOf(parts: bigint): string {
  const [sign, size] = parts < 0n ? ["-", -parts] : ["", parts];
  const fraction = (size % UNIT).toString().padStart(PLACES, "0").replace(/0+$/, "");
  return `${sign}${(size / UNIT).toString()}${fraction === "" ? "" : `.${fraction}`}`;
}

/** The sum; `null` where there is nothing to add. */
export function sumOf(values: readonly (string | null)[]): string | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : textOf(known.reduce((sum, value) => sum + partsOf(value), 0n));
}

/** In basis points, rounded down; `null` of nothing. */
export function shareOf(part: string, whole: string): number | null {
  const all = partsOf(whole);
  return all <= 0n ? null : Number((partsOf(part) * 10_000n) / all);
}

/** For the length of a bar alone. */
export const lengthOf = (value: string | null): number | null => (value === null ? null : Number(value));
