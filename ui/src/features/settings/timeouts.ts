import type { Timeouts } from "../../backend/bindings/Timeouts";
import { valueWords } from "../../shared/i18n/messages/values";
import { lanes } from "../../shared/i18n/messages/lanes";

export type TimeoutName = keyof Timeouts;

/** In the order of a call. */
export const TIMEOUTS: readonly TimeoutName[] = ["connect_ms", "first_delta_ms", "idle_ms", "total_ms"];

export function timeoutLabel(name: TimeoutName): string {
  const words = valueWords();
  return {
    connect_ms: words.connect,
    first_delta_ms: words.firstDelta,
    idle_ms: words.idle,
    total_ms: words.total,
  }[name];
}

/** Seconds as written, in milliseconds. */
export function readSeconds(text: string): { ms: number | undefined } | { problem: string } {
  const written = text.trim().replace(",", ".");
  if (written === "") return { ms: undefined };
  const seconds = Number(written);
  return Number.isFinite(seconds) && seconds > 0
    ? { ms: Math.max(1, Math.round(seconds * 1_000)) }
    : { problem: lanes().notANumber };
}

export function writeSeconds(ms: number | undefined): string {
  return ms === undefined ? "" : String(ms / 1_000);
}

export function withTimeout(timeouts: Timeouts, name: TimeoutName, ms: number | undefined): Timeouts {
  const changed: Timeouts = { ...timeouts };
  if (ms === undefined) Reflect.deleteProperty(changed, name);
  else changed[name] = ms;
  return changed;
}
