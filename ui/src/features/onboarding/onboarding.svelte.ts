import type { Backend } from "../../backend/backend";
import type { AppError } from "../../backend/bindings/AppError";
import type { LocalServer } from "../../backend/bindings/LocalServer";
import type { ModelView } from "../../backend/bindings/ModelView";
import { asAppError } from "../../backend/errors";
import { ProviderForm } from "../settings/providerForm.svelte";

/** As many lanes as a conversation takes. */
const MOST_LANES = 8;
/** As many demo models as stand side by side at first: the fast one, the one that reasons, the one with a voice. */
const DEMO_LANES = 3;
/** As many as are proposed. */
const PROPOSED_LANES = 2;

type Step = "ways" | "provider" | "models";

/** The first start: three ways to a conversation. Ends by calling `finish` with the lanes to open it with. */
export class Onboarding {
  step = $state<Step>("ways");
  /** `null` while the machine is being looked over for the first time. */
  servers = $state.raw<LocalServer[] | null>(null);
  looking = $state(false);
  /** What is being set up; the other ways wait for it. */
  starting = $state<string | null>(null);
  error = $state.raw<AppError | null>(null);
  form = $state.raw<ProviderForm | null>(null);
  models = $state.raw<ModelView[]>([]);
  chosen = $state.raw<string[]>([]);
  query = $state("");

  readonly found = $derived.by(() => {
    const wanted = this.query.trim().toLocaleLowerCase();
    return this.models.filter(({ name, target }) => `${name} ${target}`.toLocaleLowerCase().includes(wanted));
  });

  constructor(
    readonly backend: Backend,
    readonly finish: (lanes: string[]) => Promise<void>,
  ) {}

  get full(): boolean {
    return this.chosen.length >= MOST_LANES;
  }

  async look(): Promise<void> {
    if (this.looking) return;
    this.looking = true;
    try {
      this.servers = await this.backend.detectLocalServers();
    } catch (thrown) {
      this.servers = [];
      this.error = asAppError(thrown);
    } finally {
      this.looking = false;
    }
  }

  tryDemo(): Promise<void> {
    return this.#start("demo", async () => {
      const demo = await this.backend.startDemo();
      const models = await this.backend.listModels();
      const targets = models.filter((model) => model.provider === demo.id).map((model) => model.target);
      await this.finish(targets.slice(0, DEMO_LANES));
    });
  }

  useServer(server: LocalServer): Promise<void> {
    return this.#start(server.base_url, async () => {
      const known = (await this.backend.listProviders()).find(
        (provider) => provider.dialect === server.dialect,
      );
      const provider =
        server.added && known !== undefined
          ? known
          : await this.backend.saveProvider({
              id: null,
              name: server.name,
              dialect: server.dialect,
              api: null,
              base_url: server.base_url,
              plain_http_confirmed: false,
            });
      // Asking it lists its models; that it has none is no failure of this step.
      await this.backend.checkKey(provider.id);
      await this.chooseModels(provider.id);
    });
  }

  openForm(): Promise<void> {
    return this.#start("provider", async () => {
      this.form = new ProviderForm(this.backend, await this.backend.listDialects());
      this.step = "provider";
    });
  }

  back(): void {
    this.step = "ways";
    this.form = null;
    this.error = null;
  }

  /** After the form: the models of the new provider, if it listed any. */
  formDone(): Promise<void> {
    const saved = this.form?.saved;
    return saved == null ? Promise.resolve() : this.#start("models", () => this.chooseModels(saved.id));
  }

  async chooseModels(providerId: string): Promise<void> {
    const all = await this.backend.listModels();
    this.models = all.filter((model) => model.provider === providerId);
    if (this.models.length === 0) return this.finish([]);
    if (this.models.length <= PROPOSED_LANES) return this.finish(this.models.map((model) => model.target));
    // Models with a known price are the ones people ask for; lists also hold speech and search models.
    const priced = this.models.filter((model) => model.price !== null && model.ready);
    this.chosen = (priced.length > 0 ? priced : this.models)
      .slice(0, PROPOSED_LANES)
      .map((model) => model.target);
    this.query = "";
    this.step = "models";
  }

  toggle(target: string): void {
    if (this.chosen.includes(target)) this.chosen = this.chosen.filter((other) => other !== target);
    else if (!this.full) this.chosen = [...this.chosen, target];
  }

  start(): Promise<void> {
    return this.#start("models", () => this.finish(this.chosen));
  }

  async #start(what: string, call: () => Promise<void>): Promise<void> {
    if (this.starting !== null) return;
    this.starting = what;
    this.error = null;
    try {
      await call();
    } catch (thrown) {
      this.error = asAppError(thrown);
    } finally {
      this.starting = null;
    }
  }
}
