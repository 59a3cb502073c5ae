import { getContext, setContext } from "svelte";
import type { Backend } from "../../backend/backend";
import type { AppError } from "../../backend/bindings/AppError";
import type { BudgetDraft } from "../../backend/bindings/BudgetDraft";
import type { BudgetOverrideView } from "../../backend/bindings/BudgetOverrideView";
import type { BudgetView } from "../../backend/bindings/BudgetView";
import { asAppError } from "../../backend/errors";
import { toasts } from "../../shared/ui/toasts.svelte";

/** Other processes spend too, and periods end by themselves. */
const EVERY_MS = 30_000;
/** Several answers that end together are one reason to look. */
const SOON_MS = 250;

/** All budgets, as the whole window sees them. */
export class Budgets {
  /** `null` until the host has answered. */
  views = $state.raw<BudgetView[] | null>(null);
  /** Why they could not be asked for the last time. */
  error = $state.raw<AppError | null>(null);
  /** When `views` was asked for. */
  at = $state(0);

  /** Somebody was led here: the list comes into view. */
  wanted = $state(false);
  /** The one of them somebody was led to. */
  wantedOne = $state<string | null>(null);

  #soon: ReturnType<typeof setTimeout> | null = null;

  constructor(
    readonly backend: Backend,
    readonly openRoom: () => void,
  ) {}

  /** Leads to where budgets are listed. */
  show = (): void => {
    this.wanted = true;
    this.openRoom();
  };

  /** Leads to one of them. */
  showOne(id: string): void {
    this.wantedOne = id;
    this.show();
  }

  async refresh(): Promise<void> {
    try {
      this.#put(await this.backend.listBudgets());
    } catch (thrown) {
      this.error = asAppError(thrown);
    }
  }

  /** Something was spent or set aside. */
  changed(): void {
    if (this.#soon !== null) return;
    this.#soon = setTimeout(() => {
      this.#soon = null;
      void this.refresh();
    }, SOON_MS);
  }

  /** Looks now and again while the window is seen. Gives what ends it. */
  follow(): () => void {
    void this.refresh();
    const timer = setInterval(() => {
      if (!document.hidden) void this.refresh();
    }, EVERY_MS);
    return () => {
      clearInterval(timer);
      if (this.#soon !== null) clearTimeout(this.#soon);
      this.#soon = null;
    };
  }

  /** Rejects with what the host says against it: that belongs beside the fields. */
  async save(draft: BudgetDraft, beginAnew = false): Promise<void> {
    this.#put(await this.backend.saveBudget(draft, beginAnew));
  }

  async pause(id: string, paused: boolean): Promise<void> {
    try {
      this.#put(await this.backend.pauseBudget(id, paused));
    } catch (thrown) {
      toasts.error(asAppError(thrown));
    }
  }

  /** Its period begins now, with nothing in it. */
  async beginAnew(draft: BudgetDraft): Promise<void> {
    try {
      await this.save(draft, true);
    } catch (thrown) {
      toasts.error(asAppError(thrown));
    }
  }

  async remove(id: string): Promise<void> {
    try {
      this.#put(await this.backend.removeBudget(id));
    } catch (thrown) {
      toasts.error(asAppError(thrown));
    }
  }

  /** What was sent against one because somebody said so, the newest first. */
  overrides(id: string): Promise<BudgetOverrideView[]> {
    return this.backend.listBudgetOverrides(id);
  }

  #put(views: BudgetView[]): void {
    this.views = views;
    this.at = Date.now();
    this.error = null;
  }
}

const KEY = Symbol("budgets");

export function setBudgets(budgets: Budgets): void {
  setContext(KEY, budgets);
}

export function getBudgets(): Budgets {
  return getContext<Budgets>(KEY);
}
