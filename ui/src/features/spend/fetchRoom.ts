/** When the program has been started and the conversation stands. */
const AT_REST_MS = 1_500;

/** The room with its charts, a large part of the program: fetched once, when somebody looks or is about to. */
export function fetchRoom(): Promise<typeof import("./Spend.svelte")> {
  return import("./Spend.svelte");
}

/**
 * Fetches the room and draws a first chart at rest, so that whoever opens it with the keyboard does not wait either. Returns what
 * calls it off.
 */
export function fetchRoomAtRest(): () => void {
  const begin = setTimeout(() => {
    // Not every engine says when it is idle. A fetch that fails is tried again by whoever opens the room.
    const fetch = () =>
      void Promise.all([fetchRoom(), import("./chart/warmUp")]).then(
        ([, { warmUp }]) => warmUp(),
        () => undefined,
      );
    if ("requestIdleCallback" in window) window.requestIdleCallback(fetch);
    else fetch();
  }, AT_REST_MS);
  return () => clearTimeout(begin);
}
