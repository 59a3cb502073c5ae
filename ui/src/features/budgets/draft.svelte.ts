import type { BudgetDraft } from "../../backend/bindings/BudgetDraft";
import type { BudgetPeriod } from "../../backend/bindings/BudgetPeriod";
import type { BudgetScopeKind } from "../../backend/bindings/BudgetScopeKind";
import type { OnLimit } from "../../backend/bindings/OnLimit";
import { digitsOf } from "../../shared/decimal";
import { budgets } from "../../shared/i18n/messages/budgets";

export type PeriodKind = BudgetPeriod["kind"];

const FIRST_ALERTS = [50, 80, 100];
const MOST_PERCENT = 1000;
const MOST_DAYS = 366;
const MOST_NAME = 80;
const MOST_PLACES = 12;
const USUAL_DAYS = "30";

/** A limit as it is typed: `$` and blanks are left out. Digits stay text: money never becomes a float. */
export const limitOf = (text: string): string => text.replace(/[\s$]/g, "");

/** `null`: it is no list of steps. */
export function percentsOf(text: string): number[] | null {
  const parts = text
    .split(/[,;\s%，、]+/)
    .filter((part) => part !== "")
    .map((part) => (/^\d{1,4}$/.test(part) ? Number(part) : Number.NaN));
  if (parts.some((part) => !(part >= 1 && part <= MOST_PERCENT))) return null;
  return [...new Set(parts)].toSorted((a, b) => a - b);
}

/** A budget as it is being written, field by field, and what is wrong in it. */
export class BudgetForm {
  name = $state("");
  kind = $state<BudgetScopeKind>("everything");
  which = $state<string | null>(null);
  period = $state<PeriodKind>("month");
  days = $state(USUAL_DAYS);
  limit = $state("");
  percents = $state(FIRST_ALERTS.join(", "));
  onLimit = $state<OnLimit>("stop");
  cheaperTargets = $state.raw<string[]>([]);
  unpricedAllowed = $state.raw<string[]>([]);
  simulated = $state(false);
  beginAnew = $state(false);
  /** Somebody has tried to save: what is missing is said from then on. */
  insisted = $state(false);

  readonly problems = $derived.by(() => ({
    name: this.name.trim().length > MOST_NAME ? budgets().longName : undefined,
    which: this.kind !== "everything" && this.which === null ? budgets().needWhich : undefined,
    days: this.period === "rolling" && !isDays(this.days) ? budgets().badDays : undefined,
    limit: limitProblem(limitOf(this.limit)),
    percents: percentsOf(this.percents) === null ? budgets().badAlerts : undefined,
  }));
  readonly sound = $derived(Object.values(this.problems).every((problem) => problem === undefined));

  readonly #id: string | null;
  readonly #paused: boolean;

  constructor(draft: Partial<BudgetDraft> = {}) {
    this.#id = draft.id ?? null;
    this.#paused = draft.paused ?? false;
    this.name = draft.name ?? "";
    this.kind = draft.scope?.kind ?? "everything";
    this.which = draft.scope?.name ?? null;
    this.period = draft.period?.kind ?? "month";
    if (draft.period?.kind === "rolling") this.days = String(draft.period.days);
    this.limit = draft.limit_usd ?? "";
    this.percents = (draft.alert_percents ?? FIRST_ALERTS).join(", ");
    this.onLimit = draft.on_limit ?? "stop";
    this.cheaperTargets = draft.cheaper_targets ?? [];
    this.unpricedAllowed = draft.unpriced_allowed ?? [];
    this.simulated = draft.simulated ?? false;
  }

  get isNew(): boolean {
    return this.#id === null;
  }

  countBy(kind: BudgetScopeKind): void {
    this.kind = kind;
    this.which = null;
  }

  /** What is wrong with a field, once its being empty is no longer what everybody expects. */
  said(field: keyof BudgetForm["problems"]): string | undefined {
    const begun = { name: true, which: false, days: true, limit: this.limit !== "", percents: true }[field];
    return begun || this.insisted ? this.problems[field] : undefined;
  }

  draft(): BudgetDraft {
    return {
      id: this.#id,
      name: this.name.trim(),
      scope: { kind: this.kind, name: this.kind === "everything" ? null : this.which },
      period:
        this.period === "rolling" ? { kind: "rolling", days: Number(this.days) } : { kind: this.period },
      limit_usd: limitOf(this.limit),
      alert_percents: percentsOf(this.percents) ?? [],
      on_limit: this.onLimit,
      // They stay while another end is chosen: whoever changes back finds them again.
      cheaper_targets: this.cheaperTargets,
      unpriced_allowed: this.unpricedAllowed,
      simulated: this.simulated,
      paused: this.#paused,
    };
  }
}

const isDays = (text: string) =>
  /^\d{1,3}$/.test(text.trim()) && Number(text) >= 1 && Number(text) <= MOST_DAYS;

function limitProblem(limit: string): string | undefined {
  if (limit === "") return budgets().needLimit;
  const digits = digitsOf(limit);
  if (digits === null || (digits.whole === "0" && digits.fraction === "")) return budgets().badLimit;
  return digits.fraction.length > MOST_PLACES ? budgets().longLimit : undefined;
}
