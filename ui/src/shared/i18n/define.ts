import { currentTongue } from "./language.svelte";

type Words = Record<string, string | ((...values: never[]) => string)>;
type SameWords<T extends Words> = {
  [K in keyof T]: T[K] extends (...values: infer V) => string ? (...values: V) => string : string;
};

/**
 * The words of one room in both languages. The type of the first keeps the second complete. Call the result where words
 * are shown: `words().send`; it follows the language while the window is open.
 */
export function defineWords<T extends Words>(en: T, zh: SameWords<T>): () => SameWords<T> {
  const both = { en: en as unknown as SameWords<T>, zh };
  return () => both[currentTongue()];
}
