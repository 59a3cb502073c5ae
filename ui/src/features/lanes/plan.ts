/** How lanes stand in the window. `laneWidth` is in pixels. */
export interface LanePlan {
  mode: "columns" | "tabs";
  laneWidth: number;
}

/** A column that scrolls sideways anyway gets the room it reads best in. */
const COMFORT_REM = 26.25;
/** The least a column is squeezed to so that all lanes are seen at once. */
const SNUG_REM = 19.5;

/**
 * Lanes that all fit when squeezed a little stand beside each other: seeing every answer at once is what the window is
 * for. Beyond that each takes its comfortable width and they scroll; where not even two of those fit there are tabs.
 */
export function planLanes(widthPx: number, lanes: number, remPx: number): LanePlan {
  if (lanes <= 1 || lanes * SNUG_REM * remPx <= widthPx) {
    return { mode: "columns", laneWidth: widthPx / Math.max(lanes, 1) };
  }
  if (widthPx < 2 * COMFORT_REM * remPx) return { mode: "tabs", laneWidth: widthPx };
  return { mode: "columns", laneWidth: COMFORT_REM * remPx };
}
