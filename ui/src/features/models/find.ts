import type { ModelView } from "../../backend/bindings/ModelView";

/** The models of one provider; keyed for lists. */
export interface ModelGroup {
  key: string;
  name: string;
  simulated: boolean;
  items: { key: string; model: ModelView }[];
}

/** What a model can be looked for by, beside its name. */
export type Capability = "vision" | "pdf" | "tools" | "reasoning";
export const CAPABILITIES: readonly Capability[] = ["vision", "pdf", "tools", "reasoning"];

/**
 * Models that hold every word of the search, in their names or their provider's, and that are known to have every
 * capability asked for.
 */
export function matchModels(
  models: readonly ModelView[],
  search: string,
  needed: ReadonlySet<Capability> = new Set(),
): ModelView[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return models.filter((model) => {
    for (const capability of needed) if (model[capability] !== true) return false;
    const text = `${model.target} ${model.name} ${model.provider_name}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

/** By provider: those that can be asked first, the demo last, else as they came. */
export function groupModels(models: readonly ModelView[]): ModelGroup[] {
  const groups = new Map<string, ModelGroup>();
  for (const model of models) {
    const { provider, provider_name: name, simulated } = model;
    const group = groups.get(provider) ?? { key: provider, name, simulated, items: [] };
    group.items.push({ key: model.target, model });
    groups.set(provider, group);
  }
  const rank = (group: ModelGroup) =>
    Number(!group.items.some(({ model }) => model.ready)) * 2 + Number(group.simulated);
  return [...groups.values()].sort((a, b) => rank(a) - rank(b));
}

/** How a model stands to its announced end. */
export type Retirement = "later" | "soon" | "over";

const SOON_MS = 90 * 86_400_000;

/** `null` without an announced day. `now` in milliseconds. */
export function retirementOf(model: ModelView, now: number): Retirement | null {
  if (model.retirement_date === null) return null;
  const left = Date.parse(model.retirement_date) - now;
  return left <= 0 ? "over" : left < SOON_MS ? "soon" : "later";
}
