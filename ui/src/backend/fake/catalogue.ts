import type { DialectView } from "../bindings/DialectView";
import type { KeyView } from "../bindings/KeyView";
import type { ModelView } from "../bindings/ModelView";
import type { ProviderView } from "../bindings/ProviderView";

type ModelRow = [
  model: string,
  name: string,
  context: number | null,
  price: [string, string] | null,
  /** A letter for each thing it does: v(ision), p(df), a(udio), t(ools), r(easoning), j(son schema); `null`: not known. */
  does: string | null,
  /** The day it is retired. */
  retires?: string,
];

const NAMES: Record<string, string> = {
  demo: "Demo",
  openai: "OpenAI",
  anthropic: "Anthropic",
  gemini: "Google Gemini",
  deepseek: "DeepSeek",
  openrouter: "OpenRouter",
  ollama: "Ollama",
};

const ROWS: Record<string, ModelRow[]> = {
  demo: [
    ["swift", "Swift", 32_000, ["0.2", "0.8"], "t"],
    ["scholar", "Scholar", 200_000, ["4", "20"], "vprj"],
    ["poet", "Poet", 64_000, ["1", "5"], ""],
  ],
  openai: [
    ["gpt-5.6", "GPT-5.6", 400_000, ["1.75", "14"], "vptrj"],
    ["gpt-5.6-mini", "GPT-5.6 mini", 400_000, ["0.25", "2"], "vptrj"],
    ["gpt-4.1", "GPT-4.1", 1_047_576, ["2", "8"], "vptj", "2026-12-15"],
  ],
  anthropic: [
    ["claude-opus-5.5", "Claude Opus 5.5", 200_000, ["5", "25"], "vptrj"],
    ["claude-sonnet-5", "Claude Sonnet 5", 1_000_000, ["3", "15"], "vptrj"],
    ["claude-haiku-4.5", "Claude Haiku 4.5", 200_000, ["1", "5"], "vpt"],
  ],
  gemini: [
    ["gemini-3.6-pro", "Gemini 3.6 Pro", 1_048_576, ["2", "12"], "vpatrj"],
    ["gemini-3.6-flash", "Gemini 3.6 Flash", 1_048_576, ["0.3", "2.5"], "vpatrj"],
  ],
  deepseek: [
    ["deepseek-v4", "DeepSeek V4", 128_000, ["0.28", "0.42"], "tj"],
    ["deepseek-v4-reasoner", "DeepSeek V4 Reasoner", 128_000, ["0.28", "0.42"], "tr"],
  ],
  ollama: [["qwen3:8b", "qwen3:8b", 40_960, null, null]],
};

/** As many as a marketplace lists. */
const MARKET: ModelRow[] = [
  "Acacia",
  "Birch",
  "Cedar",
  "Dogwood",
  "Elm",
  "Fir",
  "Ginkgo",
  "Hazel",
  "Ilex",
  "Juniper",
].flatMap((family, at) =>
  Array.from({ length: 50 }, (_, size): ModelRow => {
    const name = `${family} ${1 + Math.floor(size / 10)}.${size % 10}`;
    const does = ["t", "vt", "vptj", "r", "vptrj", ""][(at + size) % 6] ?? "";
    const price: [string, string] = [`${(size + 1) / 100}`, `${(size + 1) / 20}`];
    return [name.toLowerCase().replace(" ", "-"), name, 32_000 * (1 + (size % 8)), price, does];
  }),
);

const DESCRIPTIONS: Record<string, string> = {
  swift: "Answers at once, briefly and cheaply.",
  scholar: "Thinks first, then answers at length. Slow and dear.",
  poet: "Takes its time over the wording.",
};

/** The first of its keys is the one a provider is shown with. */
export function withKeys(provider: ProviderView, keys: KeyView[]): ProviderView {
  return { ...provider, keys, key: keys[0] ?? null };
}

