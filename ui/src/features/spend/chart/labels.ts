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

/**
 * Where each dot's name stands so that no name lies over another, over another dot or outside: to the right, else to the
 * left, below or above. `null` where there is no room: the dot says its name when it is marked. The first come first.
 */
export function placeNames(dots: readonly Named[], heightPx: number, within: Box): (Place | null)[] {
  const taken: Box[] = [];
  const around = dots.map(({ x, y, radius }) => ({
    left: x - radius,
    right: x + radius,
    top: y - radius,
    bottom: y + radius,
  }));
  return dots.map(({ x, y, radius, width }, at) => {
    const gap = radius + 5;
    const half = heightPx / 2;
    const tries: [Place, Box][] = [
      [
        { x: x + gap, y, align: "left" },
        { left: x + gap, right: x + gap + width, top: y - half, bottom: y + half },
      ],
      [
        { x: x - gap, y, align: "right" },
        { left: x - gap - width, right: x - gap, top: y - half, bottom: y + half },
      ],
      [
        { x, y: y + gap + half, align: "center" },
        { left: x - width / 2, right: x + width / 2, top: y + gap, bottom: y + gap + heightPx },
      ],
      [
        { x, y: y - gap - half, align: "center" },
        { left: x - width / 2, right: x + width / 2, top: y - gap - heightPx, bottom: y - gap },
      ],
    ];
    const fits = (box: Box) =>
      box.left >= within.left &&
      box.right <= within.right &&
      box.top >= within.top &&
      box.bottom <= within.bottom &&
      taken.every((other) => apart(box, other)) &&
      around.every((other, of) => of === at || apart(box, other));
    const found = tries.find(([, box]) => fits(box));
    if (found === undefined) return null;
    taken.push(found[1]);
    return found[0];
  });
}
