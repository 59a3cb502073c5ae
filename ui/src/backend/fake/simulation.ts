import type { Backend } from "../backend";
import type { ChosenBecause } from "../bindings/ChosenBecause";
import type { ChosenMerit } from "../bindings/ChosenMerit";
import type { ExcludedBecause } from "../bindings/ExcludedBecause";
import type { ModelView } from "../bindings/ModelView";
import type { RunnerUpLost } from "../bindings/RunnerUpLost";
import type { RunView } from "../bindings/RunView";
import type { ScoreView } from "../bindings/ScoreView";
import type { TraceAttempt } from "../bindings/TraceAttempt";
import type { TraceCandidate } from "../bindings/TraceCandidate";
import type { TracedPrice } from "../bindings/TracedPrice";
import type { TraceSaying } from "../bindings/TraceSaying";
import type { TraceView } from "../bindings/TraceView";
import { expand, type Reached } from "./expand";
import { costOf } from "./money";
import { tokensIn } from "./run";
import type { FakeState } from "./state";

type Part = Pick<Backend, "simulateRoute" | "runTrace">;

const WEIGHTS = { performance: 0.4, cost: 0.3, load: 0.2, capability: 0.1 };
const USUAL_ANSWER_TOKENS = 600;

/** Who would answer a prompt, and who did. */
export function fakeSimulation(
  state: FakeState,
  delay: () => Promise<void>,
  findRun: (runId: string) => RunView,
): Part {
  return {
    async simulateRoute(target, prompt) {
      await delay();
      return traceOf(state, target, prompt, Date.now());
    },
    async runTrace(runId) {
      await delay();
      const run = findRun(runId);
      const { stored } = state.placeOfTurn(run.turn_id);
      const trace = traceOf(state, run.target, stored.turn.text, run.started_at);
      const served = `${run.provider}/${run.model_served ?? run.model_requested}`;
      const end = { state: run.state, source: run.source, served };
      return { ...trace, ...state.stories.get(runId), attempts: attemptsOf(state, run), end, replays: true };
    },
  };
}

/** The calls behind an answer, as far as the answer itself tells them. */
function attemptsOf(state: FakeState, run: RunView): TraceAttempt[] {
  const last = attemptOf(run);
  if (run.source === "cache" || run.source === "shared") return [];
  const others = (expand(state.routing, run.target) ?? []).filter(({ target }) => target !== last.target);
  const failed = (target: string, kind: string): TraceAttempt => ({
    ...last,
    target,
    kind,
    took_ms: 380,
    ttft_ms: null,
    failure: "rate_limited",
    retry_after_ms: 12_000,
    usd: null,
  });
  if (run.source === "last_resort")
    return others.slice(0, 3).map(({ target }, at) => failed(target, at === 0 ? "first" : "fallback"));
  if (run.segments.length > 1) {
    return run.segments.map(({ provider, model, usd }, at) => ({
      ...last,
      target: `${provider}/${model}`,
      usd,
      kind: at === 0 ? "first" : "continue",
      failure: at < run.segments.length - 1 ? "truncated" : last.failure,
    }));
  }
  const [first] = others;
  if (run.route?.fell_back !== true || first === undefined) return [last];
  return [
    failed(first.target, "first"),
    { ...failed(first.target, "retry"), waited_ms: 840, failure: "unavailable", retry_after_ms: null },
    { ...last, kind: "fallback", waited_ms: 0 },
  ];
}

function attemptOf(run: RunView): TraceAttempt {
  return {
    target: `${run.provider}/${run.model_requested}`,
    key: null,
    kind: "first",
    waited_ms: 0,
    took_ms: run.total_ms ?? 0,
    ttft_ms: run.ttft_ms,
    failure: run.fault?.category ?? null,
    retry_after_ms: run.fault?.retry_after_ms ?? null,
    usd: run.cost?.usd ?? null,
  };
}

