import type { Place } from "./groupDraft.svelte";

/**
 * Where an arrow key leads from a model: along its rung, or to the same place on the next rung. A model that is moved may
 * go onto an empty rung and behind the last one there; the focus may not. `null`: the key means nothing here.
 */
export function goal(from: Place, key: string, lengths: readonly number[], moves: boolean): Place | null {
  const here = lengths[from.rung] ?? 0;
  switch (key) {
    case "ArrowLeft":
      return from.at > 0 ? { ...from, at: from.at - 1 } : null;
    case "ArrowRight":
      return from.at < here - 1 ? { ...from, at: from.at + 1 } : null;
    case "ArrowUp":
    case "ArrowDown": {
      const step = key === "ArrowUp" ? -1 : 1;
      let rung = from.rung + step;
      // The focus passes over rungs where nobody stands.
      while (!moves && lengths[rung] === 0) rung += step;
      const there = lengths[rung];
      if (there === undefined) return null;
      return { rung, at: Math.min(from.at, moves ? there : there - 1) };
    }
    default:
      return null;
  }
}
