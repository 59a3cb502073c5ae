import { SvelteMap, SvelteSet } from "svelte/reactivity";
import type { Backend } from "../../backend/backend";
import type { AppError } from "../../backend/bindings/AppError";
import type { DialectView } from "../../backend/bindings/DialectView";
import type { FaultView } from "../../backend/bindings/FaultView";
import type { KeyCheckView } from "../../backend/bindings/KeyCheckView";
import type { ProviderView } from "../../backend/bindings/ProviderView";
import { asAppError } from "../../backend/errors";

/** What the last thing done with a provider came to, shown on its card. */
export interface Outcome {
  tone: "good" | "bad" | "unsure";
  message: string;
  fault: FaultView | null;
}

export function outcomeOf(check: Pick<KeyCheckView, "message" | "fault">): Outcome {
  const { message, fault } = check;
  if (fault === null) return { tone: "good", message, fault };
  return { tone: isKeyFault(fault) ? "bad" : "unsure", message, fault };
}

function isKeyFault(fault: FaultView): boolean {
  return fault.category === "authentication" || fault.category === "permission";
}

function failed(error: AppError): Outcome {
  return { tone: "bad", message: error.message, fault: null };
}

/** The providers of the settings: what is set up, what is happening to each, and what came of it. */
export class Providers {
  dialects = $state.raw<DialectView[] | null>(null);
  /** Provider ids with a call in flight. */
  readonly busy = new SvelteSet<string>();
  readonly outcomes = new SvelteMap<string, Outcome>();
  /** The provider whose key is being typed. */
  typingKeyOf = $state<string | null>(null);
  /** What is typed is a further key, beside those there are. */
  typingAnother = $state(false);

  /** `changed` is called after anything that other rooms show: providers, models, which of them can be asked. */
  constructor(
    readonly backend: Backend,
    readonly changed: () => Promise<void>,
  ) {}

  async load(): Promise<void> {
    this.dialects ??= await this.backend.listDialects();
  }

  dialectOf(provider: ProviderView): DialectView | null {
    return this.dialects?.find((dialect) => dialect.id === provider.dialect) ?? null;
  }

  check(provider: ProviderView): Promise<boolean> {
    return this.#do(provider.id, async () => outcomeOf(await this.backend.checkKey(provider.id)));
  }

  /** Saves a key and says what the check found. The key itself is not kept here. */
  async saveKey(provider: ProviderView, secret: string): Promise<boolean> {
    const saved = await this.#do(provider.id, async () =>
      outcomeOf(await this.backend.setKey(provider.id, secret)),
    );
    if (saved && this.outcomes.get(provider.id)?.tone !== "bad") this.typingKeyOf = null;
    return saved;
  }

  /** Adds a key to those there are, and says what the check found. */
  async addKey(provider: ProviderView, label: string, secret: string): Promise<boolean> {
    const saved = await this.#do(provider.id, async () =>
      outcomeOf(await this.backend.addKey(provider.id, label, secret)),
    );
    // A refused one is kept too, and stands in the list: it is removed there, not typed over.
    if (saved) this.typingKeyOf = null;
    return saved;
  }

  startTyping(provider: ProviderView, another: boolean): void {
    this.typingKeyOf = provider.id;
    this.typingAnother = another;
  }

  /** Removes one key; without an id the only one. */
  removeKey(provider: ProviderView, keyId: string | null = null): Promise<boolean> {
    return this.#do(provider.id, async () => {
      if (keyId === null) await this.backend.removeKey(provider.id);
      else await this.backend.removeOneKey(provider.id, keyId);
      return null;
    });
  }

  remove(provider: ProviderView): Promise<boolean> {
    return this.#do(provider.id, async () => {
      await this.backend.removeProvider(provider.id);
      return null;
    });
  }

  startDemo(): Promise<boolean> {
    return this.#do("demo", async () => {
      await this.backend.startDemo();
      return null;
    });
  }

  /** Forgets what was said about a provider, because it is no longer true. */
  forget(id: string): void {
    this.outcomes.delete(id);
  }

  /** Runs one call for a provider at a time; a failure becomes its outcome. `true`: it went through. */
  async #do(id: string, call: () => Promise<Outcome | null>): Promise<boolean> {
    if (this.busy.has(id)) return false;
    this.busy.add(id);
    this.outcomes.delete(id);
    try {
      const outcome = await call();
      if (outcome !== null) this.outcomes.set(id, outcome);
      await this.changed();
      return true;
    } catch (thrown) {
      this.outcomes.set(id, failed(asAppError(thrown)));
      return false;
    } finally {
      this.busy.delete(id);
    }
  }
}
