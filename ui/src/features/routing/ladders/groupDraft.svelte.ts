import type { EchelonView } from "../../../backend/bindings/EchelonView";
import type { GroupFallbackView } from "../../../backend/bindings/GroupFallbackView";
import type { GroupView } from "../../../backend/bindings/GroupView";
import { emptyEchelon } from "../../../backend/blankRoutes";

export type RungField = Exclude<keyof EchelonView, "number" | "models">;

/** Where a model stands: counted from 0, from the top and from the start. */
export interface Place {
  rung: number;
  at: number;
}

const PLAIN_FALLBACK: GroupFallbackView = {
  strategy: "echelon_down",
  fallback_groups: [],
  max_attempts: null,
  retry_delay: null,
  circuit_breaker: null,
  after_commit: null,
  last_resort: null,
};

/** A group while it is edited. Nothing is written until it is saved; giving it up leaves the file as it is. */
export class GroupDraft {
  group: GroupView;
  readonly #first: string;

  constructor(
    readonly first: GroupView,
    /** The name of the file it comes from; `null` for a new one. */
    readonly oldName: string | null,
  ) {
    this.group = $state(structuredClone(first));
    this.#first = JSON.stringify(first);
  }

  /** Whether there is something to save. A field that cannot be read counts: giving up is the way out of it, too. */
  get changed(): boolean {
    return this.oldName === null || !this.readable || JSON.stringify(this.result) !== this.#first;
  }

  /** Whether every number is one. */
  get readable(): boolean {
    return numbersOf(this.group).every((number) => !Number.isNaN(number));
  }

  /** Whether it could be saved, as far as this window knows. */
  get ready(): boolean {
    const { name, echelons } = this.group;
    return (
      name.trim() !== "" &&
      echelons.length > 0 &&
      echelons.every(({ models }) => models.length > 0) &&
      this.readable
    );
  }

  /** What is to be written: names without space around them, and nothing where nothing is said. */
  get result(): GroupView {
    const group = $state.snapshot(this.group);
    const description = group.description?.trim() ?? "";
    const { fallback_config } = group;
    // What was not in the file and says nothing new does not get into it.
    const idle =
      this.first.fallback_config === null &&
      JSON.stringify(fallback_config) === JSON.stringify(PLAIN_FALLBACK);
    return {
      ...group,
      name: group.name.trim(),
      description: description === "" ? null : description,
      fallback_config: idle ? null : fallback_config,
    };
  }

  /** What is said about failing calls; the standard where nothing is. */
  get fallback(): GroupFallbackView {
    return this.group.fallback_config ?? PLAIN_FALLBACK;
  }

  changeFallback(change: Partial<GroupFallbackView>): void {
    this.group.fallback_config = { ...$state.snapshot(this.fallback), ...change };
  }

  changeBreaker(change: Partial<NonNullable<GroupFallbackView["circuit_breaker"]>>): void {
    const nothing = { failure_threshold: null, recovery_time: null, half_open_requests: null };
    const breaker = { ...nothing, ...$state.snapshot(this.fallback.circuit_breaker), ...change };
    const empty = Object.values(breaker).every((value) => value === null);
    this.changeFallback({ circuit_breaker: empty ? null : breaker });
  }

  addRung(): void {
    const highest = Math.max(0, ...this.group.echelons.map(({ number }) => number));
    this.group.echelons.push(emptyEchelon(highest + 1));
  }

  /** The numbers of the others stay: other files may name them. */
  removeRung(rung: number): void {
    this.group.echelons.splice(rung, 1);
  }

  /**
   * Two neighbours change places. Number and priority belong to the place on the ladder, not to what stands there, so that
   * the order is the same after the file was read again.
   */
  moveRung(rung: number, by: -1 | 1): boolean {
    const one = this.group.echelons[rung];
    const other = this.group.echelons[rung + by];
    if (one === undefined || other === undefined) return false;
    this.group.echelons[rung] = { ...other, number: one.number, priority: one.priority };
    this.group.echelons[rung + by] = { ...one, number: other.number, priority: other.priority };
    return true;
  }

  setField(rung: number, field: RungField, value: number | null): void {
    const echelon = this.group.echelons[rung];
    if (echelon !== undefined) echelon[field] = value;
  }

  addModel(rung: number, model: string): void {
    const models = this.group.echelons[rung]?.models;
    if (models !== undefined && !models.includes(model)) models.push(model);
  }

  removeModel({ rung, at }: Place): void {
    this.group.echelons[rung]?.models.splice(at, 1);
  }

  /** Puts a model elsewhere. `null`: there is no such place, or it stands there already. */
  moveModel(from: Place, to: Place): Place | null {
    const source = this.group.echelons[from.rung]?.models;
    const goal = this.group.echelons[to.rung]?.models;
    const model = source?.[from.at];
    if (source === undefined || goal === undefined || model === undefined) return null;
    if (source !== goal && goal.includes(model)) return null;
    const at = Math.min(Math.max(to.at, 0), source === goal ? source.length - 1 : goal.length);
    if (source === goal && at === from.at) return null;
    source.splice(from.at, 1);
    goal.splice(at, 0, model);
    return { rung: to.rung, at };
  }
}

function numbersOf({ echelons, fallback_config }: GroupView): (number | null)[] {
  const breaker = fallback_config?.circuit_breaker;
  return [
    ...echelons.flatMap((echelon) => RUNG_FIELDS.map((field) => echelon[field])),
    fallback_config?.max_attempts ?? null,
    fallback_config?.retry_delay ?? null,
    breaker?.failure_threshold ?? null,
    breaker?.recovery_time ?? null,
    breaker?.half_open_requests ?? null,
  ];
}

export const RUNG_FIELDS: readonly RungField[] = [
  "rpm_limit",
  "tpm_limit",
  "concurrency_limit",
  "timeout",
  "max_retries",
  "priority",
  "temperature",
  "max_tokens",
];
