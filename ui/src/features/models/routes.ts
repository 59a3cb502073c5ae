import type { EchelonView } from "../../backend/bindings/EchelonView";
import type { ModelView } from "../../backend/bindings/ModelView";
import type { RoutesView } from "../../backend/bindings/RoutesView";
import { trace } from "../../shared/i18n/messages/trace";
import { entryOf, modelsBehind } from "../routing/entries";

/** What stands in a lane instead of a model: `auto`, a group, one of its rungs, a pool, an alias. */
export interface RouteChoice {
  target: string;
  kind: "auto" | "group" | "echelon" | "pool" | "alias";
  /** What it is for or does, and whom it leads to; in one line. */
  about: string;
  /** Provider slugs of whom it asks first, for the dots. */
  providers: string[];
}

const MOST_DOTS = 4;

/** Everything the routing files offer, the widest first; `auto` is there without any file. */
export function routeChoices(routes: RoutesView | null, models: readonly ModelView[]): RouteChoice[] {
  const words = trace();
  const auto: RouteChoice = { target: "auto", kind: "auto", about: words.autoNote, providers: [] };
  if (routes === null) return [auto];
  const entries = (names: string[]) => names.map((name) => entryOf(name, routes, models));
  const namesOf = (names: string[]) =>
    entries(names)
      .map(({ name }) => name)
      .join(", ");
  const providersOf = (names: string[]) =>
    [...new Set(entries(names).map(({ provider }) => provider))].slice(0, MOST_DOTS);

  const rung = (group: string, echelon: EchelonView): RouteChoice => ({
    target: `${group}.echelon${echelon.number}`,
    kind: "echelon",
    about: namesOf(echelon.models),
    providers: providersOf(echelon.models),
  });
  return [
    auto,
    ...routes.pools.map(({ name, description, rotation_strategy, task_groups }): RouteChoice => {
      const first = task_groups.flatMap((entry) => modelsBehind(entry, routes) ?? []);
      const about = joined(description, words.rotates(rotation_strategy), task_groups.join(", "));
      return { target: name, kind: "pool", about, providers: providersOf(first) };
    }),
    ...routes.groups.flatMap(({ name, description, echelons }): RouteChoice[] => {
      const first = echelons[0]?.models ?? [];
      const about = joined(description, words.rungs(echelons.length), namesOf(first));
      const group: RouteChoice = { target: name, kind: "group", about, providers: providersOf(first) };
      return echelons.length > 1 ? [group, ...echelons.map((echelon) => rung(name, echelon))] : [group];
    }),
    ...routes.aliases.map(({ name, model }): RouteChoice => {
      return { target: name, kind: "alias", about: namesOf([model]), providers: providersOf([model]) };
    }),
  ];
}

/** Choices that hold every word of the search, in their names, their kinds or what is said of them; by name first. */
export function matchRoutes(choices: readonly RouteChoice[], search: string): RouteChoice[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const holds = (text: string) => words.every((word) => text.toLowerCase().includes(word));
  const found = choices.filter(({ target, kind, about }) => holds(`${target} ${trace()[kind]} ${about}`));
  return found.toSorted((a, b) => Number(holds(b.target)) - Number(holds(a.target)));
}

function joined(...parts: (string | null)[]): string {
  return parts.filter((part) => part !== null && part !== "").join(" · ");
}
