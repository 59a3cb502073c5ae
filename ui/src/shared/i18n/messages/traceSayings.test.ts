import { afterEach, describe, expect, it } from "vitest";
import type { ChosenBecause } from "../../../backend/bindings/ChosenBecause";
import type { ErrorCategory } from "../../../backend/bindings/ErrorCategory";
import type { ExcludedBecause } from "../../../backend/bindings/ExcludedBecause";
import type { RunnerUpLost } from "../../../backend/bindings/RunnerUpLost";
import type { TraceEnding } from "../../../backend/bindings/TraceEnding";
import type { TraceSaying } from "../../../backend/bindings/TraceSaying";
import type { TraceStep } from "../../../backend/bindings/TraceStep";
import { speak } from "../language.svelte";
import { sayExcluded, sayTrace } from "./traceSayings";

/** One of every code: a new one of the host does not compile without. */
type Each<Of extends { code: string }> = { [Code in Of["code"]]: Extract<Of, { code: Code }> };

const model = "a/swift";
const speed = { first_ms: 420, tokens_per_second: 80 };
const price = { usd: "0.0012", warm: true };
const picks = { picked: 3, shown: 5 };

const BECAUSE: Each<ChosenBecause> = {
  only_one: { code: "only_one" },
  only_one_left: { code: "only_one_left" },
  kept: { code: "kept" },
  first_echelon: { code: "first_echelon" },
  lot: { code: "lot", other: "b/dear" },
  best_score: { code: "best_score" },
  merits: {
    code: "merits",
    merits: [
      { code: "performance", speed },
      { code: "cost", price },
      { code: "load" },
      { code: "capability", complexity: "complex", task: "code", tier: "frontier", picks },
    ],
  },
};

const LOST: Each<RunnerUpLost> = {
  later_echelon: { code: "later_echelon" },
  draw: { code: "draw" },
  too_little_more: { code: "too_little_more", lead: "0.012", margin: "0.050" },
  performance: { code: "performance", speeds: [speed, { ...speed, first_ms: 99 }] },
  cost: { code: "cost", prices: [{ usd: "0.06", warm: false }, price] },
  load: { code: "load" },
  capability: { code: "capability", task: "analysis", picks: [picks, { picked: 5, shown: 5 }] },
};

const ENDINGS: Each<TraceEnding> = {
  cache: { code: "cache" },
  shared: { code: "shared" },
  last_resort: { code: "last_resort" },
  stopped: { code: "stopped" },
  interrupted: { code: "interrupted" },
  broke_off: { code: "broke_off" },
  failed: { code: "failed", model, failure: "timeout" },
  failed_unsent: { code: "failed_unsent" },
};

const STEPS: Record<TraceStep, null> = {
  went_on: null,
  began_anew: null,
  tried_anyway: null,
  shortened: null,
  fell_back: null,
  other_key: null,
  again: null,
};

const FAILURES: Record<ErrorCategory, null> = {
  rate_limited: null,
  quota_exceeded: null,
  authentication: null,
  permission: null,
  model_not_found: null,
  wrong_address: null,
  invalid_request: null,
  context_length: null,
  content_filter: null,
  unavailable: null,
  network: null,
  timeout: null,
  truncated: null,
  over_budget: null,
  cancelled: null,
};

const EXCLUDED: Each<ExcludedBecause> = {
  disabled: { code: "disabled" },
  not_set_up: { code: "not_set_up" },
  no_key: { code: "no_key" },
  breaker_open: { code: "breaker_open", for_ms: 42_000 },
  quota_exceeded: { code: "quota_exceeded" },
  retired: { code: "retired" },
  not_allowed: { code: "not_allowed" },
  not_local: { code: "not_local" },
  context_too_small: { code: "context_too_small", needed: 9_000, window: 8_192 },
  answer_too_short: { code: "answer_too_short", asked: 9_000, most: 4_096 },
  lacks: { code: "lacks", ability: "vision" },
  ability_unknown: { code: "ability_unknown", ability: "json_schema" },
  too_expensive: { code: "too_expensive", usd: "0.5", at_most_usd: "0.1" },
  unpriced: { code: "unpriced" },
  wait_too_long: { code: "wait_too_long", wait_ms: 9_000, longest_wait_ms: 5_000 },
};

