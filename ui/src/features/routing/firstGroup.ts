import type { GroupView } from "../../backend/bindings/GroupView";
import type { ModelView } from "../../backend/bindings/ModelView";
import type { PoolView } from "../../backend/bindings/PoolView";
import { emptyEchelon } from "../../backend/blankRoutes";

/** How many models stand below the first: enough to fall back on, few enough to look at. */
const MOST_BELOW = 3;

export function emptyGroup(name = ""): GroupView {
  return { name, description: null, echelons: [emptyEchelon(1)], fallback_config: null };
}

export function emptyPool(): PoolView {
  return {
    name: "",
    description: null,
    task_groups: [],
    rotation_strategy: "round_robin",
    weights: {},
    health_check_interval: null,
    failure_threshold: null,
    recovery_time: null,
    fallback_config: null,
  };
}

/**
 * A ladder of the models in use: the first on top, the others below it. Where lanes say nothing, one model of each provider
 * that is set up. `null`: no model can be asked.
 */
export function firstGroup(
  name: string,
  inUse: readonly string[],
  models: readonly ModelView[],
): GroupView | null {
  const ready = models.filter((model) => model.ready);
  const used = inUse.filter((target) => ready.some((model) => model.target === target));
  const perProvider = ready.filter(
    (model, at) => ready.findIndex((other) => other.provider === model.provider) === at,
  );
  const [first, ...rest] = [...new Set([...used, ...perProvider.map(({ target }) => target)])];
  if (first === undefined) return null;
  const below = rest.slice(0, MOST_BELOW);
  const echelons = [emptyEchelon(1, [first]), ...(below.length > 0 ? [emptyEchelon(2, below)] : [])];
  return { ...emptyGroup(name), echelons };
}

/** A name that is not taken: the wished one, or the wished one with a number. */
export function freeName(wished: string, taken: readonly string[]): string {
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? wished : `${wished}-${number}`;
    if (!taken.includes(name)) return name;
  }
}
