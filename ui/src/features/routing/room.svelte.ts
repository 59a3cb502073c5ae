import { getContext, setContext } from "svelte";
import type { Backend } from "../../backend/backend";
import type { AppError } from "../../backend/bindings/AppError";
import type { GroupView } from "../../backend/bindings/GroupView";
import type { MistakeView } from "../../backend/bindings/MistakeView";
import type { PoolView } from "../../backend/bindings/PoolView";
import type { RoutesView } from "../../backend/bindings/RoutesView";
import { routeForms } from "../../shared/i18n/messages/routeForms";
import { toasts } from "../../shared/ui/toasts.svelte";
import { ChoiceDraft } from "./choice/choiceDraft.svelte";
import { EMPTY_FOLDER, fileOf, type Folder } from "./entries";
import { Files } from "./files/files.svelte";
import { Figures } from "./health/figures.svelte";
import type { GroupDraft } from "./ladders/groupDraft.svelte";
import { Live } from "./live.svelte";
import type { PoolDraft } from "./rings/poolDraft.svelte";
import { Routes } from "./routes.svelte";
import { RuleDrafts } from "./rules/ruleDrafts.svelte";
import { Simulation } from "./simulator/simulation.svelte";

export type Part = "routes" | "rules" | "health" | "guide";
export type Editing = { kind: "group"; draft: GroupDraft } | { kind: "pool"; draft: PoolDraft };

/** Every how many looks at how things stand the folder is read again. */
const READ_EVERY = 5;

/** The routing room: the folder, how things stand, what is being edited, and the simulator. */
export class RoutingRoom {
  readonly routes: Routes;
  readonly live: Live;
  readonly simulation: Simulation;
  readonly rules: RuleDrafts;
  readonly choice: ChoiceDraft;
  /** Files of the folder as text. */
  readonly files: Files;
  readonly figures: Figures;
  part = $state<Part>("routes");
  /** One thing at a time: what is not saved is easily forgotten. */
  editing = $state.raw<Editing | null>(null);
  /** Grows when what is not saved is to be brought into view. */
  pointedAt = $state(0);
  removing = $state.raw<{ kind: "group" | "pool"; name: string } | null>(null);
  /** Whether the simulator lies over the page where there is no room beside it. */
  simulatorOpen = $state(false);
  #looks = 0;

  constructor(
    readonly backend: Backend,
    /** Told of every change of the folder. */
    seen: (view: RoutesView) => void = () => undefined,
  ) {
    this.routes = new Routes(backend, seen);
    this.live = new Live(backend, async () => {
      if (this.#looks++ % READ_EVERY === 0) await this.routes.load();
    });
    this.figures = new Figures(backend);
    this.simulation = new Simulation(backend);
    this.rules = new RuleDrafts(backend, (rules, before) => this.routes.saveRules(rules, before));
    this.choice = new ChoiceDraft((choice, before) => this.routes.saveChoice(choice, before));
    this.files = new Files(backend, (view) => this.routes.take(view));
  }

  get folder(): Folder {
    return this.routes.view ?? EMPTY_FOLDER;
  }

  mistakesOf(file: string): MistakeView[] {
    return this.routes.view?.mistakes.filter((mistake) => mistake.file === file) ?? [];
  }

  /** Begins to edit something else; what is not saved goes before, and is pointed at. */
  edit(editing: Editing): void {
    if (this.editing?.draft.changed === true) {
      toasts.say(routeForms().saveFirst(this.editing.draft.first.name));
      this.pointedAt += 1;
      return;
    }
    this.editing = editing;
  }

  stopEditing(): void {
    this.editing = null;
  }

  /** Reads the files again; what was not saved is given up. */
  async reload(): Promise<void> {
    this.editing = null;
    await this.routes.load();
  }

  tryOut(target: string): void {
    this.simulation.target = target;
    this.simulatorOpen = true;
    if (this.simulation.prompt.trim() !== "") void this.simulation.run();
  }

  askToRemove(kind: "group" | "pool", name: string): void {
    this.removing = { kind, name };
  }

  async saveGroup(group: GroupView, oldName: string | null, before: GroupView | null) {
    const { routes } = this;
    const error = await routes.saveGroup(group, oldName, before);
    if (error !== null) return error;
    // As the file says it now: what the host has written may be put otherwise than it was asked for.
    const written = this.folder.groups.find(({ name }) => name === group.name) ?? null;
    this.#saved(fileOf("group", group.name), () =>
      before === null ? routes.removeGroup(group.name) : routes.saveGroup(before, group.name, written),
    );
    return null;
  }

  async savePool(pool: PoolView, oldName: string | null, before: PoolView | null) {
    const { routes } = this;
    const error = await routes.savePool(pool, oldName, before);
    if (error !== null) return error;
    const written = this.folder.pools.find(({ name }) => name === pool.name) ?? null;
    this.#saved(fileOf("pool", pool.name), () =>
      before === null ? routes.removePool(pool.name) : routes.savePool(before, pool.name, written),
    );
    return null;
  }

  /** Removes what was asked about; what it said is written again when that is taken back. */
  async remove(): Promise<void> {
    const { removing } = this;
    this.removing = null;
    if (removing === null) return;
    const { kind, name } = removing;
    const group = this.folder.groups.find((one) => one.name === name);
    const pool = this.folder.pools.find((one) => one.name === name);
    const error = await (kind === "group" ? this.routes.removeGroup(name) : this.routes.removePool(name));
    if (error !== null) {
      toasts.error(error);
      return;
    }
    const restore = () =>
      kind === "group" && group !== undefined
        ? this.routes.saveGroup(group, null, null)
        : pool !== undefined
          ? this.routes.savePool(pool, null, null)
          : Promise.resolve(null);
    toasts.say(routeForms().removed(fileOf(kind, name)), this.#undo(restore));
  }

  #saved(file: string, undo: () => Promise<AppError | null>): void {
    this.editing = null;
    toasts.say(routeForms().saved(file), this.#undo(undo));
  }

  #undo(undo: () => Promise<AppError | null>): { label: string; run: () => void } {
    const run = async () => {
      const error = await undo();
      if (error !== null) toasts.error(error);
    };
    return { label: routeForms().undo, run: () => void run() };
  }
}

const KEY = Symbol("routing");

export function setRouting(room: RoutingRoom): void {
  setContext(KEY, room);
}

export function getRouting(): RoutingRoom {
  return getContext<RoutingRoom>(KEY);
}