export function fakeProvider(id: string): ProviderView {
  const local = id === "ollama";
  const simulated = id === "demo";
  const key: KeyView | null =
    simulated || local
      ? null
      : {
          id: `key-${id}`,
          spend_id: `key-${id}`,
          mask: "sk-…f3a9",
          label: "",
          place: "keyring",
          variable: null,
          origin: `https://api.${id}.com`,
          state: "accepted",
          message: "The key works.",
          checked_at: Date.now() - 3_600_000,
        };
  return {
    id,
    name: NAMES[id] ?? id,
    api: id === "anthropic" ? "anthropic" : id === "gemini" ? "gemini" : local ? "ollama" : "openai",
    dialect: id,
    base_url: simulated
      ? "http://127.0.0.1:41873"
      : local
        ? "http://127.0.0.1:11434"
        : `https://api.${id}.com/v1`,
    simulated,
    local,
    needs_key: !simulated && !local,
    key,
    keys: key === null ? [] : [key],
    models: rowsOf(id).length,
  };
}

function rowsOf(id: string): ModelRow[] {
  return id === "openrouter" ? MARKET : (ROWS[id] ?? [["default", "Default model", null, null, null]]);
}

/** Every model of these providers. */
export function fakeModels(providers: readonly ProviderView[]): ModelView[] {
  return providers.flatMap((provider) => rowsOf(provider.id).map((row) => fakeModel(provider, row)));
}

function fakeModel(
  provider: ProviderView,
  [model, name, context_window, price, does, retires]: ModelRow,
): ModelView {
  const can = (letter: string) => (does === null ? null : does.includes(letter));
  return {
    target: `${provider.id}/${model}`,
    provider: provider.id,
    provider_name: provider.name,
    model,
    name,
    description: provider.simulated ? (DESCRIPTIONS[model] ?? null) : null,
    context_window,
    max_output: 32_000,
    price:
      price === null
        ? null
        : {
            input: price[0],
            output: price[1],
            cache_read: provider.simulated ? null : tenthOf(price[0]),
            cache_write: null,
            date: "2026-11-01",
            origin: provider.simulated ? "simulated" : "built_in",
            tiered: context_window !== null && context_window > 1_000_000,
          },
    simulated: provider.simulated,
    vision: can("v"),
    pdf: can("p"),
    audio: can("a"),
    tools: can("t"),
    reasoning: model === "qwen3:8b" ? true : can("r"),
    json_schema: can("j"),
    retirement_date: retires ?? null,
    ready: !provider.needs_key || provider.key !== null,
    listed: true,
  };
}

/** What a token read from a cache costs with most: a tenth. */
function tenthOf(usd: string): string {
  return String(Math.round(Number(usd) * 100_000) / 1_000_000);
}

function dialect(
  id: string,
  name: string,
  api: DialectView["api"],
  base_url: string,
  environment: string[],
  key_page: string | null,
): DialectView {
  const local = base_url.startsWith("http://127");
  return { id, name, api, base_url, environment, needs_key: !local, local, key_page };
}

export const FAKE_DIALECTS: DialectView[] = [
  dialect(
    "openai",
    "OpenAI",
    "openai",
    "https://api.openai.com/v1",
    ["OPENAI_API_KEY"],
    "https://platform.openai.com/api-keys",
  ),
  dialect(
    "anthropic",
    "Anthropic",
    "anthropic",
    "https://api.anthropic.com",
    ["ANTHROPIC_API_KEY"],
    "https://platform.claude.com/settings/keys",
  ),
  dialect(
    "gemini",
    "Google Gemini",
    "gemini",
    "https://generativelanguage.googleapis.com",
    ["GEMINI_API_KEY"],
    "https://aistudio.google.com/apikey",
  ),
  dialect(
    "deepseek",
    "DeepSeek",
    "openai",
    "https://api.deepseek.com",
    ["DEEPSEEK_API_KEY"],
    "https://platform.deepseek.com/api_keys",
  ),
  dialect(
    "openrouter",
    "OpenRouter",
    "openai",
    "https://openrouter.ai/api/v1",
    ["OPENROUTER_API_KEY"],
    "https://openrouter.ai/settings/keys",
  ),
  dialect(
    "mistral",
    "Mistral",
    "openai",
    "https://api.mistral.ai/v1",
    ["MISTRAL_API_KEY"],
    "https://console.mistral.ai/api-keys",
  ),
  dialect(
    "groq",
    "Groq",
    "openai",
    "https://api.groq.com/openai/v1",
    ["GROQ_API_KEY"],
    "https://console.groq.com/keys",
  ),
  dialect("ollama", "Ollama", "ollama", "http://127.0.0.1:11434", [], null),
  dialect("lmstudio", "LM Studio", "openai", "http://127.0.0.1:1234/v1", [], null),
];
