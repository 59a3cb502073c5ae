import { formatDuration } from "../../../shared/format";
import { axisValue } from "../amounts";
import type { Ink } from "../colours";
import { lengthOf } from "../exact";
import { pickedShare, type placed } from "../sayings";
import type { EChartsCoreOption } from "./echarts";
import { withAlpha, type Paint } from "./paint";

export interface Dot {
  model: ReturnType<typeof placed>[number];
  label: string;
  ink: Ink;
}

/** The area of a dot stands for its requests. */
export function dotSize(requests: number, most: number, rem: number): number {
  return rem * (0.625 + 2 * Math.sqrt(requests / Math.max(most, 1)));
}

/** Round figures around the values, so that a logarithmic axis begins and ends near them. */
function around(values: readonly number[]): { min: number; max: number } {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return { min: low / 1.7, max: high * 1.9 };
}

/** Cost against latency, both in powers; a ring for the share of comparisons that were won. */
export function modelOption(dots: readonly Dot[], marked: number | null, paint: Paint): EChartsCoreOption {
  const letters = { color: paint.faint, fontFamily: paint.font, fontSize: Math.round(paint.rem * 0.6875) };
  const most = Math.max(...dots.map(({ model }) => model.requests), 1);
  const place = ({ model }: Dot): [number, number] => [
    model.average_ms,
    lengthOf(model.usd_per_request) ?? 0,
  ];
  const sizes = dots.map(({ model }) => dotSize(model.requests, most, paint.rem));
  const axis = {
    type: "log",
    axisLine: { show: false },
    axisTick: { show: false },
    minorSplitLine: { show: false },
    splitLine: { lineStyle: { color: paint.line } },
  };
  return {
    animation: false,
    grid: {
      left: 0,
      right: paint.rem * 3,
      top: 12,
      bottom: 0,
      outerBoundsMode: "same",
      outerBoundsContain: "axisLabel",
    },
    xAxis: {
      ...axis,
      ...around(dots.map((dot) => place(dot)[0])),
      logBase: 2,
      axisLabel: { ...letters, margin: 10, hideOverlap: true, formatter: (ms: number) => formatDuration(ms) },
    },
    yAxis: {
      ...axis,
      ...around(dots.map((dot) => place(dot)[1])),
      logBase: 4,
      axisLabel: {
        ...letters,
        margin: 10,
        hideOverlap: true,
        formatter: (usd: number) => axisValue(short(usd), "cost"),
      },
    },
    series: [
      {
        type: "custom",
        silent: true,
        data: dots.map(place),
        renderItem: (
          at: { dataIndex: number },
          api: { value: (dimension: number) => number; coord: (point: number[]) => number[] },
        ) => {
          const dot = dots[at.dataIndex];
          const [cx, cy] = api.coord([api.value(0), api.value(1)]);
          const share = dot === undefined ? null : pickedShare(dot.model);
          if (dot === undefined || share === null) return;
          const r0 = (sizes[at.dataIndex] ?? 0) / 2 + 2.5;
          const ring = { cx, cy, r0, r: r0 + 3 };
          const turn = -Math.PI / 2;
          const end = turn + (share / 10_000) * Math.PI * 2;
          return {
            type: "group",
            children: [
              {
                type: "sector",
                shape: { ...ring, startAngle: 0, endAngle: Math.PI * 2 },
                style: { fill: withAlpha(paint.ink, 0.1) },
              },
              {
                type: "sector",
                shape: { ...ring, startAngle: turn, endAngle: end },
                style: { fill: paint.ink },
              },
            ],
          };
        },
      },
      {
        type: "scatter",
        silent: true,
        data: dots.map((dot, at) => ({
          value: place(dot),
          symbolSize: sizes[at],
          itemStyle: {
            color: paint.of(dot.ink),
            borderColor: marked === at ? paint.ink : paint.raised,
            borderWidth: marked === at ? 2 : 1,
            opacity: marked === null || marked === at ? 0.95 : 0.35,
          },
          label: {
            show: true,
            position: "right",
            distance: 9,
            formatter: dot.label,
            color: marked === null || marked === at ? paint.soft : paint.faint,
            fontFamily: paint.font,
            fontSize: letters.fontSize,
            fontWeight: marked === at ? 600 : 400,
            width: paint.rem * 9,
            overflow: "truncate",
          },
        })),
        labelLayout: { hideOverlap: true, moveOverlap: "shiftY" },
        emphasis: { disabled: true },
      },
    ],
  };
}

/** Powers of four are no round figures: two digits of them are enough. */
const short = (value: number): number => Number(value.toPrecision(2));
