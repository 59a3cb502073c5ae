import { mount, unmount } from "svelte";
import { afterPaint } from "../../shared/ui/afterPaint";
import { warmUp } from "./chart/warmUp";
import Spend from "./Spend.svelte";

/** How long it may take, in frames. */
const MOST_FRAMES = 180;

/**
 * Puts the room up outside the page, with what the books say, and takes it down again. The engine of the page reads code when it is
 * first run: the second time takes half as long, and is the first that somebody sees. Returns what ends it before that.
 */
export function rehearse(context: Map<unknown, unknown>): () => void {
  warmUp();
  const place = document.createElement("div");
  const room = mount(Spend, { target: place, context });
  let frames = 0;
  let isUp = true;
  let off = afterPaint(look);

  function look() {
    frames += 1;
    const isBusy = place.querySelector(".overview[aria-busy='true'], .below[aria-busy='true']") !== null;
    if (isBusy && frames < MOST_FRAMES) off = afterPaint(look);
    else end();
  }

  function end() {
    off();
    if (isUp) void unmount(room);
    isUp = false;
  }

  return end;
}
