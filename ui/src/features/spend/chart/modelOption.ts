import { formatDuration } from "../../../shared/format";
import { axisRate, axisValue } from "../amounts";
import type { Ink } from "../colours";
import { lengthOf } from "../../../shared/exact";
import { pickedShare, type placed } from "../sayings";
import type { EChartsCoreOption, ItemParams, ItemPlace } from "./echarts";
import { placeNames, type Place } from "./labels";
import { BELOW_AXIS_PX, lettersOf, withAlpha, type Paint } from "./paint";

export interface Dot {
  model: ReturnType<typeof placed>[number];
  label: string;
  ink: Ink;
}

/** The area of a dot stands for its requests. */
export function dotRadius(requests: number, most: number, rem: number): number {
  return rem * (0.25 + 0.65 * Math.sqrt(requests / Math.max(most, 1)));
}

/** Where a dot stands: seconds to the end, and what a request costs in the currency that is shown. */
export const placeOf = ({ model }: Pick<Dot, "model">): [seconds: number, usd: number] => [
  model.average_ms / 1000,
  (lengthOf(model.usd_per_request) ?? 0) * axisRate(),
];

/** Far apart they are told apart in powers; close together from nothing on, and so where one is nothing: that has no power. */
export function axisOver(values: readonly number[], base: number) {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  if (low <= 0 || high / low < 8)
    return { type: "value", min: Math.min(0, low * 1.25), max: high > 0 ? high * 1.25 : 1, splitNumber: 4 };
  return { type: "log", logBase: base, min: low / 1.8, max: high * 1.8 };
}

/** Cost against latency; a ring for the share of comparisons that were won. */
export function modelOption(dots: readonly Dot[], marked: number | null, paint: Paint): EChartsCoreOption {
  const size = Math.round(paint.rem * 0.6875);
  const letters = lettersOf(paint);
  const most = Math.max(...dots.map(({ model }) => model.requests), 1);
  const radii = dots.map(({ model }) => dotRadius(model.requests, most, paint.rem));
  const ruler = document.createElement("canvas").getContext("2d");
  if (ruler !== null) ruler.font = `${size}px ${paint.font}`;
  const shorten = (label: string) => (label.length > 28 ? `${label.slice(0, 27)}…` : label);
  let places: (Place | null)[] = [];

  const axis = {
    axisLine: { show: false },
    axisTick: { show: false },
    minorSplitLine: { show: false },
    splitLine: { lineStyle: { color: paint.line } },
  };
  const axisLabel = { ...letters, margin: 10, hideOverlap: true, showMinLabel: false, showMaxLabel: false };
  const faded = (at: number) => marked !== null && marked !== at;

  function drawDot({ dataIndex: at }: ItemParams, api: ItemPlace) {
    const dot = dots[at];
    const [cx = 0, cy = 0] = api.coord([api.value(0), api.value(1)]);
    if (dot === undefined) return undefined;
    const r = radii[at] ?? 0;
    const share = pickedShare(dot.model);
    const ring = { cx, cy, r0: r + 2, r: r + 4.5 };
    const turn = -Math.PI / 2;
    const opacity = faded(at) ? 0.3 : 1;
    const sector = (endAngle: number, fill: string, startAngle = turn) => ({
      type: "sector",
      z2: Math.round(100 - r),
      shape: { ...ring, startAngle, endAngle },
      style: { fill, opacity },
    });
    return {
      type: "group",
      children: [
        {
          type: "circle",
          // A small dot stays to be seen before a large one.
          z2: Math.round(100 - r),
          shape: { cx, cy, r },
          style: {
            fill: paint.of(dot.ink),
            opacity: faded(at) ? 0.3 : 0.92,
            stroke: marked === at ? paint.ink : paint.raised,
            lineWidth: marked === at ? 2 : 1,
          },
        },
        ...(share === null
          ? []
          : [
              sector(turn + Math.PI * 2, withAlpha(paint.ink, 0.12)),
              sector(turn + (share / 10_000) * Math.PI * 2, withAlpha(paint.ink, 0.75)),
            ]),
      ],
    };
  }

  function drawName({ dataIndex: at, coordSys }: ItemParams, api: ItemPlace) {
    if (at === 0) {
      const named = dots.map((dot, of) => {
        const [x = 0, y = 0] = api.coord(placeOf(dot));
        const width = ruler?.measureText(shorten(dot.label)).width ?? dot.label.length * size * 0.55;
        return { x, y, radius: (radii[of] ?? 0) + 4.5, width };
      });
      const { x, y, width, height } = coordSys;
      places = placeNames(named, size * 1.35, { left: x, right: x + width, top: y, bottom: y + height });
    }
    const place = places[at];
    const dot = dots[at];
    if (place === undefined || place === null || dot === undefined) return undefined;
    return {
      type: "text",
      silent: true,
      style: {
        text: shorten(dot.label),
        x: place.x,
        y: place.y,
        align: place.align,
        verticalAlign: "middle",
        font: `${marked === at ? 600 : 400} ${size}px ${paint.font}`,
        fill: faded(at) ? paint.faint : paint.soft,
      },
    };
  }

  const data = dots.map(placeOf);
  return {
    animation: false,
    grid: {
      left: 0,
      right: 4,
      top: 8,
      bottom: BELOW_AXIS_PX,
      outerBoundsMode: "same",
      outerBoundsContain: "axisLabel",
    },
    xAxis: {
      ...axis,
      ...axisOver(
        data.map(([seconds]) => seconds),
        2,
      ),
      axisLabel: { ...axisLabel, formatter: (seconds: number) => formatDuration(seconds * 1000) },
    },
    yAxis: {
      ...axis,
      ...axisOver(
        data.map(([, usd]) => usd),
        10,
      ),
      axisLabel: { ...axisLabel, formatter: (usd: number) => axisValue(usd, "cost") },
    },
    series: [
      { type: "custom", silent: true, data, renderItem: drawDot },
      { type: "custom", silent: true, z: 3, data, renderItem: drawName },
    ],
  };
}
