import type { Backend } from "../backend";
import type { FaultView } from "../bindings/FaultView";
import type { KeyState } from "../bindings/KeyState";
import type { KeyView } from "../bindings/KeyView";
import type { ProviderView } from "../bindings/ProviderView";
import { FAKE_DIALECTS, fakeProvider, withKeys } from "./catalogue";
import { FAULTS } from "./faults";
import { refused, type FakeState } from "./state";
import { followTelemetry } from "./telemetry";

type Part = Pick<
  Backend,
  | "listModels"
  | "listProviders"
  | "listDialects"
  | "saveProvider"
  | "removeProvider"
  | "setKey"
  | "removeKey"
  | "addKey"
  | "removeOneKey"
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

  function check(id: string, keyId: string, label: string, secret: string) {
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
      id: keyId,
      spend_id: keyId,
      label,
      mask: `${secret.slice(0, 3)}…${secret.slice(-4)}`,
      place: "keyring" as const,
      variable: null,
      origin: new URL(checked.base_url).origin,
      state: state_,
      message,
      checked_at: Date.now(),
    };
    const others = checked.keys.filter((other) => other.id !== keyId);
    const place = checked.keys.findIndex((other) => other.id === keyId);
    const keys = others.toSpliced(place < 0 ? others.length : place, 0, key);
    return { provider: putKeys(checked, keys), message, fault };
  }

  function putKeys(of: ProviderView, keys: KeyView[]): ProviderView {
    return put(withKeys(of, keys));
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
        keys: sameOrigin ? before.keys : [],
      });
    },
    async removeProvider(id) {
      await delay();
      state.providers = state.providers.filter((candidate) => candidate.id !== id);
    },
    async setKey(id, secret) {
      await delay();
      if (secret.trim() === "") throw refused("empty_key", "Paste the key.");
      const replaced = putKeys(provider(id), provider(id).keys.slice(1));
      const checked = check(id, `key-${id}`, "", secret.trim());
      const key = checked.provider.keys.at(-1);
      return key === undefined
        ? checked
        : { ...checked, provider: putKeys(checked.provider, [key, ...replaced.keys]) };
    },
    async removeKey(id) {
      await delay();
      return putKeys(provider(id), []);
    },
    async addKey(id, label, secret) {
      await delay();
      if (secret.trim() === "") throw refused("empty_key", "Paste the key.");
      return check(id, state.id("key"), label.trim(), secret.trim());
    },
    async removeOneKey(id, keyId) {
      await delay();
      return putKeys(
        provider(id),
        provider(id).keys.filter((key) => key.id !== keyId),
      );
    },
    async checkKey(id) {
      await delay();
      const key = provider(id).key;
      return check(id, key?.id ?? `key-${id}`, key?.label ?? "", key?.mask ?? "");
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
      followTelemetry(state, settings.telemetry);
      state.settings = settings;
      return settings;
    },
    async openLink(url) {
      await delay();
      opened.push(url);
    },
  };
}
