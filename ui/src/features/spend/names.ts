import type { SpendBy } from "../../backend/bindings/SpendBy";
import type { SpendName } from "../../backend/bindings/SpendName";
import { conversations } from "../../shared/i18n/messages/conversations";
import { spendWords } from "../../shared/i18n/messages/spend";
import { OTHERS } from "./filter";

const SOURCES = ["chat", "cli", "batch", "title", "judge", "gateway", "embedding", "invoice"] as const;

export function sourceName(source: string): string {
  const known = SOURCES.find((one) => one === source);
  return known === undefined ? source : spendWords()[`source_${known}`];
}

/** What people call a thing money was spent on. */
export function labelOf({ name, label, gone }: SpendName, by: SpendBy): string {
  const words = spendWords();
  if (name === OTHERS) return words.others;
  if (name === "" || (by === "model" && name.endsWith("/"))) return words[`none_${by}`];
  if (by === "source") return sourceName(name);
  if (by === "conversation") {
    if (gone) return label === "" ? words.goneConversation : words.gone(label);
    return label === "" ? conversations().untitled : label;
  }
  const shown = label === "" ? name : label;
  return gone ? words.gone(shown) : shown;
}
