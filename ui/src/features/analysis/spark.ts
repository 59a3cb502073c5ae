import type { TrendPoint } from "../../backend/bindings/TrendPoint";

/** A change below this share of the longest is drawn as what it is: next to nothing. */
const LEAST_SPAN = 0.25;

export interface Spark {
  /** Lines through steps that follow each other; steps without an answer interrupt them. */
  path: string;
  /** Steps with none beside them. */
  alone: { x: number; y: number }[];
  last: { x: number; y: number } | null;
}

/** Mean latencies as a line in a box: left is earliest, up is longer. */
export function sparkOf(steps: readonly TrendPoint[], width: number, height: number): Spark {
  const known = steps.flatMap(({ average_ms }) => (average_ms === null ? [] : [average_ms]));
  const most = Math.max(0, ...known);
  const least = Math.min(most, ...known);
  const span = Math.max(most - least, most * LEAST_SPAN, 1);
  const low = (most + least - span) / 2;
  const points = steps.map(({ average_ms }, at) =>
    average_ms === null
      ? null
      : {
          x: round((at / Math.max(steps.length - 1, 1)) * width),
          y: round(height - ((average_ms - low) / span) * height),
        },
  );
  let path = "";
  const alone: Spark["alone"] = [];
  points.forEach((point, at) => {
    if (point === null) return;
    const [before, after] = [points[at - 1] ?? null, points[at + 1] ?? null];
    if (before === null && after === null) alone.push(point);
    else path += `${before === null ? "M" : "L"}${point.x} ${point.y}`;
  });
  return { path, alone, last: points.findLast((point) => point !== null) ?? null };
}

const round = (length: number): number => Math.round(length * 100) / 100;
