import type { LaneView } from "../backend/bindings/LaneView";

/** What a lane is called: its route, where it names one, for who answers may change from turn to turn; else its model. */
export function laneName({ resolved }: Pick<LaneView, "resolved">): string {
  return resolved.route ?? resolved.model_name;
}
