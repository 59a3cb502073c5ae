import type { Backend } from "../../../backend/backend";
import type { AppError } from "../../../backend/bindings/AppError";
import type { ModelView } from "../../../backend/bindings/ModelView";
import type { ReplayOf } from "../../../backend/bindings/ReplayOf";
import type { ReplayView } from "../../../backend/bindings/ReplayView";
import type { Spend } from "../../../backend/bindings/Spend";
import { asAppError } from "../../../backend/errors";
import { THIS_MONTH } from "../filter";
import { targetsToTry } from "./targets";

/** What recorded usage would have cost with other models. */
export class Replay {
  /** What it is about; `null` while the sheet is closed. */
  about = $state.raw<{ of: ReplayOf; label: string } | null>(null);
  targets = $state.raw<string[]>([]);
  view = $state.raw<ReplayView | null>(null);
  loading = $state(false);
  error = $state.raw<AppError | null>(null);
  #asked = 0;

  constructor(readonly backend: Backend) {}

  /** `targets` are tried at once; more can be added. */
  open(of: ReplayOf, label: string, targets: string[]): void {
    this.about = { of, label };
    this.targets = targets;
    this.view = null;
    this.error = null;
    void this.load();
  }

  /** Of one conversation, whenever it was. What cost invented money alone is laid beside demo models. */
  openConversation(id: string, label: string, spend: Spend, models: readonly ModelView[]): void {
    const simulated = spend.calls === 0;
    const filter = { ...THIS_MONTH, range: { kind: "all" as const }, conversations: [id], simulated };
    this.open({ kind: "filter", filter }, label, targetsToTry(models, new Set(), simulated));
  }

  /** Of what is booked under a folder's name, whenever it was: no more is known of the calls of what was moved into it. */
  openFolder(name: string, label: string, booked: Spend, models: readonly ModelView[]): void {
    const simulated = booked.calls === 0;
    const filter = { ...THIS_MONTH, range: { kind: "all" as const }, folders: [name], simulated };
    this.open({ kind: "filter", filter }, label, targetsToTry(models, new Set(), simulated));
  }

  /** Of all answers of a turn, earlier versions included. */
  openTurn(id: string, label: string, spend: Spend, models: readonly ModelView[]): void {
    const simulated = spend.calls === 0;
    this.open({ kind: "turn", turn_id: id, simulated }, label, targetsToTry(models, new Set(), simulated));
  }

  /** Of one answer. */
  openAnswer(id: string, label: string, simulated: boolean, models: readonly ModelView[]): void {
    this.open({ kind: "run", run_id: id, simulated }, label, targetsToTry(models, new Set(), simulated));
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
      const view = await this.backend.replayCost(about.of, this.targets);
      if (asked !== this.#asked) return;
      this.view = view;
      this.error = null;
    } catch (thrown) {
      if (asked === this.#asked) this.error = asAppError(thrown);
    } finally {
      if (asked === this.#asked) this.loading = false;
    }
  }
}
