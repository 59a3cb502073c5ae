import { afterPaint } from "../../shared/ui/afterPaint";

/**
 * A value that reaches the places of a page one after another, each in a frame of its own: what is seen first is not kept waiting
 * by what lies below it, and no frame is a long one. Call it while a component is made.
 */
export function inTurns<Value>(value: () => Value, places: number): InTurns<Value> {
  let reached = $state.raw<readonly (Value | undefined)[]>([]);
  $effect(() => {
    const now = value();
    let next = 0;
    const step = () => {
      const at = next;
      reached = Array.from({ length: places }, (_, place) => (place <= at ? now : reached[place]));
      next += 1;
      if (next < places) off = afterPaint(step);
    };
    let off = afterPaint(step);
    return () => off();
  });
  return {
    at: (place) => reached[place],
    get isThrough() {
      return reached[places - 1] === value();
    },
  };
}

export interface InTurns<Value> {
  /** What has reached a place, from 0; `undefined` while nothing has. */
  at: (place: number) => Value | undefined;
  /** Whether the value of now has reached all places. */
  readonly isThrough: boolean;
}