/** What a prompt is read as. */
export function readingOf(prompt: string): {
  task: string;
  complexity: string;
  language: string;
  tokens: number;
} {
  const tokens = tokensIn(prompt);
  const task = /\b(rust|sql|code|function|refactor|index|error enums?)\b|```/i.test(prompt)
    ? "code"
    : /\b(translate|translation)\b|翻译/i.test(prompt)
      ? "translation"
      : /\b(compare|why|analyse|explain|outline)\b|比较/i.test(prompt)
        ? "analysis"
        : /\b(poem|story|names?|slogan)\b/i.test(prompt)
          ? "creative"
          : "conversation";
  const complexity = tokens > 400 ? "complex" : tokens > 8 ? "moderate" : "simple";
  return { task, complexity, language: /\p{Script=Han}/u.test(prompt) ? "zh" : "en", tokens };
}

function traceOf(state: FakeState, target: string, prompt: string, at: number): TraceView {
  const everybody = () =>
    state.models().map((model): Reached => ({ target: model.target, route: null, rank: 0 }));
  const reading = readingOf(prompt);
  const reached = expand(state.routing, target) ?? everybody();
  const candidates = reached.map((one) => judge(state, one, reading.tokens));
  const scored = candidates
    .filter(({ score }) => score !== null)
    .sort((a, b) => a.rank - b.rank || (b.score?.total ?? 0) - (a.score?.total ?? 0));
  const excluded = candidates.filter(({ score }) => score === null);
  const story = storyOf(target, scored, excluded);
  return {
    asked: target,
    revision: `r${state.routing.revision}`,
    at,
    seed: "5eed0f0ddba11ca7",
    task: reading.task,
    complexity: reading.complexity,
    language: reading.language,
    input_tokens: reading.tokens,
    strategy: "task_based",
    priority: "quality",
    weights: WEIGHTS,
    rules: [],
    sentences: story.map(({ text }) => text),
    sayings: story.map(({ saying }) => saying),
    candidates: [...scored, ...excluded],
    attempts: [],
    end: null,
    replays: null,
  };
}

/** A sentence of the host with its code. */
interface Told {
  text: string;
  saying: TraceSaying;
}

/** Who was chosen and what the second lost on. */
function storyOf(target: string, scored: TraceCandidate[], excluded: TraceCandidate[]): Told[] {
  const [first, second] = scored;
  const rules: string[] = [];
  if (first === undefined) {
    const models = excluded.length;
    if (models === 0)
      return [
        { text: `"${target}" names no model.`, saying: { code: "names_nothing", asked: target, rules } },
      ];
    const text = `None of the ${models} models of "${target}" can answer.`;
    return [{ text, saying: { code: "nobody_can", asked: target, models, rules } }];
  }
  const { target: model, route } = first;
  const chosen = (because: ChosenBecause, words: string): Told => ({
    text: `${model}${route === null ? "" : ` from ${route}`} was chosen because ${words}.`,
    saying: { code: "chosen", model, route, because, rules },
  });
  if (second === undefined) {
    return excluded.length === 0
      ? [chosen({ code: "only_one" }, "it is the only one that was asked for")]
      : [chosen({ code: "only_one_left" }, "it is the only one left that can answer")];
  }
  const lost = (how: RunnerUpLost, words: string): Told => ({
    text: `Runner-up ${second.target} ${words}.`,
    saying: { code: "runner_up", model: second.target, lost: how },
  });
  if (second.rank > first.rank) {
    return [
      chosen(
        { code: "first_echelon" },
        "its echelon comes first and it is the only one there that can answer",
      ),
      lost({ code: "later_echelon" }, "stands in a later echelon"),
    ];
  }
  const merits: ChosenMerit[] = [{ code: "performance", speed: null }];
  const best = chosen({ code: "merits", merits }, "of its speed and reliability");
  if (second.usd === null || first.usd === null || second.usd === first.usd)
    return [best, lost({ code: "cost", prices: null }, "lost on price")];
  const prices: [TracedPrice, TracedPrice] = [
    { usd: second.usd, warm: false },
    { usd: first.usd, warm: false },
  ];
  return [best, lost({ code: "cost", prices }, `lost on price ($${second.usd} against $${first.usd})`)];
}

function judge(state: FakeState, reached: Reached, tokens: number): TraceCandidate {
  const model = state.model(reached.target);
  const pace = paceOf(model);
  const usd = costOf(model, tokens, USUAL_ANSWER_TOKENS, true).usd;
  const why = whyNot(state, model, tokens);
  return {
    target: reached.target,
    route: reached.route,
    rank: reached.rank,
    score: why === null ? scoreOf(state, model, usd) : null,
    excluded: why?.[0].code ?? null,
    excluded_reason: why?.[1] ?? null,
    excluded_saying: why?.[0] ?? null,
    usd,
    ttft_ms: pace.ttft_ms,
    tokens_per_second: pace.tokens_per_second,
    reliability: 0.9,
    compared: 0,
    picked: 0,
  };
}

function whyNot(
  state: FakeState,
  model: ModelView,
  tokens: number,
): [why: ExcludedBecause, words: string] | null {
  const breaker = state.standing.models.find(({ target }) => target === model.target)?.breaker;
  if (!model.ready) return [{ code: "no_key" }, "its provider has no key that works"];
  if (!model.listed) return [{ code: "retired" }, "it is not offered any more"];
  if (breaker?.state === "open")
    return [{ code: "breaker_open", for_ms: 42_000 }, "it kept failing and is left alone for 42.0 s"];
  const needed = tokens + USUAL_ANSWER_TOKENS;
  const window = model.context_window;
  if (window !== null && needed > window)
    return [
      { code: "context_too_small", needed, window },
      `${needed} tokens are needed and its context has ${window}`,
    ];
  return null;
}

function paceOf({ model }: ModelView): { ttft_ms: number; tokens_per_second: number } {
  const jitter = (model.length * 137) % 700;
  return { ttft_ms: 240 + jitter, tokens_per_second: 40 + (jitter % 90) };
}

function scoreOf(state: FakeState, model: ModelView, usd: string | null): ScoreView {
  const pace = paceOf(model);
  const busy = state.standing.models.find(({ target }) => target === model.target)?.allowance.concurrency;
  const parts = {
    performance: Math.min(1, pace.tokens_per_second / 130),
    cost: usd === null ? 0.5 : 1 / (1 + Number(usd) * 120),
    load: busy === null || busy === undefined ? 1 : busy.left / busy.limit,
    capability: model.reasoning === true ? 0.95 : 0.6,
  };
  const total =
    parts.performance * WEIGHTS.performance +
    parts.cost * WEIGHTS.cost +
    parts.load * WEIGHTS.load +
    parts.capability * WEIGHTS.capability;
  return { ...parts, total };
}
