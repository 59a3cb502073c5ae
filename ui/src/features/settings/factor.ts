const LEAST = 1.5;
const MOST = 1_000;

/** From how many times the usual a day is a spike; `null`: what is written is no such number. */
export function factorOf(written: string): number | null {
  const text = written.trim().replace(",", ".");
  if (!/^\d+(\.\d+)?$/.test(text)) return null;
  const factor = Number(text);
  return factor >= LEAST && factor <= MOST ? factor : null;
}
