import type { GroupView } from "../../backend/bindings/GroupView";
import type { ModelView } from "../../backend/bindings/ModelView";
import type { RoutesView } from "../../backend/bindings/RoutesView";

/** A model as a chip shows it. */
export interface Entry {
  /** As it stands in the file: `provider/model` or an alias. */
  written: string;
  /** `provider/model`. */
  target: string;
  provider: string;
  name: string;
  /** The alias that was written. */
  alias: string | null;
  /** No provider lists it and the catalogue does not know it. */
  known: boolean;
}

export type Folder = Pick<RoutesView, "groups" | "pools" | "aliases">;

export const EMPTY_FOLDER: Folder = { groups: [], pools: [], aliases: [] };

export function entryOf(written: string, folder: Folder, models: readonly ModelView[]): Entry {
  const alias = folder.aliases.find((one) => one.name === written);
  const target = alias?.model ?? written;
  const model = models.find((one) => one.target === target);
  const slash = target.indexOf("/");
  return {
    written,
    target,
    provider: model?.provider ?? (slash < 0 ? target : target.slice(0, slash)),
    name: model?.name ?? target.slice(slash + 1),
    alias: alias?.name ?? null,
    known: model !== undefined,
  };
}

/** Every model a group, or `group.echelonN`, leads to, each once. `null`: there is no such group. */
export function modelsBehind(entry: string, folder: Folder): string[] | null {
  const rungs = rungsOf(entry, folder.groups);
  if (rungs === null) return null;
  const targets = rungs
    .flatMap((rung) => rung.models)
    .map((model) => folder.aliases.find((alias) => alias.name === model)?.model ?? model);
  return [...new Set(targets)];
}

function rungsOf(entry: string, groups: readonly GroupView[]): GroupView["echelons"] | null {
  const dot = entry.indexOf(".");
  const group = groups.find(({ name }) => name === (dot < 0 ? entry : entry.slice(0, dot)));
  if (group === undefined) return null;
  if (dot < 0) return group.echelons;
  const rung = group.echelons.filter(({ number }) => entry.slice(dot + 1) === `echelon${number}`);
  return rung.length === 0 ? null : rung;
}

/** The groups and their echelons, as other groups and pools can name them. */
export function groupNames(folder: Folder): string[] {
  return folder.groups.flatMap((group) => [
    group.name,
    ...(group.echelons.length > 1
      ? group.echelons.map(({ number }) => `${group.name}.echelon${number}`)
      : []),
  ]);
}

/** Everything that can be asked beside models. */
export function routeNames(folder: Folder): string[] {
  return [
    ...folder.pools.map(({ name }) => name),
    ...groupNames(folder),
    ...folder.aliases.map(({ name }) => name),
  ];
}

/** Every file's name, as people know it from the folder. */
export function fileOf(kind: "group" | "pool", name: string): string {
  return `${kind}s/${name}.yaml`;
}
