import { formatDuration, formatRate, formatUsd } from "../../shared/format";
import { common } from "../../shared/i18n/messages/common";
import { trace } from "../../shared/i18n/messages/trace";
import { turns } from "../../shared/i18n/messages/turns";
import type { TraceAttempt } from "../../backend/bindings/TraceAttempt";
import type { TraceCandidate } from "../../backend/bindings/TraceCandidate";

/** A part from 0 to 1 as it stands in a table: two digits, and never a rounded-up 1. */
export function formatPart(part: number): string {
  return part < 1 ? Math.min(part, 0.99).toFixed(2) : "1.00";
}

export function formatShare(part: number): string {
  return `${Math.round(part * 100)} %`;
}

/** Where a candidate stands, and its price, speed and record where it has a score. What is not known is left out, never 0. */
export function factsOf(candidate: TraceCandidate): string[] {
  const { route, usd, ttft_ms, tokens_per_second, reliability, compared, picked, score } = candidate;
  const place = route === null ? [] : [route];
  if (score === null) return place;
  return [
    ...place,
    usd === null ? common().unpriced : formatUsd(usd),
    ttft_ms === null ? null : formatDuration(ttft_ms),
    tokens_per_second === null ? null : turns().tokensPerSecond(formatRate(tokens_per_second)),
    trace().reliable(formatShare(reliability)),
    compared === 0 ? null : trace().picked(picked, compared),
  ].filter((fact) => fact !== null);
}

/** Shorter than this nobody has waited: a moment goes by between any two calls. */
const SHORTEST_WAIT_MS = 50;

/** The times and the cost of a call. */
export function figuresOf(attempt: TraceAttempt): string[] {
  const { waited_ms, took_ms, ttft_ms, retry_after_ms, usd, key } = attempt;
  const words = trace();
  return [
    key === null ? null : words.withKey(key),
    waited_ms < SHORTEST_WAIT_MS ? null : words.waited(formatDuration(waited_ms)),
    words.took(formatDuration(took_ms)),
    ttft_ms === null ? null : words.firstToken(formatDuration(ttft_ms)),
    retry_after_ms === null ? null : words.askedToWait(formatDuration(retry_after_ms)),
    usd === null ? null : formatUsd(usd),
  ].filter((figure) => figure !== null);
}
