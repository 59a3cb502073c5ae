import type { ModelView } from "../../backend/bindings/ModelView";
import { retirementOf } from "../models/find";

/** Which models a list keeps to. */
export type Shown = "all" | "own" | "updated" | "unpriced" | "tiered" | "retiring";

/** `now` in milliseconds since 1970. */
export function isShown(model: ModelView, shown: Shown, now: number): boolean {
  switch (shown) {
    case "all":
      return true;
    case "own":
      return model.price?.origin === "own";
    case "updated":
      return model.price?.origin === "update";
    case "unpriced":
      return model.price === null;
    case "tiered":
      return model.price?.tiered === true;
    case "retiring":
      return retirementOf(model, now) !== null;
  }
}

/** The rows of a long list that have to be in the page: those in view and some beyond, counted from 0, `end` exclusive. */
export function rowsInView(
  count: number,
  scrollTop: number,
  height: number,
  rowHeight: number,
): { start: number; end: number } {
  const BEYOND = 6;
  const start = Math.max(0, Math.floor(scrollTop / rowHeight) - BEYOND);
  const end = Math.min(count, Math.ceil((scrollTop + height) / rowHeight) + BEYOND);
  return { start: Math.min(start, end), end };
}
