import { getContext, setContext } from "svelte";

const KEY = Symbol("seen");

/** Says to all that stands in a room whether somebody is in it. Call it while the room is made. */
export function setSeen(isSeen: () => boolean): void {
  setContext(KEY, isSeen);
}

/**
 * Whether somebody is in the room a component stands in: what is not seen lies over no other room, and takes neither keys nor focus.
 * Outside of rooms all is seen. Call it while a component is made.
 */
export function getSeen(): () => boolean {
  return getContext<(() => boolean) | undefined>(KEY) ?? (() => true);
}
