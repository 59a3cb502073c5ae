/** The room with its charts, a large part of the program: fetched once, when somebody looks or is about to. */
export function fetchRoom(): Promise<typeof import("./Spend.svelte")> {
  return import("./Spend.svelte");
}
