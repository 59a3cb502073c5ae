import type { Backend } from "../backend";
import type { ResponseCacheView } from "../bindings/ResponseCacheView";
import type { Spread } from "../bindings/Spread";
import type { StatisticsRow } from "../bindings/StatisticsRow";
import type { TrendPoint } from "../bindings/TrendPoint";
import { refused, type FakeState } from "./state";

type Part = Pick<
  Backend,
  | "statistics"
  | "resetStatistics"
  | "responseCache"
  | "setResponseCache"
  | "clearResponses"
  | "forgetResponse"
>;

const HOUR_MS = 3_600_000;
const STEPS = 12;

/** How everybody has done, for a window of any length. */
export interface FakeStatistics {
  rows: StatisticsRow[];
  /** When they were last reset. */
  reset: number;
}

export function noStatistics(): FakeStatistics {
  return { rows: [], reset: 0 };
}

export const EMPTY_RESPONSES: ResponseCacheView = {
  mode: "deterministic",
  ttl_hours: 24,
  entries: 0,
  bytes: 0,
  hits: 0,
  misses: 0,
  shared: 0,
  saved_usd: "0",
};

export const SOME_RESPONSES: ResponseCacheView = {
  mode: "deterministic",
  ttl_hours: 72,
  entries: 118,
  bytes: 2_310_144,
  hits: 64,
  misses: 301,
  shared: 9,
  saved_usd: "0.48213",
};

interface RowSeed extends Partial<StatisticsRow> {
  requests: number;
  succeeded: number;
  /** Median latency, in milliseconds. */
  p50: number;
}

function spread(p50_ms: number): Spread {
  return {
    average_ms: Math.round(p50_ms * 1.18),
    p50_ms,
    p95_ms: Math.round(p50_ms * 2.4),
    p99_ms: Math.round(p50_ms * 4.1),
  };
}

/** A working day: quiet at night, busy at noon; failures fall where `wave` is high. */
function trendOf({ requests, succeeded, p50 }: RowSeed, hours: number): TrendPoint[] {
  const now = Date.now();
  const shares = Array.from({ length: STEPS }, (_, at) => 0.25 + Math.abs(Math.sin((at + requests) * 0.7)));
  const sum = shares.reduce((total, share) => total + share, 0);
  return shares.map((share, at) => {
    const count = Math.round((requests * share) / sum);
    const all = succeeded === requests;
    const mean = count * (succeeded / Math.max(requests, 1));
    const good = all ? count : Math.min(count, Math.round(mean + (at % 5 === 4 ? -1 : 0.4)));
    return {
      at: Math.round(now - ((STEPS - at) * hours * HOUR_MS) / STEPS),
      requests: count,
      succeeded: Math.max(good, 0),
      average_ms: count === 0 ? null : Math.round(p50 * (0.9 + share / 4)),
    };
  });
}

function row(of: StatisticsRow["of"], name: string, seed: RowSeed, label = name): StatisticsRow {
  const { p50, ...more } = seed;
  return {
    of,
    name,
    label,
    simulated: false,
    cancelled: 0,
    errors: [],
    latency: spread(p50),
    ttft: spread(Math.round(p50 / 6)),
    tokens_per_second: 62,
    usd: "1.2",
    usd_per_request: "0.0061",
    fallback_rate: 0,
    cache_rate: 0.08,
    saved_usd: "0.1",
    trend: trendOf(seed, 24),
    ...more,
  };
}

