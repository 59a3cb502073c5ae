import type { EffectiveValue } from "../../backend/bindings/EffectiveValue";
import type { Layer } from "../../backend/bindings/Layer";
import type { Profile } from "../../backend/bindings/Profile";
import { lanes } from "../../shared/i18n/messages/lanes";
import { valueWords } from "../../shared/i18n/messages/values";
import {
  ALL_PARAMETERS,
  BASIC_NUMBERS,
  MORE_NUMBERS,
  numberLabel,
  shownValue,
  type NumberName,
} from "../../shared/parameters/parameters";
import { timeoutLabel, TIMEOUTS, type TimeoutName } from "./timeouts";

const NUMBERS: ReadonlySet<string> = new Set([...BASIC_NUMBERS, ...MORE_NUMBERS]);

export function isTimeout(name: string): name is TimeoutName {
  return (TIMEOUTS as readonly string[]).includes(name);
}

/** A parameter or a phase of a call, as people call it. */
export function settingLabel(name: string): string {
  if (isTimeout(name)) return timeoutLabel(name);
  if (NUMBERS.has(name)) return numberLabel(name as NumberName);
  const words = lanes();
  return (
    { reasoning_effort: words.effort, stop: words.stopTexts, response_format: words.format }[name] ?? name
  );
}

export function layerName(layer: Layer): string {
  const words = valueWords();
  return {
    user: words.layerUser,
    environment: words.layerEnvironment,
    model: words.layerModel,
    provider: words.layerProvider,
    profile: words.layerProfile,
    default: words.layerDefault,
  }[layer];
}

/** The value in words; empty when nobody says one. */
export function valueWord(value: Pick<EffectiveValue, "name" | "value">): string {
  return value.value === null || value.value === "[]" ? "" : shownValue(value);
}

/** What a profile sets, each with its name: "Temperature 0.2". */
export function setBy(profile: Profile): { name: string; value: string }[] {
  const { params, timeouts } = profile;
  const all: [string, unknown][] = [
    ...ALL_PARAMETERS.map((name): [string, unknown] => [name, params[name]]),
    ...TIMEOUTS.map((name): [string, unknown] => [name, timeouts?.[name]]),
  ];
  return all.flatMap(([name, value]) => {
    const word = value === undefined ? "" : valueWord({ name, value: JSON.stringify(value) });
    return word === "" ? [] : [{ name: settingLabel(name), value: word }];
  });
}
