import type { Backend } from "../backend";
import type { EffectiveValue } from "../bindings/EffectiveValue";
import type { Layer } from "../bindings/Layer";
import type { ModelView } from "../bindings/ModelView";
import type { Params } from "../bindings/Params";
import type { Profile } from "../bindings/Profile";
import type { ProviderSettings } from "../bindings/ProviderSettings";
import { refused, type FakeState } from "./state";

type Part = Pick<
  Backend,
  | "providerSettings"
  | "saveProviderSettings"
  | "modelParams"
  | "saveModelParams"
  | "effectiveValues"
  | "modelValues"
  | "listProfiles"
  | "saveProfile"
  | "removeProfile"
>;

const BUILT_IN: Profile[] = [
  profile("draft", "Draft", "Quick and cheap, for trying things out.", {
    stop: [],
    max_tokens: 1_024,
    temperature: 0.7,
    reasoning_effort: "low",
  }),
  profile("balanced", "Balanced", "What the providers set themselves.", { stop: [] }),
  profile("careful", "Careful", "Thinks hard, varies little.", {
    stop: [],
    temperature: 0.2,
    reasoning_effort: "high",
  }),
];

function profile(id: string, name: string, description: string, params: Params): Profile {
  return { id, name, description, params, built_in: true, active: id === "balanced" };
}

export function builtInProfiles(): Profile[] {
  return BUILT_IN;
}

const PLAIN_SETTINGS: ProviderSettings = {
  params: { stop: [] },
  extra_headers: [],
  network: { proxy: { type: "system" }, timeouts: {}, query: [] },
};

const TIMEOUTS = { connect_ms: 10_000, first_delta_ms: 120_000, idle_ms: 60_000, total_ms: 600_000 };

/** Values at every level, and which of them a lane will use. */
export function fakeValues(state: FakeState, delay: () => Promise<void>): Part {
  const settingsOf = (id: string) => state.providerSettings.get(id) ?? PLAIN_SETTINGS;

  return {
    async providerSettings(id) {
      await delay();
      return settingsOf(id);
    },
    async saveProviderSettings(id, settings) {
      await delay();
      const { proxy, certificate_authority } = settings.network;
      if (proxy.type === "url" && !/^(https?|socks5h?):\/\/[^\s/@]+$/.test(proxy.url))
        throw refused(
          "invalid_proxy",
          "A proxy is written as http://, https://, socks5:// or socks5h:// and a host.",
        );
      if (certificate_authority !== undefined && !certificate_authority.includes("BEGIN CERTIFICATE"))
        throw refused("invalid_certificate", "This is not a certificate in PEM form.");
      const forbidden = settings.extra_headers.find(([name]) => /^(authorization|x-api-key)$/i.test(name));
      if (forbidden !== undefined)
        throw refused("secret_header", `${forbidden[0]} holds a key. Keys belong into the keyring.`);
      state.providerSettings.set(id, settings);
      return settings;
    },
    async modelParams(target) {
      await delay();
      return state.modelParams.get(target) ?? { stop: [] };
    },
    async saveModelParams(target, params) {
      await delay();
      state.modelParams.set(target, params);
      return params;
    },
    async effectiveValues(laneId) {
      await delay();
      const lane = state.conversationOfLane(laneId).lanes.find(({ id }) => id === laneId);
      return lane === undefined
        ? []
        : effectiveValues(state, lane.target, lane.params, settingsOf(lane.resolved.provider));
    },
    async modelValues(target) {
      await delay();
      return effectiveValues(state, target, { stop: [] }, settingsOf(state.model(target).provider));
    },
    async listProfiles() {
      await delay();
      return state.profiles;
    },
    async saveProfile(changed) {
      await delay();
      if (changed.name.trim() === "") throw refused("empty_name", "Give the profile a name.");
      const id = changed.id === "" ? state.id("profile") : changed.id;
      const known = state.profiles.some((one) => one.id === id);
      const built_in = BUILT_IN.some((one) => one.id === id);
      const all = known
        ? state.profiles.map((one) => (one.id === id ? { ...changed, built_in } : one))
        : [...state.profiles, { ...changed, id, built_in }];
      state.profiles = changed.active ? all.map((one) => ({ ...one, active: one.id === id })) : all;
      return state.profiles;
    },
    async removeProfile(id) {
      await delay();
      const first = BUILT_IN.find((one) => one.id === id);
      const active = state.profiles.find((one) => one.id === id)?.active ?? false;
      state.profiles =
        first === undefined
          ? state.profiles
              .filter((one) => one.id !== id)
              .map((one) => (active && one.id === "balanced" ? { ...one, active } : one))
          : state.profiles.map((one) => (one.id === id ? { ...first, active } : one));
      return state.profiles;
    },
  };
}

