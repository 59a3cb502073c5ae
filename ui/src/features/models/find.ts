import type { ModelView } from "../../backend/bindings/ModelView";

/** The models of one provider; keyed for lists. */
export interface ModelGroup {
  key: string;
  name: string;
  simulated: boolean;
  items: { key: string; model: ModelView }[];
}

/** Models that hold every word of the search, in their names or their provider's. */
export function matchModels(models: readonly ModelView[], search: string): ModelView[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return models.filter((model) => {
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
