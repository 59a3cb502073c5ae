import type { Backend } from "../../backend/backend";
import type { AppError } from "../../backend/bindings/AppError";
import type { CatalogueView } from "../../backend/bindings/CatalogueView";
import type { PriceChange } from "../../backend/bindings/PriceChange";
import { asAppError } from "../../backend/errors";

/** Changes of one model; they are decided together. */
export interface ChangedModel {
  target: string;
  changes: PriceChange[];
}

/** Changes by model, in the order of the list. */
export function byModel(changes: readonly PriceChange[]): ChangedModel[] {
  const groups = new Map<string, PriceChange[]>();
  for (const change of changes) groups.set(change.target, [...(groups.get(change.target) ?? []), change]);
  return [...groups].map(([target, held]) => ({ target, changes: held }));
}

/** The price list: how old it is, its update, and what the update left to decide. */
export class PriceCatalogue {
  view = $state.raw<CatalogueView | null>(null);
  /** A call is in flight. */
  busy = $state(false);
  error = $state.raw<AppError | null>(null);
  /** The list was fetched while this is looked at. */
  fetched = $state(false);

  readonly held = $derived(byModel(this.view?.held_back ?? []));
  readonly changes = $derived(byModel(this.view?.changes ?? []));

  /** `changed` is called when prices may be others. */
  constructor(
    readonly backend: Backend,
    readonly changed: () => Promise<void>,
  ) {}

  load(): Promise<void> {
    return this.#do(async () => (this.view = await this.backend.catalogueStatus()));
  }

  update(): Promise<void> {
    this.fetched = false;
    return this.#do(async () => {
      this.view = await this.backend.updateCatalogue();
      this.fetched = true;
      await this.changed();
    });
  }

  accept(targets: string[]): Promise<void> {
    return this.#do(async () => {
      this.view = await this.backend.acceptPrices(targets);
      await this.changed();
    });
  }

  dismiss(targets: string[]): Promise<void> {
    return this.#do(async () => (this.view = await this.backend.dismissPrices(targets)));
  }

  async #do(call: () => Promise<unknown>): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    this.error = null;
    try {
      await call();
    } catch (thrown) {
      this.error = asAppError(thrown);
    } finally {
      this.busy = false;
    }
  }
}
