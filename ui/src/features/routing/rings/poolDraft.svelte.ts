import type { PoolFallbackView } from "../../../backend/bindings/PoolFallbackView";
import type { PoolView } from "../../../backend/bindings/PoolView";

export type PoolField = "health_check_interval" | "failure_threshold" | "recovery_time";

const PLAIN_FALLBACK: PoolFallbackView = { strategy: "instance_rotation", max_instance_attempts: null };

/** A pool while it is edited. Nothing is written until it is saved. */
export class PoolDraft {
  pool: PoolView;
  readonly #first: string;

  constructor(
    readonly first: PoolView,
    /** The name of the file it comes from; `null` for a new one. */
    readonly oldName: string | null,
  ) {
    this.pool = $state(structuredClone(first));
    this.#first = JSON.stringify(first);
  }

  get changed(): boolean {
    return this.oldName === null || !this.readable || JSON.stringify(this.result) !== this.#first;
  }

  /** Whether every number is one. */
  get readable(): boolean {
    const { pool } = this;
    return [
      pool.health_check_interval,
      pool.failure_threshold,
      pool.recovery_time,
      pool.fallback_config?.max_instance_attempts ?? null,
      ...Object.values(pool.weights),
    ].every((number) => !Number.isNaN(number));
  }

  get ready(): boolean {
    return this.pool.name.trim() !== "" && this.pool.task_groups.length > 0 && this.readable;
  }

  get weighted(): boolean {
    return this.pool.rotation_strategy === "weighted";
  }

  /** What is to be written. Weights of those who are not in the ring any more go with them. */
  get result(): PoolView {
    const pool = $state.snapshot(this.pool);
    const description = pool.description?.trim() ?? "";
    const weights = Object.fromEntries(
      Object.entries(pool.weights).filter(([entry]) => pool.task_groups.includes(entry)),
    );
    const idle =
      this.first.fallback_config === null &&
      JSON.stringify(pool.fallback_config) === JSON.stringify(PLAIN_FALLBACK);
    return {
      ...pool,
      name: pool.name.trim(),
      description: description === "" ? null : description,
      weights,
      fallback_config: idle ? null : pool.fallback_config,
    };
  }

  get fallback(): PoolFallbackView {
    return this.pool.fallback_config ?? PLAIN_FALLBACK;
  }

  changeFallback(change: Partial<PoolFallbackView>): void {
    this.pool.fallback_config = { ...$state.snapshot(this.fallback), ...change };
  }

  setMembers(members: string[]): void {
    this.pool.task_groups = members;
  }

  /** `null` gives it the weight of one who has none: 1. */
  setWeight(entry: string, weight: number | null): void {
    if (weight === null) Reflect.deleteProperty(this.pool.weights, entry);
    else this.pool.weights[entry] = weight;
  }

  setField(field: PoolField, value: number | null): void {
    this.pool[field] = value;
  }
}
