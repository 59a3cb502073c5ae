import type { ErrorCategory } from "../../bindings/ErrorCategory";
import type { FailedCall } from "../../bindings/FailedCall";
import type { ModelAnalysis } from "../../bindings/ModelAnalysis";
import { DAY_MS } from "./figures";

/** As the host: no more than anybody reads one by one. */
const MOST = 50;

type Said = Pick<FailedCall, "status" | "code" | "message" | "total_ms">;

/** What providers say when they fail. */
const SAID: Partial<Record<ErrorCategory, Said>> = {
  rate_limited: {
    status: 429,
    code: "rate_limit_exceeded",
    message: "Rate limit reached for requests per minute: limit 500, used 500. Please try again in 120 ms.",
    total_ms: 212,
  },
  timeout: { status: null, code: null, message: "No answer within 20 s.", total_ms: 20_004 },
  unavailable: { status: 503, code: "overloaded", message: "The server is overloaded.", total_ms: 1_340 },
  network: { status: null, code: null, message: "The connection was closed.", total_ms: 640 },
  authentication: { status: 401, code: "invalid_api_key", message: "Invalid API key.", total_ms: 96 },
  truncated: {
    status: 200,
    code: null,
    message: "The stream ended without its last event.",
    total_ms: 8_120,
  },
};

/** The newest failures of a model; what was asked long ago is gone with its conversation. */
export function failedCallsOf({ target, errors }: ModelAnalysis, days: number, until: number): FailedCall[] {
  const categories = errors.flatMap(({ category, count }) => Array<ErrorCategory>(count).fill(category));
  const apart = (days * DAY_MS) / (categories.length + 1);
  return categories.slice(0, MOST).map((category, at): FailedCall => {
    const said = SAID[category] ?? { status: 500, code: null, message: "Something failed.", total_ms: 300 };
    const gone = at % 4 === 3;
    return {
      id: `failed-${target}-${at}`,
      at: Math.round(until - apart * (at + 1)),
      category,
      ...said,
      message: gone ? null : said.message,
      status: gone ? null : said.status,
      code: gone ? null : said.code,
      conversation_id: null,
      turn_id: null,
      entry_id: null,
    };
  });
}
