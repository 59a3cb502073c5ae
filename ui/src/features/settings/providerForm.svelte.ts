import type { Backend } from "../../backend/backend";
import type { AppError } from "../../backend/bindings/AppError";
import type { DialectView } from "../../backend/bindings/DialectView";
import type { ProviderView } from "../../backend/bindings/ProviderView";
import type { WireApi } from "../../backend/bindings/WireApi";
import { asAppError } from "../../backend/errors";
import { judgeAddress, originOf } from "./address";
import { outcomeOf, type Outcome } from "./providers.svelte";

export const CUSTOM = "custom";

/** Any other server, also when the host's table does not name it. */
const CUSTOM_DIALECT: DialectView = {
  id: CUSTOM,
  name: "Custom endpoint",
  api: "openai",
  base_url: "",
  environment: [],
  needs_key: false,
  local: false,
  key_page: null,
};

/** The protocols a custom endpoint may speak. */
export const PROTOCOLS: { api: WireApi; name: string }[] = [
  { api: "openai", name: "OpenAI Chat Completions" },
  { api: "openai-responses", name: "OpenAI Responses" },
  { api: "openai-completions", name: "OpenAI Completions" },
  { api: "anthropic", name: "Anthropic Messages" },
  { api: "gemini", name: "Google Gemini" },
  { api: "ollama", name: "Ollama" },
];

/** Adds a provider, or changes the name and address of one. Two steps: which, then where and with which key. */
export class ProviderForm {
  dialect = $state.raw<DialectView | null>(null);
  name = $state("");
  address = $state("");
  api = $state<WireApi>("openai");
  confirmed = $state(false);
  /** Cleared as soon as it has been handed over. */
  secret = $state("");
  query = $state("");
  saving = $state(false);
  error = $state.raw<AppError | null>(null);
  /** Set once the provider is stored. */
  saved = $state.raw<ProviderView | null>(null);
  /** What checking its key, or reaching it, found. */
  outcome = $state.raw<Outcome | null>(null);

  readonly verdict = $derived(judgeAddress(this.address));
  readonly canSave = $derived(
    !this.saving &&
      this.name.trim() !== "" &&
      (this.verdict === "fine" || (this.verdict === "private" && this.confirmed)),
  );
  /** The origin of the key that the new address leaves behind. */
  readonly keyLeftBehind = $derived.by(() => {
    const key = this.editing?.key;
    const origin = originOf(this.address);
    return key == null || key.id === null || origin === null || origin === key.origin ? null : key.origin;
  });

  constructor(
    readonly backend: Backend,
    readonly dialects: readonly DialectView[],
    readonly editing: ProviderView | null = null,
  ) {
    if (editing === null) return;
    this.dialect = this.all.find((dialect) => dialect.id === editing.dialect) ?? CUSTOM_DIALECT;
    this.name = editing.name;
    this.address = editing.base_url;
    this.api = editing.api;
  }

  get all(): DialectView[] {
    const others = this.dialects.filter((dialect) => dialect.id !== CUSTOM);
    return [...others, this.dialects.find((dialect) => dialect.id === CUSTOM) ?? CUSTOM_DIALECT];
  }

  get isCustom(): boolean {
    return this.dialect?.id === CUSTOM;
  }

  /** Those that match what was typed; the custom endpoint always does. */
  get found(): DialectView[] {
    const wanted = this.query.trim().toLocaleLowerCase();
    return this.all.filter(
      ({ id, name, base_url }) =>
        id === CUSTOM || [id, name, base_url].some((text) => text.toLocaleLowerCase().includes(wanted)),
    );
  }

  choose(dialect: DialectView): void {
    this.dialect = dialect;
    this.name = dialect.id === CUSTOM ? "" : dialect.name;
    this.address = dialect.base_url;
    this.api = dialect.api;
    this.confirmed = false;
    this.error = null;
  }

  back(): void {
    this.dialect = null;
    this.secret = "";
    this.error = null;
  }

  /** Stores the provider, then its key, then asks it whether that works. */
  async save(): Promise<void> {
    if (!this.canSave || this.dialect === null) return;
    this.saving = true;
    this.error = null;
    this.outcome = null;
    const secret = this.secret.trim();
    try {
      const provider = await this.backend.saveProvider({
        id: this.editing?.id ?? this.saved?.id ?? null,
        name: this.name.trim(),
        dialect: this.dialect.id,
        api: this.isCustom ? this.api : null,
        base_url: this.address.trim(),
        plain_http_confirmed: this.verdict === "private" && this.confirmed,
      });
      this.saved = provider;
      await this.#check(provider, secret);
    } catch (thrown) {
      this.error = asAppError(thrown);
    } finally {
      this.secret = "";
      this.saving = false;
    }
  }

  async #check(provider: ProviderView, secret: string): Promise<void> {
    if (secret === "" && provider.needs_key && provider.key === null) return;
    const check =
      secret === ""
        ? await this.backend.checkKey(provider.id)
        : await this.backend.setKey(provider.id, secret);
    this.saved = check.provider;
    this.outcome = outcomeOf(check);
  }
}