type Values = Partial<Record<string, unknown>>;

function effectiveValues(
  state: FakeState,
  target: string,
  own: Params,
  settings: ProviderSettings,
): EffectiveValue[] {
  const model = state.model(target);
  const active = state.profiles.find((one) => one.active);
  const layers: [Layer, (name: string) => string, Values][] = [
    ["user", () => "", given(own)],
    ["environment", (name) => state.environment[name]?.[0] ?? "", environmentOf(state)],
    ["model", () => model.name, given(state.modelParams.get(target) ?? { stop: [] })],
    ["provider", () => model.provider_name, { ...given(settings.params), ...settings.network.timeouts }],
    ["profile", () => active?.name ?? "", { ...given(active?.params ?? { stop: [] }), ...active?.timeouts }],
    ["default", () => "", TIMEOUTS],
  ];
  return NAMES.map((name) => {
    const found = layers.find(([, , values]) => values[name] !== undefined);
    const limits = limitsOf(model, name);
    const value: unknown = found?.[2][name];
    return {
      name,
      value: value === undefined ? null : JSON.stringify(value),
      layer: found?.[0] ?? "default",
      origin: found?.[1](name) ?? "",
      minimum: limits?.[0] ?? null,
      maximum: limits?.[1] ?? null,
      problem:
        (value === undefined ? null : problemOf(model, name, value, limits)) ?? state.unusable[name] ?? null,
    };
  });
}

/** An empty list of stops says nothing. */
function given(params: Params): Values {
  const { stop, ...rest } = params;
  return stop.length > 0 ? { ...rest, stop } : rest;
}

function environmentOf(state: FakeState): Values {
  return Object.fromEntries(Object.entries(state.environment).map(([name, [, value]]) => [name, value]));
}

const NAMES = [
  ...["temperature", "top_p", "max_tokens", "stop", "seed", "top_k", "presence_penalty", "frequency_penalty"],
  ...["reasoning_effort", "reasoning_tokens", "response_format"],
  ...Object.keys(TIMEOUTS),
];

const ABSENT: Record<string, Set<string>> = {
  openai: new Set(["top_k", "reasoning_tokens"]),
  deepseek: new Set(["top_k", "reasoning_tokens"]),
  anthropic: new Set(["seed", "presence_penalty", "frequency_penalty"]),
};

function limitsOf(model: ModelView, name: string): [number, number] | null {
  if (ABSENT[model.provider]?.has(name) === true) return null;
  const longest = model.max_output ?? 1_000_000;
  const limits: Record<string, [number, number]> = {
    temperature: [0, model.provider === "anthropic" ? 1 : 2],
    top_p: [0, 1],
    top_k: [1, 500],
    max_tokens: [1, longest],
    presence_penalty: [-2, 2],
    frequency_penalty: [-2, 2],
    reasoning_tokens: [1_024, longest],
  };
  return limits[name] ?? null;
}

function problemOf(
  model: ModelView,
  name: string,
  value: unknown,
  limits: [number, number] | null,
): string | null {
  if (ABSENT[model.provider]?.has(name) === true)
    return `${model.provider_name} does not take this; it is left out.`;
  if (name === "reasoning_effort" && model.reasoning === false && value !== "off")
    return `${model.name} does not reason; this is left out.`;
  if (limits === null || typeof value !== "number") return null;
  const [least, most] = limits;
  return value < least || value > most
    ? `${model.name} takes ${least} to ${most.toLocaleString("en-US")}; ${value} is not sent.`
    : null;
}
