import type { AllowanceView } from "../../backend/bindings/AllowanceView";
import type { BreakerView } from "../../backend/bindings/BreakerView";
import type { ModelStanding } from "../../backend/bindings/ModelStanding";
import { formatCount, formatDuration } from "../../shared/format";
import { routing } from "../../shared/i18n/messages/routing";

/** What a breaker's light shows, each by a shape of its own: all is well; left alone; tried out; asked for patience; not set up; never asked. */
export type Light = "well" | "open" | "half_open" | "waiting" | "unavailable" | "unknown";

/** Whether nothing can be sent there for now. */
export function isOut(light: Light): boolean {
  return light === "open" || light === "unavailable" || light === "waiting";
}

export function lightOf(standing: ModelStanding | undefined, now: number): Light {
  if (standing === undefined) return "unknown";
  if (standing.unavailable !== null) return "unavailable";
  const breaker = lightOfBreaker(standing.breaker);
  if (breaker !== "well") return breaker;
  return standing.closed_until !== null && standing.closed_until > now ? "waiting" : "well";
}

export function lightOfBreaker(breaker: BreakerView): "well" | "open" | "half_open" {
  return breaker.state === "closed" ? "well" : breaker.state;
}

/** The light in words, with the time that is left of it. */
export function standingWords(standing: ModelStanding | undefined, now: number): string {
  const light = lightOf(standing, now);
  switch (light) {
    case "open":
      return standing === undefined ? routing().open : breakerWords(standing.breaker, now);
    case "waiting":
      return routing().asked_to_wait(leftUntil(standing?.closed_until ?? now, now));
    case "unavailable":
      return standing?.unavailable ?? routing().unavailable;
    case "well":
    case "half_open":
    case "unknown":
      return routing()[light];
  }
}

export function breakerWords(breaker: BreakerView, now: number): string {
  if (breaker.state === "open") {
    return breaker.until > now ? routing().openUntil(leftUntil(breaker.until, now)) : routing().open;
  }
  return routing()[lightOfBreaker(breaker)];
}

/** The few letters a chip has room for; nothing when all is well. */
export function standingMark(standing: ModelStanding | undefined, now: number): string {
  const light = lightOf(standing, now);
  if (light === "open" && standing?.breaker.state === "open" && standing.breaker.until > now)
    return leftUntil(standing.breaker.until, now);
  if (light === "waiting") return leftUntil(standing?.closed_until ?? now, now);
  if (light === "half_open") return routing().trying;
  const waiting = standing?.allowance.waiting ?? 0;
  return waiting > 0 ? routing().queue(waiting) : "";
}

export function leftUntil(until: number, now: number): string {
  return formatDuration(Math.max(until - now, 0));
}

/** The share that is left of the tightest limit, from 0 to 1; `null` where nothing is limited. */
export function roomLeft(allowance: AllowanceView | undefined): number | null {
  if (allowance === undefined) return null;
  const shares = [allowance.requests, allowance.tokens, allowance.concurrency].flatMap((room) =>
    room === null || room.limit === 0 ? [] : [room.left / room.limit],
  );
  return shares.length === 0 ? null : Math.min(1, Math.max(0, Math.min(...shares)));
}

/** What is left of each limit, in words. */
export function allowanceWords(allowance: AllowanceView | undefined): string[] {
  if (allowance === undefined) return [];
  const { requests, tokens, concurrency, waiting } = allowance;
  const say = formatCount;
  return [
    requests === null ? "" : routing().leftRequests(say(requests.left), say(requests.limit)),
    tokens === null ? "" : routing().leftTokens(say(tokens.left), say(tokens.limit)),
    concurrency === null ? "" : routing().leftPlaces(say(concurrency.left), say(concurrency.limit)),
    waiting === 0 ? "" : routing().queue(waiting),
  ].filter((words) => words !== "");
}
