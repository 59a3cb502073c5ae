import type { ActionView } from "./bindings/ActionView";
import type { ConditionsView } from "./bindings/ConditionsView";
import type { EchelonView } from "./bindings/EchelonView";

/** A rung that says nothing but whom to ask. */
export function emptyEchelon(number: number, models: string[] = []): EchelonView {
  return {
    number,
    models,
    concurrency_limit: null,
    rpm_limit: null,
    tpm_limit: null,
    priority: null,
    timeout: null,
    max_retries: null,
    temperature: null,
    max_tokens: null,
  };
}

/** Conditions that always hold. */
export const NO_CONDITIONS: ConditionsView = {
  task: [],
  complexity: [],
  language: [],
  min_tokens: null,
  max_tokens: null,
  attachments: [],
  keywords: [],
  regex: null,
  tags: [],
  time: null,
  weekdays: [],
  cost_so_far: null,
};

/** An action that does nothing yet. */
export const NO_ACTION: ActionView = {
  to: null,
  only: [],
  never: [],
  local_only: false,
  priority: null,
  strategy: null,
  stop: false,
};
