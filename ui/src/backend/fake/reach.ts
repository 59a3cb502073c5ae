import type { ChosenBecause } from "../bindings/ChosenBecause";
import type { ChosenMerit } from "../bindings/ChosenMerit";
import type { ModelView } from "../bindings/ModelView";
import type { OfferView } from "../bindings/OfferView";
import type { RunRoute } from "../bindings/RunRoute";
import type { TraceSaying } from "../bindings/TraceSaying";
import { expand, isRoute } from "./expand";
import type { FakeState } from "./state";

/** The model a target asks first, and how it came to it; no route for a model by its own name. */
export function reach(state: FakeState, target: string): { model: ModelView; route: RunRoute | null } {
  const { provider, model: name } = state.resolve(target);
  const model = state.model(`${provider}/${name}`);
  if (!isRoute(state.routing, target)) return { model, route: null };
  const from = expand(state.routing, target)?.find((one) => one.target === model.target)?.route ?? null;
  const reason = `${model.target} was chosen because of its speed and reliability.`;
  const merits: ChosenMerit[] = [{ code: "performance", speed: null }];
  const because: ChosenBecause = { code: "merits", merits };
  const saying: TraceSaying = { code: "chosen", model: model.target, route: null, because, rules: [] };
  return { model, route: { asked: target, from, fell_back: false, reason, saying } };
}

/** Who else of a route could go on or begin anew when this one breaks; nobody where a model was asked by its name. */
export function offersOf(state: FakeState, target: string, broken: string): OfferView[] {
  if (!isRoute(state.routing, target)) return [];
  const others = (expand(state.routing, target) ?? []).filter((one) => one.target !== broken).slice(0, 3);
  return (["continue", "regenerate"] as const).flatMap((resume) =>
    others.map(({ target: other }) => ({ resume, target: other, model_name: state.model(other).name })),
  );
}