const stepped = (step: TraceStep, failure: ErrorCategory): TraceSaying => ({
  code: "stepped",
  step,
  model: "b/dear",
  failed: model,
  failure,
  had_begun: false,
  waited_ms: 1_500,
});

const rules = ["pictures"];
const SAYINGS: TraceSaying[] = [
  ...Object.values(BECAUSE).map((because): TraceSaying => ({
    code: "chosen",
    model,
    route: "coding.echelon1",
    because,
    rules,
  })),
  { code: "names_nothing", asked: "auto", rules: [] },
  { code: "nobody_can", asked: "auto", models: 3, rules: ["one", "two"] },
  ...Object.values(LOST).map((lost): TraceSaying => ({ code: "runner_up", model: "b/dear", lost })),
  ...(Object.keys(STEPS) as TraceStep[]).map((step) => stepped(step, "unavailable")),
  ...(Object.keys(FAILURES) as ErrorCategory[]).map((failure) => stepped("fell_back", failure)),
  ...Object.values(ENDINGS).map((how): TraceSaying => ({ code: "ended", how, served: "b/dear" })),
  { code: "ended", how: null, served: "b/dear" },
  ...(Object.keys(STEPS) as TraceStep[]).map((step): TraceSaying => ({ code: "resumed", step, model })),
];

const HOST = "In the host's words.";

afterEach(() => speak("en"));

describe("a sentence of a trace", () => {
  it.each(SAYINGS.map((saying) => [JSON.stringify(saying), saying] as const))(
    "is said in both languages: %s",
    (_, saying) => {
      const english = sayTrace(saying, HOST);
      expect(english).toMatch(/^[^\u4e00-\u9fff]+\.$/);
      speak("zh");
      const chinese = sayTrace(saying, HOST);
      expect(chinese).toMatch(/[\u4e00-\u9fff].*。$/);
      expect(english + chinese).not.toMatch(/undefined|null|NaN|HOST/);
    },
  );

  it("reads as the host's own where the window speaks English", () => {
    const merits = BECAUSE.merits.merits.slice(0, 2);
    const because: ChosenBecause = { code: "merits", merits };
    expect(sayTrace({ code: "chosen", model, route: null, because, rules }, HOST)).toBe(
      "a/swift was chosen because of its speed and reliability (0.4\u00a0s to the first word, 80 tokens a second) and its price ($0.0012, its cache still warm). The rule “pictures” applied.",
    );
    expect(sayTrace({ ...stepped("fell_back", "network"), had_begun: true } as TraceSaying, HOST)).toBe(
      "Fell back to b/dear after 1.5\u00a0s because a/swift lost the connection.",
    );
  });

  it("is said in Chinese with what stands in it", () => {
    speak("zh");
    expect(sayTrace(stepped("again", "context_length"), HOST)).toBe(
      "等待 1.5\u00a0s 后，再次请求了 b/dear，因为 a/swift 的上下文放不下提问。",
    );
    expect(sayTrace({ code: "runner_up", model: "b/dear", lost: LOST.cost }, HOST)).toBe(
      "其次是 b/dear：在价格上不及（$0.06，对方为$0.0012，缓存仍有效）。",
    );
  });

  it("is the host's where it comes without a code, as in rows of older versions", () => {
    speak("zh");
    expect(sayTrace(null, HOST)).toBe(HOST);
    expect(sayTrace(undefined, HOST)).toBe(HOST);
    expect(sayExcluded(null, HOST)).toBe(HOST);
  });
});

describe("why a candidate cannot answer", () => {
  it.each(Object.values(EXCLUDED))("is said in both languages: $code", (why) => {
    expect(sayExcluded(why, HOST)).toMatch(/^[^\u4e00-\u9fff]+[^.]$/);
    expect(sayExcluded(why, HOST)).not.toBe(HOST);
    speak("zh");
    expect(sayExcluded(why, HOST)).toMatch(/[\u4e00-\u9fff]/);
  });
});
