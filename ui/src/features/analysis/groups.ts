import type { Recommendation } from "../../backend/bindings/Recommendation";
import { isOwn } from "./sayings";

/** Advice that a person follows in the same place for several subjects: told once, with them listed. Other advice is decided one by one. */
export interface Group {
  /** The first one's: the most urgent. */
  id: string;
  all: readonly [Recommendation, ...Recommendation[]];
}

/** In the host's order: a group stands where its most urgent one does. */
export function groupsOf(open: readonly Recommendation[]): Group[] {
  const groups = new Map<string, [Recommendation, ...Recommendation[]]>();
  for (const advice of open) {
    const like = advice.kind === "add_fallback" && isOwn(advice) ? advice.kind : advice.id;
    const others = groups.get(like);
    if (others === undefined) groups.set(like, [advice]);
    else others.push(advice);
  }
  return [...groups.values()].map((all) => ({ id: all[0].id, all }));
}
