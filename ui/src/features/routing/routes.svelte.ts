import type { Backend } from "../../backend/backend";
import type { AliasView } from "../../backend/bindings/AliasView";
import type { AppError } from "../../backend/bindings/AppError";
import type { ChoiceView } from "../../backend/bindings/ChoiceView";
import type { GroupView } from "../../backend/bindings/GroupView";
import type { PoolView } from "../../backend/bindings/PoolView";
import type { RoutesView } from "../../backend/bindings/RoutesView";
import type { RuleView } from "../../backend/bindings/RuleView";
import { asAppError } from "../../backend/errors";
import { routeForms } from "../../shared/i18n/messages/routeForms";
import { fileOf } from "./entries";

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
      const same =
        view.revision === this.view?.revision &&
        JSON.stringify(view.mistakes) === JSON.stringify(this.view.mistakes);
      if (!same) this.#show(view);
      this.error = null;
    } catch (thrown) {
      this.error = asAppError(thrown);
    }
  }

  /** `before` is what the change was made from: a file that says something else by now is not written over. */
  saveGroup(group: GroupView, oldName: string | null, before: GroupView | null): Promise<AppError | null> {
    const name = oldName ?? group.name;
    return this.#write(
      () => this.backend.saveGroup(group, oldName),
      fileOf("group", name),
      before,
      ({ groups }) => groups.find((one) => one.name === name),
    );
  }

  removeGroup(name: string): Promise<AppError | null> {
    return this.#write(() => this.backend.removeGroup(name));
  }

  savePool(pool: PoolView, oldName: string | null, before: PoolView | null): Promise<AppError | null> {
    const name = oldName ?? pool.name;
    return this.#write(
      () => this.backend.savePool(pool, oldName),
      fileOf("pool", name),
      before,
      ({ pools }) => pools.find((one) => one.name === name),
    );
  }

  removePool(name: string): Promise<AppError | null> {
    return this.#write(() => this.backend.removePool(name));
  }

  saveAliases(aliases: AliasView[], before: AliasView[]): Promise<AppError | null> {
    return this.#write(
      () => this.backend.saveAliases(aliases),
      "aliases.yaml",
      before,
      (view) => view.aliases,
    );
  }

  saveRules(rules: RuleView[], before: RuleView[]): Promise<AppError | null> {
    return this.#write(
      () => this.backend.saveRules(rules),
      "rules.yaml",
      before,
      (view) => view.rules,
    );
  }

  saveChoice(choice: ChoiceView, before: ChoiceView): Promise<AppError | null> {
    return this.#write(
      () => this.backend.saveChoice(choice),
      "choice.yaml",
      before,
      (view) => view.choice,
    );
  }

  /** The folder as the host has just written it. */
  take(view: RoutesView): void {
    this.#show(view);
  }

  /**
   * Others in this window read the folder, too, so the host cannot know what an editor began with: what is in the file now is
   * compared with that here. What happens between this look and the write is the host's to notice.
   */
  async #write(
    call: () => Promise<RoutesView>,
    file = "",
    before: unknown = null,
    now: (view: RoutesView) => unknown = () => null,
  ): Promise<AppError | null> {
    try {
      if (before !== null) {
        const fresh = await this.backend.routes();
        if (JSON.stringify(now(fresh)) !== JSON.stringify(before)) return changedMeanwhile(file);
      }
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

/** The code under which the host says the same. */
export const CHANGED = "routes_changed";

function changedMeanwhile(file: string): AppError {
  return {
    code: CHANGED,
    message: routeForms().changedMeanwhile(file),
    action: null,
    retryable: false,
    over_budget: null,
  };
}
