import type { ChangedValue } from "../../bindings/ChangedValue";
import type { Said } from "../../bindings/Said";
import { say } from "./say";

/** A limit as it is set. */
export function time(ms: number): Said {
  const minutes = Math.floor(ms / 60_000);
  const seconds = (ms % 60_000) / 1_000;
  const text = [minutes > 0 ? `${minutes} min` : "", seconds > 0 || minutes === 0 ? `${seconds} s` : ""];
  return say("value_time", { limit_ms: String(ms) }, text.filter((part) => part !== "").join(" "));
}

/** Nothing is set, and what holds then. */
export const unset = (usual_ms: number): Said =>
  say("value_unset_usual", { limit_ms: String(usual_ms) }, `not set (${time(usual_ms).text})`);

export const times = (count: number): Said => say("value_count", { count: String(count) }, String(count));

export const wholeCall = (provider: string, before: Said, after: Said): ChangedValue => ({
  place: say("place_whole_call", { provider }, `Time for a whole call of ${provider}`),
  before,
  after,
});

/** What a group says of a rung, or of all of it. */
export function groupValue(
  what: "place_rung_retries" | "place_group_attempts",
  subject: string,
  [before, after]: [number, number],
): ChangedValue {
  const file = `groups/${subject.split(".")[0] ?? subject}.yaml`;
  const words =
    what === "place_rung_retries" ? "how often the same model is asked again" : "calls for one request";
  return {
    place: say(what, { subject, file }, `${subject} in ${file}: ${words}`),
    before: times(before),
    after: times(after),
  };
}

export const NEW_RULE: ChangedValue = {
  place: say(
    "place_rule",
    { file: "rules.yaml", rule: "Simple prompts look at the price first" },
    "Rule “Simple prompts look at the price first” in rules.yaml",
  ),
  before: say("value_no_rule", {}, "no such rule"),
  after: say(
    "value_rule",
    { rule: "complexity: [simple]; priority: cost; strategy: cost_optimised" },
    "complexity: [simple]; priority: cost; strategy: cost_optimised",
  ),
};

export const KEPT_ANSWERS: ChangedValue = {
  place: say("place_kept_answers", {}, "Answers that are kept"),
  before: say("value_kept_answers", { mode: "off" }, "none"),
  after: say("value_kept_answers", { mode: "deterministic" }, "those meant to be the same each time"),
};
