import type { Backend } from "../../../backend/backend";
import type { AppError } from "../../../backend/bindings/AppError";
import type { ReplayView } from "../../../backend/bindings/ReplayView";
import type { SpendFilter } from "../../../backend/bindings/SpendFilter";
import { asAppError } from "../../../backend/errors";
import { THIS_MONTH } from "../filter";

/** What recorded usage would have cost with other models. */
export class Replay {
  /** What it is about; `null` while the sheet is closed. */
  about = $state.raw<{ filter: SpendFilter; label: string } | null>(null);
  targets = $state.raw<string[]>([]);
  views = $state.raw<ReplayView[] | null>(null);
  loading = $state(false);
  error = $state.raw<AppError | null>(null);
  #asked = 0;

  constructor(readonly backend: Backend) {}

  /** Of everything under a filter. `targets` are tried at once; more can be added. */
  open(filter: SpendFilter, label: string, targets: string[]): void {
    this.about = { filter, label };
    this.targets = targets;
    this.views = null;
    void this.load();
  }

  /** Of one conversation, whenever it was. */
  openConversation(id: string, label: string, simulated: boolean, targets: string[]): void {
    this.open({ ...THIS_MONTH, range: { kind: "all" }, conversations: [id], simulated }, label, targets);
  }

  close(): void {
    this.about = null;
  }

  add(target: string): void {
    if (this.targets.includes(target)) return;
    this.targets = [...this.targets, target];
    void this.load();
  }

  remove(target: string): void {
    this.targets = this.targets.filter((other) => other !== target);
    void this.load();
  }

  async load(): Promise<void> {
    this.#asked += 1;
    const asked = this.#asked;
    const { about } = this;
    if (about === null) return;
    this.loading = true;
    try {
      const views = await this.backend.replayCost(about.filter, this.targets);
      if (asked !== this.#asked) return;
      this.views = views;
      this.error = null;
    } catch (thrown) {
      if (asked === this.#asked) this.error = asAppError(thrown);
    } finally {
      if (asked === this.#asked) this.loading = false;
    }
  }
}
