import { THIS_MONTH } from "./blankFilter";
import type { Settings } from "./bindings/Settings";

/** Settings nobody has changed yet, for the window and the fake host: as the real host's default. */
export const BLANK_SETTINGS: Settings = {
  theme: "system",
  language: "system",
  default_lanes: [],
  onboarded: false,
  time_zone: null,
  currency: null,
  spend_filter: THIS_MONTH,
  alerts: { desktop: true, spikes: true, prices: true, spike_factor: 3 },
  telemetry: { metrics_port: null, otlp_endpoint: null },
};
