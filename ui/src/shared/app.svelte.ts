import { getContext, setContext } from "svelte";
import { BLANK_SETTINGS } from "../backend/blankSettings";
import type { Backend } from "../backend/backend";
import type { AppError } from "../backend/bindings/AppError";
import type { ModelView } from "../backend/bindings/ModelView";
import type { ProviderView } from "../backend/bindings/ProviderView";
import type { Ready } from "../backend/bindings/Ready";
import type { RoutesView } from "../backend/bindings/RoutesView";
import type { Settings } from "../backend/bindings/Settings";
import type { Startup } from "../backend/bindings/Startup";
import { asAppError } from "../backend/errors";
import { showCurrency } from "./currency.svelte";
import { speak } from "./i18n/language.svelte";
import { showTheme } from "./theme";
import { toasts } from "./ui/toasts.svelte";
import { showZone } from "./zone.svelte";

export type Room = "chat" | "routing" | "spend" | "settings";

/** What the whole window knows: how the start went, the providers, the models, the settings, and which room is shown. */
export class App {
  /** `null` until the host has answered. */
  startup = $state.raw<Startup | null>(null);
  providers = $state.raw<ProviderView[]>([]);
  models = $state.raw<ModelView[]>([]);
  /** Groups, pools and aliases that can stand in a lane; `null` until somebody has looked. */
  routes = $state.raw<RoutesView | null>(null);
  settings = $state.raw<Settings>(BLANK_SETTINGS);
  room = $state<Room>("chat");
  /** The provider settings should bring into view, for instance after "edit key" on a failed answer. */
  settingsProvider = $state<string | null>(null);
  /** The model whose price settings should bring into view; one that is not listed leads to all prices. */
  settingsPrice = $state<string | null>(null);
  /** The section settings should bring into view, by its id. */
  settingsSection = $state<string | null>(null);
  /** Lanes of the conversation to open with once onboarding has ended. */
  firstLanes: string[] = [];

  /** Onboarding is shown while nothing is set up and the user has not skipped it. */
  readonly onboarding = $derived(
    this.startup?.state === "ready" && !this.settings.onboarded && this.providers.length === 0,
  );

  constructor(readonly backend: Backend) {}

  get ready(): Ready | null {
    return this.startup?.state === "ready" ? this.startup : null;
  }

  async start(): Promise<void> {
    await this.#enter(() => this.backend.startup());
  }

  /** The way out of a damaged database: it is kept, and a new one begins. */
  async setDatabaseAside(): Promise<void> {
    await this.#enter(() => this.backend.setDatabaseAside());
  }

  async refreshProviders(): Promise<void> {
    this.providers = await this.backend.listProviders();
  }

  async refreshModels(): Promise<void> {
    this.models = await this.backend.listModels();
  }

  async refreshRoutes(): Promise<void> {
    this.routes = await this.backend.routes();
  }

  /** After anything that changes which models can be asked. */
  async refreshAll(): Promise<void> {
    await Promise.all([this.refreshProviders(), this.refreshModels()]);
  }

  /** Shows at once, saves behind; a save that fails says so and shows what is stored. */
  async changeSettings(change: Partial<Settings>): Promise<void> {
    await this.trySettings(change).catch((thrown: unknown) => toasts.error(asAppError(thrown)));
  }

  /** The same, and rejects with what the host says against it: that belongs beside the field. */
  async trySettings(change: Partial<Settings>): Promise<void> {
    const before = this.settings;
    this.#show({ ...before, ...change });
    try {
      this.#show(await this.backend.saveSettings(this.settings));
    } catch (thrown) {
      this.#show(before);
      throw thrown;
    }
  }

  /** Leaves onboarding for a first conversation with these lanes; none when it was skipped. */
  async finishOnboarding(lanes: string[]): Promise<void> {
    this.firstLanes = lanes;
    await this.changeSettings({ onboarded: true, ...(lanes.length > 0 ? { default_lanes: lanes } : {}) });
    await this.refreshAll().catch((thrown: unknown) => toasts.error(asAppError(thrown)));
    this.room = "chat";
  }

  openSettings(providerId: string | null = null): void {
    this.settingsProvider = providerId;
    this.room = "settings";
  }

  openPrice(target: string): void {
    this.settingsPrice = target;
    this.room = "settings";
  }

  openSection(id: string): void {
    this.settingsSection = id;
    this.room = "settings";
  }

  async #enter(call: () => Promise<Startup>): Promise<void> {
    try {
      const startup = await call();
      if (startup.state === "ready") {
        this.providers = startup.providers;
        this.#show(startup.settings);
        for (const notice of startup.notices) toasts.say(notice);
        // Not awaited: the window can be shown before every model is known.
        this.refreshModels().catch((thrown: unknown) => toasts.error(asAppError(thrown)));
      }
      this.startup = startup;
    } catch (thrown) {
      this.startup = { state: "blocked", error: asAppError(thrown) satisfies AppError, data_dir: "" };
    }
  }

  #show(settings: Settings): void {
    this.settings = settings;
    showTheme(settings.theme);
    showCurrency(settings.currency);
    showZone(settings.time_zone);
    speak(settings.language);
  }
}

const KEY = Symbol("app");

export function setApp(app: App): void {
  setContext(KEY, app);
}

export function getApp(): App {
  return getContext<App>(KEY);
}
