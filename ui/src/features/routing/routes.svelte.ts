import type { Backend } from "../../backend/backend";
import type { AliasView } from "../../backend/bindings/AliasView";
import type { AppError } from "../../backend/bindings/AppError";
import type { GroupView } from "../../backend/bindings/GroupView";
import type { PoolView } from "../../backend/bindings/PoolView";
import type { RoutesView } from "../../backend/bindings/RoutesView";
import type { RuleView } from "../../backend/bindings/RuleView";
import { asAppError } from "../../backend/errors";

/**
 * The routing folder as the host read it last. Each change is written at once; it gives back what the host has against it,
 * or `null`, so that an editor can show it where it was made.
 */
export class Routes {
  /** `null` until the host has answered. */
  view = $state.raw<RoutesView | null>(null);
  /** Why the folder could not be read. */
  error = $state.raw<AppError | null>(null);

  constructor(
    readonly backend: Backend,
    /** Told of every change, for those outside this room who show what can be asked. */
    readonly seen: (view: RoutesView) => void = () => undefined,
  ) {}

  /** Reads the folder again; the same revision changes nothing on screen. */
  async load(): Promise<void> {
    try {
      const view = await this.backend.routes();
      if (view.revision !== this.view?.revision || view.mistakes.length !== this.view.mistakes.length)
        this.#show(view);
      this.error = null;
    } catch (thrown) {
      this.error = asAppError(thrown);
    }
  }

  saveGroup(group: GroupView, oldName: string | null): Promise<AppError | null> {
    return this.#write(() => this.backend.saveGroup(group, oldName));
  }

  removeGroup(name: string): Promise<AppError | null> {
    return this.#write(() => this.backend.removeGroup(name));
  }

  savePool(pool: PoolView, oldName: string | null): Promise<AppError | null> {
    return this.#write(() => this.backend.savePool(pool, oldName));
  }

  removePool(name: string): Promise<AppError | null> {
    return this.#write(() => this.backend.removePool(name));
  }

  saveAliases(aliases: AliasView[]): Promise<AppError | null> {
    return this.#write(() => this.backend.saveAliases(aliases));
  }

  saveRules(rules: RuleView[]): Promise<AppError | null> {
    return this.#write(() => this.backend.saveRules(rules));
  }

  async #write(call: () => Promise<RoutesView>): Promise<AppError | null> {
    try {
      this.#show(await call());
      return null;
    } catch (thrown) {
      return asAppError(thrown);
    }
  }

  #show(view: RoutesView): void {
    this.view = view;
    this.seen(view);
  }
}
