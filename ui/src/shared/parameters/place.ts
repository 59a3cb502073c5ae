import type { EffectiveValue } from "../../backend/bindings/EffectiveValue";
import type { Layer } from "../../backend/bindings/Layer";
import type { Params } from "../../backend/bindings/Params";

/** What parameters are set for: a lane, a model, a provider, a profile. */
export interface ParameterPlace {
  /** How strong what is set here is. */
  readonly layer: Layer;
  readonly params: Params;
  /** Rejects with what the host says against them: that belongs beside the field it is about. */
  save(params: Params): Promise<void>;
  /** What holds, and where it stands; empty where nobody can say. */
  effective(): Promise<EffectiveValue[]>;
}

/** From the strongest. */
export const LAYERS: readonly Layer[] = ["user", "environment", "model", "provider", "profile", "default"];

/** Whether what is set here is not what holds, because a stronger place says something else. */
export function isOverruled(layer: Layer, effective: EffectiveValue | undefined): boolean {
  return effective !== undefined && LAYERS.indexOf(effective.layer) < LAYERS.indexOf(layer);
}
