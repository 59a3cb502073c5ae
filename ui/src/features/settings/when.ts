import type { Tongue } from "../../shared/i18n/language.svelte";

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
];

/** "5 minutes ago"; both times in milliseconds since 1970. */
export function ago(then: number, now: number, tongue: Tongue): string {
  const words = new Intl.RelativeTimeFormat(tongue, { numeric: "auto" });
  const passed = Math.max(0, now - then);
  for (const [unit, length] of STEPS) {
    if (passed >= length) return words.format(-Math.floor(passed / length), unit);
  }
  return words.format(0, "second");
}
