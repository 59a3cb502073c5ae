/** The parts of an exact decimal string, without zeros that say nothing; `null`: no number. Amounts never become floats. */
export function digitsOf(text: string): { whole: string; fraction: string } | null {
  const match = /^(\d+)(?:\.(\d+))?$/.exec(text);
  if (match === null) return null;
  return { whole: (match[1] ?? "0").replace(/^0+(?=\d)/, ""), fraction: (match[2] ?? "").replace(/0+$/, "") };
}

/** The exact product of two decimal strings; what is no number stays as it is. */
export function times(text: string, by: string): string {
  const [a, b] = [digitsOf(text), digitsOf(by)];
  if (a === null || b === null) return text;
  const places = a.fraction.length + b.fraction.length;
  const product = (BigInt(a.whole + a.fraction) * BigInt(b.whole + b.fraction))
    .toString()
    .padStart(places + 1, "0");
  return places === 0 ? product : `${product.slice(0, -places)}.${product.slice(-places)}`;
}
