import type { Backend } from "../../../backend/backend";
import type { AppError } from "../../../backend/bindings/AppError";
import type { ConditionsView } from "../../../backend/bindings/ConditionsView";
import type { DryRunView } from "../../../backend/bindings/DryRunView";
import type { RuleView } from "../../../backend/bindings/RuleView";
import { NO_ACTION, NO_CONDITIONS } from "../../../backend/blankRoutes";
import { asAppError } from "../../../backend/errors";

/** A rule while it is edited; the key stays when it is moved or renamed. */
export interface RuleDraft {
  key: number;
  rule: RuleView;
}

/** The rules while they are edited: one list, saved as a whole, because their order is part of what they mean. */
export class RuleDrafts {
  drafts = $state<RuleDraft[]>([]);
  /** The rule whose fields are shown, by key. */
  open = $state<number | null>(null);
  error = $state.raw<AppError | null>(null);
  saving = $state(false);
  dryRun = $state.raw<DryRunView | null>(null);
  trying = $state(false);
  /** What is in the file, as text; empty before it was read. */
  #kept = $state("");
  #nextKey = 1;

  constructor(
    readonly backend: Backend,
    /** Writes them over what they were begun with. */
    readonly write: (rules: RuleView[], before: RuleView[]) => Promise<AppError | null>,
  ) {}

  /** Takes over what is in the file, unless something here is not saved yet. */
  take(rules: readonly RuleView[]): void {
    const text = JSON.stringify(rules);
    if (text === this.#kept || this.changed) return;
    this.#begin(rules, text);
  }

  /** Goes back to what is in the file. */
  discard(rules: readonly RuleView[]): void {
    this.#begin(rules, JSON.stringify(rules));
  }

  get rules(): RuleView[] {
    return $state.snapshot(this.drafts).map(({ rule }) => rule);
  }

  get changed(): boolean {
    return this.#kept !== "" && JSON.stringify(this.rules) !== this.#kept;
  }

  /** Whether every number is one and every rule has a name. */
  get readable(): boolean {
    return this.drafts.every(({ rule }) => rule.name.trim() !== "" && fits(rule.when) && fits(rule.unless));
  }

  add(name: string): void {
    const key = this.#nextKey++;
    const rule = { name, enabled: true, when: NO_CONDITIONS, unless: NO_CONDITIONS, then: NO_ACTION };
    this.drafts.push({ key, rule: structuredClone(rule) });
    this.open = key;
  }

  remove(at: number): void {
    this.drafts.splice(at, 1);
  }

  move(at: number, by: -1 | 1): boolean {
    const [one, other] = [this.drafts[at], this.drafts[at + by]];
    if (one === undefined || other === undefined) return false;
    this.drafts[at] = other;
    this.drafts[at + by] = one;
    return true;
  }

  async save(): Promise<boolean> {
    this.saving = true;
    const rules = this.rules;
    this.error = await this.write(rules, JSON.parse(this.#kept) as RuleView[]);
    this.saving = false;
    if (this.error !== null) return false;
    this.#kept = JSON.stringify(rules);
    return true;
  }

  /** Tries the rules as they stand here, saved or not, on the prompts of the past. */
  async try(): Promise<void> {
    this.trying = true;
    try {
      this.dryRun = await this.backend.dryRunRules(this.rules);
      this.error = null;
    } catch (thrown) {
      this.error = asAppError(thrown);
    } finally {
      this.trying = false;
    }
  }

  #begin(rules: readonly RuleView[], text: string): void {
    this.#kept = text;
    this.drafts = structuredClone(rules).map((rule) => ({ key: this.#nextKey++, rule }));
    this.open = null;
    this.error = null;
    this.dryRun = null;
  }
}

const TIME = /^([01]\d|2[0-3]):[0-5]\d$/;
const USD = /^\d{1,9}(\.\d{1,12})?$/;

/** `null`: it is an amount, or nothing. */
export function isUsd(text: string): boolean {
  return USD.test(text);
}

export function isTime(text: string): boolean {
  return TIME.test(text);
}

function fits({ min_tokens, max_tokens, time, cost_so_far }: ConditionsView): boolean {
  const numbers = [min_tokens, max_tokens].every((number) => !Number.isNaN(number));
  const times = time === null || (isTime(time.from) && isTime(time.to));
  const amounts = Object.values(cost_so_far ?? {}).every((usd) => usd === null || isUsd(usd));
  return numbers && times && amounts;
}

/** A list as people write it: commas between. */
export function listOf(text: string): string[] {
  return [
    ...new Set(
      text
        .split(/[,，、]/)
        .map((part) => part.trim())
        .filter((part) => part !== ""),
    ),
  ];
}
