import type { PoolView } from "../../../backend/bindings/PoolView";
import type { RoutingState } from "../../../backend/bindings/RoutingState";
import { modelsBehind, type Folder } from "../entries";
import { isOut, lightOf } from "../standing";

/** A member of a ring: who it stands for, and how many of those cannot be asked now. */
export interface Member {
  entry: string;
  /** Its share of the turns, where turns are weighted. */
  weight: number | null;
  /** Models; `null`: there is no such group. */
  models: number | null;
  out: number;
  state: "well" | "some" | "out";
}

export function membersOf(pool: PoolView, folder: Folder, live: RoutingState | null, now: number): Member[] {
  return pool.task_groups.map((entry) => {
    const models = modelsBehind(entry, folder);
    const out = (models ?? []).filter((target) =>
      isOut(
        lightOf(
          live?.models.find((one) => one.target === target),
          now,
        ),
      ),
    ).length;
    const all = models?.length ?? 0;
    return {
      entry,
      weight: pool.rotation_strategy === "weighted" ? (pool.weights[entry] ?? 1) : null,
      models: models === null ? null : all,
      out,
      state: all === 0 || out === all ? "out" : out > 0 ? "some" : "well",
    };
  });
}

export interface Arc {
  /** An SVG path. */
  path: string;
  /** Where its number stands. */
  x: number;
  y: number;
}

/** The radius of the ring in its drawing of 100 by 100. */
const RADIUS = 38;
/** Between two members, in radians of the ring. */
const GAP = 0.16;

/** The arcs of a ring, clockwise from the top, as long as their shares. */
export function arcsOf(shares: readonly number[]): Arc[] {
  const sum = shares.reduce((total, share) => total + share, 0);
  const gap = shares.length === 1 ? 0 : Math.min(GAP, Math.PI / shares.length);
  let from = 0;
  return shares.map((share) => {
    const length = sum === 0 ? 0 : (share / sum) * 2 * Math.PI;
    const begin = from + gap / 2;
    const end = Math.max(from + length - gap / 2, begin + 0.02);
    from += length;
    const middle = point((begin + end) / 2, RADIUS);
    const [start, stop] = [point(begin, RADIUS), point(end, RADIUS)];
    // By way of its middle: an arc that ends where it begins would draw nothing, and half a ring is never ambiguous.
    const to = ({ x, y }: { x: number; y: number }) => `A${RADIUS} ${RADIUS} 0 0 1 ${x} ${y}`;
    const path = `M${start.x} ${start.y}${to(middle)}${to(stop)}`;
    return { path, ...middle };
  });
}

function point(angle: number, radius: number): { x: number; y: number } {
  const round = (value: number) => Math.round(value * 100) / 100;
  return { x: round(50 + radius * Math.sin(angle)), y: round(50 - radius * Math.cos(angle)) };
}
