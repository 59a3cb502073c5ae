import type { SpendFilter } from "./bindings/SpendFilter";

/** What the Spend room begins with, for the window and the fake host: as the real host's default. */
export const THIS_MONTH: SpendFilter = {
  range: { kind: "month" },
  step: "auto",
  by: "provider",
  measure: "cost",
  providers: [],
  models: [],
  keys: [],
  sources: [],
  conversations: [],
  folders: [],
  tags: [],
  simulated: false,
};
