import type { KeyView } from "../../backend/bindings/KeyView";
import { settingsWords } from "../../shared/i18n/messages/settings";

/** Where a key is, in words. */
export function placeOfKey(key: KeyView): string {
  const words = settingsWords();
  return {
    keyring: words.inKeyring,
    session: words.inSession,
    environment: words.inEnvironment(key.variable ?? ""),
  }[key.place];
}

/** What a key is called: its label, else its mask. */
export function keyName(key: KeyView): string {
  return key.label === "" ? key.mask : key.label;
}
