import Check from "@lucide/svelte/icons/circle-check";
import Dashed from "@lucide/svelte/icons/circle-dashed";
import Question from "@lucide/svelte/icons/circle-question-mark";
import Refused from "@lucide/svelte/icons/circle-x";
import Flask from "@lucide/svelte/icons/flask-conical";
import KeyRound from "@lucide/svelte/icons/key-round";
import Loader from "@lucide/svelte/icons/loader-circle";
import type { Component } from "svelte";
import type { KeyState } from "../../backend/bindings/KeyState";
import type { ProviderView } from "../../backend/bindings/ProviderView";
import { settingsWords } from "../../shared/i18n/messages/settings";

/** A state as it is shown: by shape and word, with a colour that only repeats them. */
export interface StateOf {
  icon: Component;
  word: string;
  tone: "plain" | "plain spin" | "ok" | "bad" | "warn";
}

/** A provider stands as its best key does: as long as one works, it can be asked. */
export function stateOfProvider(provider: ProviderView, busy: boolean): StateOf {
  const words = settingsWords();
  if (busy) return { icon: Loader, word: words.checking, tone: "plain spin" };
  if (provider.simulated) return { icon: Flask, word: words.simulated, tone: "plain" };
  const best = provider.keys.find(({ state }) => state === "accepted") ?? provider.key;
  if (best !== null) return stateOfKey(best.state);
  return provider.needs_key
    ? { icon: KeyRound, word: words.noKey, tone: "warn" }
    : { icon: Check, word: words.noKeyNeeded, tone: "plain" };
}

export function stateOfKey(state: KeyState): StateOf {
  const words = settingsWords();
  switch (state) {
    case "accepted":
      return { icon: Check, word: words.connected, tone: "ok" };
    case "refused":
      return { icon: Refused, word: words.refused, tone: "bad" };
    case "unknown":
      return { icon: Question, word: words.unknown, tone: "warn" };
    case "missing":
      return { icon: KeyRound, word: words.missing, tone: "warn" };
    case "unchecked":
      return { icon: Dashed, word: words.unchecked, tone: "plain" };
  }
}
