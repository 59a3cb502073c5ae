import type { FakeRoutes } from "./routeSeeds";

/** A model a target leads to, and where it stands. */
export interface Reached {
  target: string;
  /** `group.echelonN`. */
  route: string | null;
  rank: number;
}

/** What a target leads to, in order: a pool before a group before an alias before a model. `null`: `auto`, which is everybody. */
export function expand(routes: FakeRoutes, target: string): Reached[] | null {
  if (target === "auto") return null;
  const pool = routes.pools.find(({ name }) => name === target);
  if (pool !== undefined)
    return unique(
      pool.task_groups.flatMap((entry) => stood(routes, entry)).map((one) => ({ ...one, rank: 0 })),
    );
  const reached = stood(routes, target);
  return reached.length > 0 ? unique(reached) : [{ target: modelOf(routes, target), route: null, rank: 0 }];
}

/** The model behind an alias; any other name stays. */
export function modelOf(routes: FakeRoutes, name: string): string {
  return routes.aliases.find((alias) => alias.name === name)?.model ?? name;
}

/** Whether a target is no model by its own name. */
export function isRoute(routes: FakeRoutes, target: string): boolean {
  const names = [...routes.pools, ...routes.groups, ...routes.aliases].map(({ name }) => name);
  return target === "auto" || names.includes(target) || stood(routes, target).length > 0;
}

function stood(routes: FakeRoutes, entry: string): Reached[] {
  const [name, echelon] = entry.split(".");
  const group = routes.groups.find((candidate) => candidate.name === name);
  return (group?.echelons ?? [])
    .filter(({ number }) => echelon === undefined || echelon === `echelon${number}`)
    .flatMap((rung, rank) =>
      rung.models.map((model) => ({
        target: modelOf(routes, model),
        route: `${name ?? ""}.echelon${rung.number}`,
        rank,
      })),
    );
}

function unique(reached: Reached[]): Reached[] {
  return reached.filter((one, at) => reached.findIndex((other) => other.target === one.target) === at);
}
