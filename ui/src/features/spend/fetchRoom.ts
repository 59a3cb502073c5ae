/** When the program has been started and the conversation stands. */
const AT_REST_MS = 1_500;

/** The room with its charts, a large part of the program: fetched once, when somebody looks or is about to. */
export function fetchRoom(): Promise<typeof import("./Spend.svelte")> {
  return import("./Spend.svelte");
}

/**
 * Rehearses the room at rest, so that whoever opens it with the keyboard does not wait either. `context` is that of the window.
 * Returns what calls it off.
 */
export function rehearseAtRest(context: Map<unknown, unknown>): () => void {
  let isOff = false;
  let end: (() => void) | undefined;
  const begin = setTimeout(() => {
    // A fetch that fails is tried again by whoever opens the room.
    import("./rehearse").then(
      ({ rehearse }) => {
        if (!isOff) end = rehearse(context);
      },
      () => undefined,
    );
  }, AT_REST_MS);
  return () => {
    isOff = true;
    clearTimeout(begin);
    end?.();
  };
}
