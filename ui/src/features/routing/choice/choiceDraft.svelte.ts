import type { AppError } from "../../../backend/bindings/AppError";
import type { ChoiceView } from "../../../backend/bindings/ChoiceView";
import type { WeightsView } from "../../../backend/bindings/WeightsView";

export type WeightName = keyof WeightsView;

/** In the order in which a score's bar has them. */
export const WEIGHTS: readonly WeightName[] = ["performance", "cost", "load", "capability"];

/** Where one begins: what the balanced strategy has. */
const FIRST: WeightsView = { performance: 40, cost: 30, load: 20, capability: 10 };

/** How it is chosen where no rule says so, while it is edited. */
export class ChoiceDraft {
  choice = $state.raw<ChoiceView | null>(null);
  error = $state.raw<AppError | null>(null);
  saving = $state(false);
  #kept = $state.raw<ChoiceView | null>(null);

  constructor(
    /** Writes it over what it was begun with. */
    readonly write: (choice: ChoiceView, before: ChoiceView) => Promise<AppError | null>,
  ) {}

  /** Takes over what is in the file, unless something here is not saved yet. */
  take(kept: ChoiceView): void {
    if (this.changed || JSON.stringify(kept) === JSON.stringify(this.#kept)) return;
    this.begin(kept);
  }

  /** Goes back to what is in the file. */
  begin(kept: ChoiceView): void {
    this.#kept = kept;
    this.choice = kept;
    this.error = null;
  }

  change(change: Partial<ChoiceView>): void {
    if (this.choice !== null) this.choice = { ...this.choice, ...change };
  }

  weigh(own: boolean): void {
    this.change({ weights: own ? (this.#kept?.weights ?? FIRST) : null });
  }

  /** `NaN` for what is no number, so that nothing can be saved while it stands there. */
  setWeight(name: WeightName, value: number | null): void {
    const weights = this.choice?.weights;
    if (weights !== null && weights !== undefined)
      this.change({ weights: { ...weights, [name]: value ?? 0 } });
  }

  get changed(): boolean {
    return JSON.stringify(this.choice) !== JSON.stringify(this.#kept);
  }

  get readable(): boolean {
    const weights = this.choice?.weights ?? null;
    return weights === null || !Object.values(weights).some((weight) => Number.isNaN(weight));
  }

  /** Nothing would count: the host refuses that. */
  get nothingCounts(): boolean {
    const weights = this.choice?.weights ?? null;
    return weights !== null && Object.values(weights).every((weight) => weight === 0);
  }

  async save(): Promise<boolean> {
    const [choice, before] = [this.choice, this.#kept];
    if (choice === null || before === null) return false;
    this.saving = true;
    this.error = await this.write(choice, before);
    this.saving = false;
    if (this.error !== null) return false;
    this.#kept = choice;
    return true;
  }
}

/** How much each counts, in percent of all; all 0 while nothing does. */
export function sharesOf(weights: WeightsView): Record<WeightName, number> {
  const all = WEIGHTS.reduce((sum, name) => sum + (weights[name] || 0), 0);
  const share = (name: WeightName) => (all === 0 ? 0 : Math.round(((weights[name] || 0) / all) * 100));
  return {
    performance: share("performance"),
    cost: share("cost"),
    load: share("load"),
    capability: share("capability"),
  };
}
