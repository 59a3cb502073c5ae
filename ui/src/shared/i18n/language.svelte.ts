import type { Language } from "../../backend/bindings/Language";

export type Tongue = "en" | "zh";

let tongue = $state<Tongue>("en");

/** The language the window speaks now; reading it in a component follows changes. */
export function currentTongue(): Tongue {
  return tongue;
}

/** `system` takes Chinese when the system's first language is a Chinese one, else English. */
export function speak(language: Language): void {
  tongue =
    language === "system" ? (navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en") : language;
  document.documentElement.lang = tongue === "zh" ? "zh-Hans" : "en";
}
