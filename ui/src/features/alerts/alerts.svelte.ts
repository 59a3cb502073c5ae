import { getContext, setContext } from "svelte";
import type { Backend } from "../../backend/backend";
import type { AlertLevel } from "../../backend/bindings/AlertLevel";
import type { AlertView } from "../../backend/bindings/AlertView";
import type { AppError } from "../../backend/bindings/AppError";
import { asAppError } from "../../backend/errors";
import { sayAlert } from "../../shared/i18n/messages/alertSayings";
import { toasts } from "../../shared/ui/toasts.svelte";
import { leadWords } from "./subject";

/** So many at once are told one by one; the others only ring the bell. */
const MOST_TOLD = 3;
const TONES = { info: "plain", warning: "warn", critical: "bad" } as const;
const LOUDNESS: readonly AlertLevel[] = ["info", "warning", "critical"];

/** What people should hear of without having asked, as the host keeps it. */
export class Alerts {
  /** Newest first; `null` until the host has answered. */
  list = $state.raw<AlertView[] | null>(null);
  error = $state.raw<AppError | null>(null);
  /** The last that is only told to those who hear the screen: notes have no toast. */
  heard = $state("");

  readonly unseen = $derived((this.list ?? []).filter(({ seen }) => !seen));
  /** The loudest of what nobody has seen. */
  readonly level: AlertLevel | null = $derived(
    LOUDNESS.findLast((level) => this.unseen.some((alert) => alert.level === level)) ?? null,
  );
  /** The toast of each that was told; 0: it had none. */
  readonly #told = new Map<string, number>();
  #watched = false;

  constructor(
    readonly backend: Backend,
    /** Leads to what an alert is about. */
    readonly lead: (alert: AlertView) => void,
    /** Something has come about: what the window shows of it may be old. */
    readonly onnew: (alert: AlertView) => void = () => undefined,
  ) {}

  /** Lists what there is; new ones come by themselves from then on. Watched first, so that nothing falls between the two. */
  async load(): Promise<void> {
    try {
      if (!this.#watched) await this.#watch();
      this.#put(await this.backend.listAlerts());
    } catch (thrown) {
      this.error = asAppError(thrown);
    }
  }

  async #watch(): Promise<void> {
    this.#watched = true;
    try {
      await this.backend.watchAlerts((alert) => this.#arrived(alert));
    } catch (thrown) {
      this.#watched = false;
      throw thrown;
    }
  }

  #arrived(alert: AlertView): void {
    const known = (this.list ?? []).some(({ id }) => id === alert.id);
    if (!known) this.list = [alert, ...(this.list ?? [])].sort((one, other) => other.at - one.at);
    if (!alert.seen) this.#tell(alert);
    if (!alert.seen && alert.aloud) void this.#word(alert);
    this.onnew(alert);
  }

  /** Says it for the desktop, which speaks no language of its own. Without these words the host shows it in English. */
  async #word(alert: AlertView): Promise<void> {
    try {
      await this.backend.wordAlert(alert.id, sayAlert(alert.title), sayAlert(alert.body), leadWords(alert));
    } catch {
      // Shown in English then.
    }
  }

  /** Once each: two programs of a data folder may raise it, and a channel may be opened anew. */
  #tell(alert: AlertView): void {
    if (this.#told.has(alert.id)) return;
    const shown = toasts.shown.filter(({ id }) => [...this.#told.values()].includes(id)).length;
    const title = sayAlert(alert.title);
    if (!alert.aloud || shown >= MOST_TOLD) {
      this.#told.set(alert.id, 0);
      this.heard = title;
      return;
    }
    const id = toasts.tell({
      tone: TONES[alert.level],
      title,
      text: sayAlert(alert.body),
      action: { label: leadWords(alert), run: () => this.open(alert) },
      stays: alert.level === "critical",
    });
    this.#told.set(alert.id, id);
  }

  /** Goes to what it is about; whoever goes there has seen it. */
  open(alert: AlertView): void {
    this.lead(alert);
    const toast = this.#told.get(alert.id);
    if (toast !== undefined) toasts.close(toast);
    if (!alert.seen) void this.see([alert.id]);
  }

  /** No ids: all. */
  async see(ids: string[] = []): Promise<void> {
    try {
      this.#put(await this.backend.seeAlerts(ids));
    } catch (thrown) {
      toasts.error(asAppError(thrown));
    }
  }

  #put(list: AlertView[]): void {
    // One that came while the list was on its way is not in it yet.
    const known = new Set(list.map(({ id }) => id));
    const fresh = (this.list ?? []).filter(({ id }) => !known.has(id) && this.#told.has(id));
    this.list = [...fresh, ...list].sort((one, other) => other.at - one.at);
    this.error = null;
  }
}

const KEY = Symbol("alerts");

export function setAlerts(alerts: Alerts): void {
  setContext(KEY, alerts);
}

export function getAlerts(): Alerts {
  return getContext<Alerts>(KEY);
}
