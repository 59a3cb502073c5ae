import type { RunView } from "../bindings/RunView";
import { FAULTS } from "./faults";
import { offersOf } from "./reach";
import { someRoutes } from "./routeSeeds";
import type { Script } from "./run";
import { plant } from "./seed";
import { someStanding } from "./standing";
import type { FakeState } from "./state";

const PROMPTS = [
  "Compare B-trees and LSM-trees for a ledger on one desktop machine.",
  "Review this Rust function, and say why a reader may see half a transaction.",
  "Would you keep the index?",
];
const GEMINI = {
  provider: "gemini",
  provider_name: "Google Gemini",
  model_requested: "gemini-3.6-flash",
  model_served: "gemini-3.6-flash",
};

/** Every way an answer can come by a route: chosen, fallen back, kept, shared, broken, gone on with, nobody's. */
export function plantRouted(state: FakeState): void {
  state.routing = someRoutes();
  state.standing = someStanding();
  plant(state, {
    title: "Routes at the table",
    targets: ["coding", "everyday", "rotation"],
    age: 2,
    prompts: PROMPTS,
    script: (turn, lane): Partial<Script> => {
      if (turn === 2 && lane === 0) return { fault: FAULTS.cut, faultAfter: 0.5, offers: offers(state) };
      if (turn === 2 && lane === 1) return { fault: LEFT_ALONE, faultAfter: 0, offers: ANYWAY };
      return {};
    },
    touch: (run, turn, lane) => {
      const change = CHANGES[`${turn}.${lane}`];
      return change === undefined ? run : { ...run, ...change(run) };
    },
  });
}

const LEFT_ALONE = {
  ...FAULTS.overloaded,
  message: "Google Gemini has failed five times in a row, so it is being left alone for 42 seconds.",
  detail: null,
};
const ANYWAY: RunView["offers"] = [
  { resume: "try_anyway", target: "gemini/gemini-3.6-flash", model_name: "Gemini 3.6 Flash" },
];

function offers(state: FakeState): RunView["offers"] {
  return offersOf(state, "coding", "anthropic/claude-sonnet-5");
}

/** By turn and lane: what no script leads to. */
const CHANGES: Record<string, (run: RunView) => Partial<RunView>> = {
  "0.1": ({ cost }) => ({
    source: "cache",
    saved_usd: cost?.usd ?? null,
    cost: cost === null ? null : { ...cost, usd: "0", lines: [] },
    ttft_ms: 2,
    total_ms: 3,
    tokens_per_second: null,
    attempts: 0,
  }),
  "0.2": ({ route }) => ({
    ...GEMINI,
    attempts: 3,
    route: {
      asked: "rotation",
      from: "everyday.echelon1",
      fell_back: route !== null,
      reason: "Fell back to gemini/gemini-3.6-flash because anthropic/claude-sonnet-5 had too many requests.",
      saying: {
        code: "stepped",
        step: "fell_back",
        model: "gemini/gemini-3.6-flash",
        failed: "anthropic/claude-sonnet-5",
        failure: "rate_limited",
        had_begun: false,
        waited_ms: 0,
      },
    },
  }),
  "1.0": ({ text, cost }) => ({
    segments: [
      {
        provider: "anthropic",
        provider_name: "Anthropic",
        model: "claude-sonnet-5",
        text_start: 0,
        reasoning_start: 0,
        usd: cost?.usd ?? null,
      },
      {
        provider: "openai",
        provider_name: "OpenAI",
        model: "gpt-5.6",
        text_start: Math.floor(text.length / 2),
        reasoning_start: 0,
        usd: "0.0042",
      },
    ],
    provider: "openai",
    provider_name: "OpenAI",
    model_requested: "gpt-5.6",
    model_served: "gpt-5.6",
    attempts: 2,
  }),
  "1.1": ({ cost }) => ({
    source: "shared",
    saved_usd: cost?.usd ?? null,
    cost: cost === null ? null : { ...cost, usd: "0", lines: [] },
  }),
  "1.2": () => ({
    source: "last_resort",
    text: "Nobody could answer. The question is kept; try again in a few minutes.",
    reasoning: "",
    model_served: null,
    usage: null,
    cost: null,
    ttft_ms: null,
    tokens_per_second: null,
    attempts: 3,
  }),
};
