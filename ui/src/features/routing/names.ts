import type { ModelView } from "../../backend/bindings/ModelView";
import { routing } from "../../shared/i18n/messages/routing";
import { groupModels } from "../models/find";
import { groupNames, type Folder } from "./entries";

/** Something that can be named, under a heading. */
export interface NameGroup {
  key: string;
  title: string;
  /** Whose colour stands beside the heading. */
  provider: string | null;
  items: { key: string; name: string; label: string; about: string }[];
}

function plain(key: string, title: string, names: { name: string; about: string }[]): NameGroup[] {
  if (names.length === 0) return [];
  const items = names.map(({ name, about }) => ({ key: `${key}-${name}`, name, label: name, about }));
  return [{ key, title, provider: null, items }];
}

/** What can stand on a rung: aliases, then the models by provider; without those that stand there already. */
export function modelNames(
  folder: Folder,
  models: readonly ModelView[],
  taken: readonly string[] = [],
): NameGroup[] {
  const free = (name: string) => !taken.includes(name);
  const aliases = folder.aliases
    .filter(({ name }) => free(name))
    .map(({ name, model }) => ({ name, about: model }));
  return [
    ...plain("alias", routing().aliases, aliases),
    ...groupModels(models.filter(({ target }) => free(target))).map((group) => ({
      key: group.key,
      title: group.name,
      provider: group.key,
      items: group.items.map(({ model }) => ({
        key: model.target,
        name: model.target,
        label: model.name,
        about: model.target,
      })),
    })),
  ];
}

/** Groups and their echelons, as pools and other groups name them. */
export function ladderNames(folder: Folder, taken: readonly string[] = []): NameGroup[] {
  const names = groupNames(folder).filter((name) => !taken.includes(name));
  return plain(
    "group",
    routing().groups,
    names.map((name) => ({
      name,
      about: folder.groups.find((group) => group.name === name)?.description ?? "",
    })),
  );
}

/** Everything that can be asked. */
export function targetNames(folder: Folder, models: readonly ModelView[]): NameGroup[] {
  const pools = folder.pools.map(({ name, description }) => ({ name, about: description ?? "" }));
  return [
    ...plain("auto", routing().everybody, [{ name: "auto", about: routing().autoNote }]),
    ...plain("pool", routing().pools, pools),
    ...ladderNames(folder),
    ...modelNames(folder, models),
  ];
}

/** Those that hold every word of the search. */
export function findNames(groups: readonly NameGroup[], search: string): NameGroup[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const fits = (text: string) => words.every((word) => text.toLowerCase().includes(word));
  return groups
    .map((group) => ({
      ...group,
      items: group.items.filter(({ name, label, about }) => fits(`${name} ${label} ${about} ${group.title}`)),
    }))
    .filter(({ items }) => items.length > 0);
}