export function someStatistics(): FakeStatistics {
  const rows = [
    row("model", "anthropic/claude-sonnet-5", {
      requests: 214,
      succeeded: 209,
      cancelled: 3,
      p50: 6_200,
      errors: [{ category: "unavailable", count: 2 }],
      usd: "3.4127",
      usd_per_request: "0.01594719",
    }),
    row("model", "openai/gpt-5.6", {
      requests: 187,
      succeeded: 151,
      p50: 4_800,
      errors: [
        { category: "rate_limited", count: 29 },
        { category: "timeout", count: 5 },
        { category: "network", count: 2 },
      ],
      usd: "2.008",
      usd_per_request: "0.01073796",
      tokens_per_second: 84,
      fallback_rate: 0.04,
    }),
    row("model", "gemini/gemini-3.6-flash", {
      requests: 96,
      succeeded: 96,
      p50: 1_900,
      usd: "0.0816",
      usd_per_request: "0.00085",
      tokens_per_second: 171,
      fallback_rate: 0.31,
      cache_rate: 0.22,
    }),
    row("model", "deepseek/deepseek-v4", {
      requests: 22,
      succeeded: 9,
      p50: 9_400,
      errors: [
        { category: "unavailable", count: 11 },
        { category: "truncated", count: 2 },
      ],
      usd: "0.0141",
      usd_per_request: "0.00064091",
      tokens_per_second: 28,
      fallback_rate: 0.72,
    }),
    row("model", "ollama/qwen3:8b", {
      requests: 7,
      succeeded: 7,
      p50: 21_000,
      usd: "0",
      usd_per_request: null,
      tokens_per_second: 9.4,
      fallback_rate: 1,
      cache_rate: 0,
    }),
    row(
      "model",
      "openrouter/acme-research-laboratories/an-extraordinarily-long-model-name-preview-2026-11-20",
      {
        requests: 1,
        succeeded: 0,
        cancelled: 1,
        p50: 1_000,
        latency: null,
        ttft: null,
        tokens_per_second: null,
        usd: "0",
        usd_per_request: null,
      },
    ),
    row("provider", "anthropic", { requests: 231, succeeded: 226, p50: 5_900, usd: "3.5" }, "Anthropic"),
    row("provider", "openai", { requests: 203, succeeded: 167, p50: 4_500, usd: "2.1" }, "OpenAI"),
    row("key", "key-anthropic", { requests: 180, succeeded: 177, p50: 5_900, usd: "2.8" }, "Anthropic, work"),
    row("key", "OPENAI_API_KEY", { requests: 31, succeeded: 2, p50: 4_500, usd: "0.1" }, "OPENAI_API_KEY"),
    row("group", "coding", { requests: 301, succeeded: 288, p50: 5_700, usd: "4.2", fallback_rate: 0.19 }),
    row("group", "everyday", { requests: 120, succeeded: 119, p50: 2_100, usd: "0.2", fallback_rate: 0.03 }),
    row("group", "coding", {
      requests: 12,
      succeeded: 12,
      p50: 900,
      simulated: true,
      usd: "0.03",
    }),
    row("pool", "rotation", { requests: 58, succeeded: 55, p50: 3_900, usd: "0.9", fallback_rate: 0.12 }),
  ];
  return { rows, reset: 0 };
}

/** Statistics and kept answers. */
export function fakeStatistics(state: FakeState, delay: () => Promise<void>): Part {
  const statisticsOf = (hours: number) => {
    const until = Date.now();
    const since = Math.max(until - hours * HOUR_MS, state.statistics.reset);
    return { since, until, rows: state.statistics.rows };
  };

  return {
    async statistics(hours) {
      await delay();
      return statisticsOf(hours);
    },
    async resetStatistics() {
      await delay();
      state.statistics = { rows: [], reset: Date.now() };
      return statisticsOf(24);
    },
    async responseCache() {
      await delay();
      return state.responses;
    },
    async setResponseCache(mode, ttlHours) {
      await delay();
      if (!Number.isInteger(ttlHours) || ttlHours < 1 || ttlHours > 8_760)
        throw refused("invalid_ttl", "Answers are kept for 1 to 8,760 hours.");
      state.responses = { ...state.responses, mode, ttl_hours: ttlHours };
      return state.responses;
    },
    async clearResponses() {
      await delay();
      state.responses = { ...state.responses, entries: 0, bytes: 0 };
      return state.responses;
    },
    async forgetResponse() {
      await delay();
      state.responses = { ...state.responses, entries: Math.max(0, state.responses.entries - 1) };
      return state.responses;
    },
  };
}
