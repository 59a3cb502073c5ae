import type { AdviceView } from "../bindings/AdviceView";
import type { AllowanceView } from "../bindings/AllowanceView";
import type { Backend } from "../backend";
import type { HostStanding } from "../bindings/HostStanding";
import type { KeyStanding } from "../bindings/KeyStanding";
import type { ModelStanding } from "../bindings/ModelStanding";
import type { RungStanding } from "../bindings/RungStanding";
import { refused, type FakeState } from "./state";

type Part = Pick<Backend, "routingState" | "guide">;

/** Where everything stands in the fake host; a test changes it between two looks. */
export interface FakeStanding {
  models: ModelStanding[];
  hosts: HostStanding[];
  keys: KeyStanding[];
  rungs: RungStanding[];
  /** The next looks fail with this message. */
  fails: string | null;
}

export function quietStanding(): FakeStanding {
  return { models: [], hosts: [], keys: [], rungs: [], fails: null };
}

export const NO_LIMITS: AllowanceView = { requests: null, tokens: null, concurrency: null, waiting: 0 };

export function standing(target: string, more: Partial<ModelStanding> = {}): ModelStanding {
  return {
    target,
    breaker: { state: "closed" },
    allowance: NO_LIMITS,
    closed_until: null,
    unavailable: null,
    ...more,
  };
}

export function someStanding(): FakeStanding {
  const now = Date.now();
  const room = (left: number, limit: number) => ({ left, limit });
  return {
    models: [
      standing("anthropic/claude-sonnet-5", {
        allowance: {
          requests: room(41, 60),
          tokens: room(128_400, 200_000),
          concurrency: room(3, 4),
          waiting: 0,
        },
      }),
      standing("openai/gpt-5.6", {
        allowance: {
          requests: room(6, 60),
          tokens: room(9_800, 200_000),
          concurrency: room(0, 4),
          waiting: 2,
        },
        closed_until: now + 12_000,
      }),
      standing("deepseek/deepseek-v4", {
        breaker: { state: "open", until: now + 95_000 },
        allowance: { ...NO_LIMITS, requests: room(30, 30) },
      }),
      standing("gemini/gemini-3.6-flash", {
        allowance: { ...NO_LIMITS, requests: room(112, 120), concurrency: room(7, 8) },
      }),
      standing("openai/gpt-5.6-mini", { allowance: { ...NO_LIMITS, requests: room(120, 120) } }),
      standing("anthropic/claude-haiku-4.5", { breaker: { state: "half_open" } }),
      standing("ollama/qwen3:8b", { allowance: { ...NO_LIMITS, concurrency: room(0, 1), waiting: 3 } }),
    ],
    hosts: [
      host("https://api.anthropic.com", ["anthropic"], { heard_at: now - 18_000 }),
      host("https://api.openai.com", ["openai"], { heard_at: now - 4_000, next_look_at: now + 61_000 }),
      host("https://api.deepseek.com", ["deepseek"], {
        breaker: { state: "open", until: now + 95_000 },
        well: false,
        heard_at: now - 25_000,
        next_look_at: now + 95_000,
      }),
      host("https://generativelanguage.googleapis.com", ["gemini"], { heard_at: now - 240_000 }),
      host("http://127.0.0.1:11434", ["ollama"], {
        heard_at: now - 2_000,
        allowance: { ...NO_LIMITS, concurrency: room(0, 1), waiting: 3 },
      }),
    ],
    keys: [
      { provider: "anthropic", key: "key-anthropic", label: "work", state: "ready", until: null },
      {
        provider: "anthropic",
        key: "key-anthropic-2",
        label: "private",
        state: "limited",
        until: now + 38_000,
      },
      { provider: "openai", key: "key-openai", label: "sk-…f3a9", state: "ready", until: null },
      { provider: "openai", key: "OPENAI_API_KEY", label: "OPENAI_API_KEY", state: "retesting", until: null },
      {
        provider: "deepseek",
        key: "key-deepseek",
        label: "sk-…f3a9",
        state: "failed",
        until: now + 600_000,
      },
    ],
    rungs: [
      {
        route: "coding.echelon1",
        allowance: {
          requests: room(47, 60),
          tokens: room(138_200, 200_000),
          concurrency: room(3, 4),
          waiting: 0,
        },
      },
      { route: "coding.echelon2", allowance: { ...NO_LIMITS, requests: room(30, 30) } },
      { route: "coding.echelon3", allowance: { ...NO_LIMITS, concurrency: room(0, 1), waiting: 3 } },
      {
        route: "everyday.echelon1",
        allowance: { ...NO_LIMITS, requests: room(112, 120), concurrency: room(7, 8) },
      },
    ],
    fails: null,
  };
}

function host(origin: string, providers: string[], more: Partial<HostStanding>): HostStanding {
  return {
    origin,
    providers,
    breaker: { state: "closed" },
    well: true,
    heard_at: null,
    next_look_at: null,
    allowance: NO_LIMITS,
    ...more,
  };
}

const TASKS = ["code", "creative", "analysis", "translation", "conversation", "long_context", "multimodal"];

/** Breakers, limits, keys and hosts as they stand, and whom to ask for what. */
export function fakeStanding(state: FakeState, delay: () => Promise<void>): Part {
  return {
    async routingState() {
      await delay();
      const { fails, ...rest } = state.standing;
      if (fails !== null) throw refused("closed", fails);
      return { at: Date.now(), ...rest };
    },
    async guide() {
      await delay();
      return TASKS.map((task) => adviceFor(state, task));
    },
  };
}

function adviceFor(state: FakeState, task: string): AdviceView {
  const models = state
    .models()
    .filter((model) => model.ready && (task !== "multimodal" || model.vision === true))
    .filter((model) => task !== "long_context" || (model.context_window ?? 0) > 500_000)
    .sort((a, b) => Number(b.price?.output ?? 0) - Number(a.price?.output ?? 0));
  const quick = task === "conversation" || task === "translation";
  const primary = quick ? models.at(Math.floor(models.length / 2)) : models[0];
  const others = models.filter((model) => model.provider !== primary?.provider);
  const cheap = models.filter((model) => model.price !== null).at(-1);
  const cheaper = cheap !== undefined && cheap.target !== primary?.target ? cheap : undefined;
  return {
    task,
    primary: primary?.target ?? null,
    fallback: others[0]?.target ?? null,
    reason:
      primary === undefined
        ? "No model that is set up can do this."
        : `${primary.target} was chosen because of its fit for ${task.replace("_", " ")} and its speed and reliability.`,
    cheaper: cheaper?.target ?? null,
    cheaper_reason: cheaper === undefined ? null : "costs 92 % less for a typical prompt of this kind",
  };
}
