import type { ModelView } from "../../../backend/bindings/ModelView";

const MOST = 4;

/** Models worth a comparison at once: set up and priced, one of each provider, those not in use already before others. */
export function targetsToTry(
  models: readonly ModelView[],
  used: ReadonlySet<string>,
  simulated: boolean,
): string[] {
  const priced = models.filter(
    (model) => model.ready && model.price !== null && model.simulated === simulated,
  );
  const known = [
    ...priced.filter(({ target }) => !used.has(target)),
    ...priced.filter(({ target }) => used.has(target)),
  ];
  const providers = new Set<string>();
  const first = known.filter(({ provider }) => {
    if (providers.has(provider)) return false;
    providers.add(provider);
    return true;
  });
  const rest = known.filter((model) => !first.includes(model));
  return [...first, ...rest].slice(0, MOST).map(({ target }) => target);
}
