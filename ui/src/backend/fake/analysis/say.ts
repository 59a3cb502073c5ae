import type { Said } from "../../bindings/Said";

/** A sentence as the host says it: its code, what stands in it, and the same in English. */
export function say(code: string, values: Record<string, string>, text: string): Said {
  return { text, saying: { code, values } };
}
