/** A dot and the words beside it, in pixels. */
export interface Named {
  x: number;
  y: number;
  radius: number;
  width: number;
}

export interface Place {
  x: number;
  y: number;
  align: "left" | "right" | "center";
}

interface Box {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

const apart = (one: Box, other: Box): boolean =>
  one.right <= other.left || other.right <= one.left || one.bottom <= other.top || other.bottom <= one.top;

/** Between two names beside each other. */
const BETWEEN_PX = 4;

/**
 * Where each dot's name stands so that no name lies over another, over another dot or outside: to the right, else to the
 * left, below, above, or off a corner. `null` where there is no room: the dot says its name when it is marked. The largest dots
 * have theirs first.
 */
export function placeNames(dots: readonly Named[], heightPx: number, within: Box): (Place | null)[] {
  const taken: Box[] = [];
  const around = dots.map(({ x, y, radius }) => ({
    left: x - radius,
    right: x + radius,
    top: y - radius,
    bottom: y + radius,
  }));
  const placed: (Place | null)[] = dots.map(() => null);
  const largestFirst = dots.map((dot, at) => ({ dot, at })).sort((a, b) => b.dot.radius - a.dot.radius);
  for (const { dot, at } of largestFirst) {
    const found = placesAround(dot, heightPx)
      .map((place) => ({ place, box: boxOf(place, dot.width, heightPx) }))
      .find(
        ({ box }) =>
          box.left >= within.left &&
          box.right <= within.right &&
          box.top >= within.top &&
          box.bottom <= within.bottom &&
          taken.every((other) => apart(box, other)) &&
          around.every((other, of) => of === at || apart(box, other)),
      );
    if (found === undefined) continue;
    const { left, right, top, bottom } = found.box;
    taken.push({ left: left - BETWEEN_PX, right: right + BETWEEN_PX, top, bottom });
    placed[at] = found.place;
  }
  return placed;
}

function placesAround({ x, y, radius }: Named, heightPx: number): Place[] {
  const gap = radius + 5;
  const [aside, beyond] = [radius * 0.7 + 3, radius * 0.7 + heightPx / 2];
  return [
    { x: x + gap, y, align: "left" },
    { x: x - gap, y, align: "right" },
    { x, y: y + gap + heightPx / 2, align: "center" },
    { x, y: y - gap - heightPx / 2, align: "center" },
    { x: x + aside, y: y - beyond, align: "left" },
    { x: x + aside, y: y + beyond, align: "left" },
    { x: x - aside, y: y - beyond, align: "right" },
    { x: x - aside, y: y + beyond, align: "right" },
  ];
}

function boxOf({ x, y, align }: Place, width: number, heightPx: number): Box {
  const left = align === "left" ? x : align === "right" ? x - width : x - width / 2;
  return { left, right: left + width, top: y - heightPx / 2, bottom: y + heightPx / 2 };
}
