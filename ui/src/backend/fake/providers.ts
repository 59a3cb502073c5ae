import type { Backend } from "../backend";
import type { FaultView } from "../bindings/FaultView";
import type { KeyState } from "../bindings/KeyState";
import type { ProviderView } from "../bindings/ProviderView";
import { FAKE_DIALECTS, fakeProvider } from "./catalogue";
import { FAULTS } from "./faults";
import { refused, type FakeState } from "./state";

type Part = Pick<
  Backend,
  | "listModels"
  | "listProviders"
  | "listDialects"
  | "saveProvider"
  | "removeProvider"
  | "setKey"
  | "removeKey"
  | "checkKey"
  | "detectLocalServers"
  | "startDemo"
  | "saveSettings"
  | "openLink"
>;

/** Providers, keys and settings. A key that holds `bad` is refused, one that holds `offline` cannot be checked. */
export function fakeProviders(state: FakeState, delay: () => Promise<void>, opened: string[]): Part {
  function provider(id: string): ProviderView {
    const found = state.providers.find((candidate) => candidate.id === id);
    if (found === undefined) throw refused("unknown_provider", "This provider is gone.");
    return found;
  }

  function put(changed: ProviderView): ProviderView {
    const others = state.providers.filter((candidate) => candidate.id !== changed.id);
    state.providers = [...others, changed];
    return changed;
  }

  function check(id: string, secret: string) {
    const checked = provider(id);
    const fault: FaultView | null = secret.includes("bad")
      ? { ...FAULTS.wrongKey, message: `${checked.name} does not accept the key. Check it or replace it.` }
      : secret.includes("offline")
        ? { ...FAULTS.cut, message: `${checked.name} cannot be reached, so the key could not be checked.` }
        : null;
    const message = fault?.message ?? `The key works. ${checked.models} models are listed.`;
    const state_: KeyState =
      fault === null ? "accepted" : fault.category === "authentication" ? "refused" : "unknown";
    const key = {
      id: `key-${id}`,
      mask: `${secret.slice(0, 3)}…${secret.slice(-4)}`,
      place: "keyring" as const,
      variable: null,
      origin: new URL(checked.base_url).origin,
      state: state_,
      message,
      checked_at: Date.now(),
    };
    return { provider: put({ ...checked, key }), message, fault };
  }

  return {
    async listModels() {
      await delay();
      return state.models();
    },
    async listProviders() {
      await delay();
      return state.providers;
    },
    async listDialects() {
      await delay();
      return FAKE_DIALECTS;
    },
    async saveProvider(wanted) {
      await delay();
      const address = wanted.base_url.trim();
      const usual = FAKE_DIALECTS.find((dialect) => dialect.id === wanted.dialect);
      const base_url = address === "" ? (usual?.base_url ?? "") : address;
      if (!/^https?:\/\/\S+$/.test(base_url)) {
        throw refused("invalid_base_url", "The address has to begin with https:// or http://.");
      }
      const plain = base_url.startsWith("http://") && !/^http:\/\/(127\.|localhost|\[::1\])/.test(base_url);
      if (plain && !wanted.plain_http_confirmed) {
        throw refused("plain_http", "This address is not encrypted. Confirm it, or use https.");
      }
      const id =
        wanted.id ??
        wanted.name
          .toLowerCase()
          .replace(/[^a-z0-9]+/g, "-")
          .replace(/^-|-$/g, "");
      const before = state.providers.find((candidate) => candidate.id === id);
      const sameOrigin = before !== undefined && new URL(before.base_url).origin === new URL(base_url).origin;
      return put({
        ...fakeProvider(id),
        id,
        name: wanted.name,
        dialect: wanted.dialect,
        api: wanted.api ?? usual?.api ?? "openai",
        base_url,
        local: usual?.local ?? false,
        needs_key: usual?.needs_key ?? true,
        key: sameOrigin ? before.key : null,
      });
    },
    async removeProvider(id) {
      await delay();
      state.providers = state.providers.filter((candidate) => candidate.id !== id);
    },
    async setKey(id, secret) {
      await delay();
      if (secret.trim() === "") throw refused("empty_key", "Paste the key.");
      return check(id, secret.trim());
    },
    async removeKey(id) {
      await delay();
      return put({ ...provider(id), key: null });
    },
    async checkKey(id) {
      await delay();
      return check(id, provider(id).key?.mask ?? "");
    },
    async detectLocalServers() {
      await delay();
      const added = state.providers.some((candidate) => candidate.id === "ollama");
      const models = ["qwen3:8b", "llama3.2:3b"];
      return [{ dialect: "ollama", name: "Ollama", base_url: "http://127.0.0.1:11434", models, added }];
    },
    async startDemo() {
      await delay();
      return state.providers.find((candidate) => candidate.id === "demo") ?? put(fakeProvider("demo"));
    },
    async saveSettings(settings) {
      await delay();
      state.settings = settings;
      return settings;
    },
    async openLink(url) {
      await delay();
      opened.push(url);
    },
  };
}
