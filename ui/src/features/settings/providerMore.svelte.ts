import type { Backend } from "../../backend/backend";
import type { EffectiveValue } from "../../backend/bindings/EffectiveValue";
import type { Network } from "../../backend/bindings/Network";
import type { Params } from "../../backend/bindings/Params";
import type { ProviderSettings } from "../../backend/bindings/ProviderSettings";
import type { Proxy } from "../../backend/bindings/Proxy";
import { asAppError } from "../../backend/errors";
import { ParameterForm } from "../../shared/parameters/parameterForm.svelte";
import { valueChanges } from "./changes.svelte";
import { Pairs } from "./pairs.svelte";
import { withTimeout, type TimeoutName } from "./timeouts";

/** Far more than a bundle of certificates of a company. */
const LARGEST_FILE_BYTES = 1_000_000;

function explain(thrown: unknown): string {
  return asAppError(thrown).message;
}

/**
 * What is set for one provider beyond its address. Every field is saved on its own, so what the host says against it stands
 * at that field, and the others are kept.
 */
export class ProviderMore {
  proxyType = $state<Proxy["type"]>("system");
  proxyUrl = $state("");
  authority = $state("");
  /** As it is written; empty: what is usual for this kind of server. */
  calls = $state("");
  /** By field: why it is not kept. */
  problems = $state<
    { proxy?: string; authority?: string; calls?: string } & Partial<Record<TimeoutName, string>>
  >({});
  /** What holds for the provider's models, by name; empty where it has none. */
  effective = $state.raw<ReadonlyMap<string, EffectiveValue>>(new Map());

  readonly headers: Pairs;
  readonly query: Pairs;
  readonly parameters: ParameterForm;
  #stored = $state.raw<ProviderSettings>() as ProviderSettings;
  #saving: Promise<unknown> = Promise.resolve();

  /** `sample` names a model of the provider, to ask what holds for all of them; `null` while none is known. */
  static async open(
    backend: Backend,
    providerId: string,
    sample: () => string | null,
  ): Promise<ProviderMore> {
    return new ProviderMore(backend, providerId, sample, await backend.providerSettings(providerId));
  }

  private constructor(
    readonly backend: Backend,
    readonly providerId: string,
    readonly sample: () => string | null,
    settings: ProviderSettings,
  ) {
    this.#stored = settings;
    const { proxy, certificate_authority, query } = settings.network;
    this.proxyType = proxy.type;
    this.proxyUrl = proxy.type === "url" ? proxy.url : "";
    this.authority = certificate_authority ?? "";
    this.calls = settings.calls_at_once === undefined ? "" : String(settings.calls_at_once);
    this.headers = new Pairs(
      settings.extra_headers,
      (extra_headers) => this.#save((stored) => ({ ...stored, extra_headers })),
      explain,
    );
    this.query = new Pairs(query, (pairs) => this.#saveNetwork({ query: pairs }), explain);
    this.parameters = new ParameterForm(this.#place());
    void this.#ask();
  }

  get network(): Network {
    return this.#stored.network;
  }

  chooseProxy(type: Proxy["type"]): void {
    this.proxyType = type;
    delete this.problems.proxy;
    if (type !== "url") void this.#try("proxy", this.#saveNetwork({ proxy: { type } }));
    else if (this.proxyUrl.trim() !== "") this.writeProxy();
  }

  /** What is written as the proxy's address counts. */
  writeProxy(): void {
    const url = this.proxyUrl.trim();
    if (url !== "") void this.#try("proxy", this.#saveNetwork({ proxy: { type: "url", url } }));
  }

  /** How many calls the server takes at once, a whole number from 1; empty leaves it to the kind of server. */
  async writeCalls(noNumber: string): Promise<void> {
    const written = this.calls.trim();
    if (written !== "" && !/^[1-9]\d{0,5}$/.test(written)) {
      this.problems.calls = noNumber;
      return;
    }
    const saved = this.#save((stored) => {
      const changed = { ...stored };
      if (written === "") delete changed.calls_at_once;
      else changed.calls_at_once = Number(written);
      return changed;
    });
    await this.#try("calls", saved);
  }

  writeAuthority(): Promise<void> {
    const pem = this.authority;
    const saved = this.#save((stored) => {
      const network: Network = { ...stored.network, certificate_authority: pem };
      if (pem.trim() === "") delete network.certificate_authority;
      return { ...stored, network };
    });
    return this.#try("authority", saved);
  }

  async loadAuthority(file: File, tooLarge: string): Promise<void> {
    if (file.size > LARGEST_FILE_BYTES) {
      this.problems.authority = tooLarge;
      return;
    }
    this.authority = await file.text();
    await this.writeAuthority();
  }

  removeAuthority(): Promise<void> {
    this.authority = "";
    return this.writeAuthority();
  }

  /** `undefined` leaves it to the profile and the default. */
  setTimeout(name: TimeoutName, ms: number | undefined): void {
    const saved = this.#save((stored) => {
      const timeouts = withTimeout(stored.network.timeouts, name, ms);
      return { ...stored, network: { ...stored.network, timeouts } };
    });
    void this.#try(name, saved);
  }

  #place() {
    const params = (): Params => this.#stored.params;
    return {
      layer: "provider" as const,
      get params() {
        return params();
      },
      save: (changed: Params) => this.#save((stored) => ({ ...stored, params: changed })),
      // What one of its models takes says nothing about the others.
      effective: async () =>
        (await this.#values()).map((value) => ({ ...value, minimum: null, maximum: null, problem: null })),
    };
  }

  #saveNetwork(change: Partial<Network>): Promise<void> {
    return this.#save((stored) => ({ ...stored, network: { ...stored.network, ...change } }));
  }

  /** One save after the other, each from what the one before has left. */
  #save(change: (stored: ProviderSettings) => ProviderSettings): Promise<void> {
    const saved = this.#saving.then(async () => {
      this.#stored = await this.backend.saveProviderSettings(this.providerId, change(this.#stored));
      valueChanges.happened();
      await this.#ask();
    });
    this.#saving = saved.catch(() => undefined);
    return saved;
  }

  async #try(field: keyof ProviderMore["problems"], saved: Promise<void>): Promise<void> {
    try {
      await saved;
      Reflect.deleteProperty(this.problems, field);
    } catch (thrown) {
      this.problems[field] = explain(thrown);
    }
  }

  async #values(): Promise<EffectiveValue[]> {
    const sample = this.sample();
    return sample === null ? [] : this.backend.modelValues(sample);
  }

  async #ask(): Promise<void> {
    try {
      this.effective = new Map((await this.#values()).map((value) => [value.name, value]));
    } catch {
      // The fields work without it; only where other values come from is not said.
      this.effective = new Map();
    }
  }
}
