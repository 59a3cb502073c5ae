import type { SpendMeasure } from "../../../backend/bindings/SpendMeasure";
import { lengthOf } from "../../../shared/exact";
import { axisRate, axisValue } from "../amounts";
import type { Ink } from "../colours";
import { labelEvery, lengths, stacked, type Band, type Column } from "./columns";
import type { EChartsCoreOption } from "./echarts";
import { BELOW_AXIS_PX, decalOf, lettersOf, type Paint } from "./paint";

export interface TimePicture {
  bands: readonly Pick<Band, "label" | "values">[];
  columns: Column[];
  inks: Ink[];
  measure: SpendMeasure;
  widthPx: number;
}

const DASHES = ["solid", [6, 3], [2, 3], [8, 3, 2, 3], [1, 2], [10, 4]];

/** Columns stacked of bands, the largest at the bottom; means as lines beside each other. */
export function timeOption(picture: TimePicture, paint: Paint): EChartsCoreOption {
  const { bands, columns, inks, measure, widthPx } = picture;
  const size = Math.round(paint.rem * 0.6875);
  const letters = lettersOf(paint);
  const widest = Math.max(...columns.map(({ short }) => short.length), 1);
  const every = labelEvery(columns.length, widthPx - paint.rem * 4, (widest * 0.62 + 1.4) * size);
  const rate = measure === "cost" ? axisRate() : 1;
  const largest = Math.max(...columns.map(({ total }) => (lengthOf(total) ?? 0) * rate));
  return {
    animation: false,
    grid: {
      left: 0,
      right: 4,
      top: 10,
      bottom: BELOW_AXIS_PX,
      outerBoundsMode: "same",
      outerBoundsContain: "axisLabel",
    },
    xAxis: {
      type: "category",
      data: columns.map(({ short }) => short),
      axisLine: { lineStyle: { color: paint.line } },
      axisTick: { show: false },
      axisLabel: { ...letters, margin: 10, interval: (at: number) => at % every === 0, hideOverlap: true },
    },
    yAxis: {
      type: "value",
      splitNumber: 4,
      axisLabel: { ...letters, margin: 10, formatter: (value: number) => axisValue(value, measure, largest) },
      splitLine: { lineStyle: { color: paint.line } },
    },
    series: bands.map((band, at) => {
      const ink = inks[at] ?? { hue: null, shade: 0, pattern: 0 };
      const colour = paint.of(ink);
      const dimmed = { opacity: 0.18 };
      if (!stacked(measure))
        return {
          type: "line",
          name: band.label,
          data: lengths(band, rate),
          connectNulls: true,
          symbol: "circle",
          symbolSize: columns.length > 40 ? 3 : 5,
          color: colour,
          lineStyle: { width: 1.75, color: colour, type: DASHES[ink.pattern % DASHES.length] ?? "solid" },
          emphasis: { focus: "series" },
          blur: { lineStyle: dimmed, itemStyle: dimmed },
        };
      const decal = decalOf(ink.pattern, paint);
      return {
        type: "bar",
        name: band.label,
        stack: "all",
        data: lengths(band, rate),
        barMaxWidth: paint.rem * 3,
        barCategoryGap: columns.length > 40 ? "18%" : "28%",
        itemStyle: {
          color: colour,
          borderColor: paint.surface,
          borderWidth: columns.length > 70 ? 0 : 0.75,
          ...(decal === undefined ? {} : { decal }),
        },
        emphasis: { focus: "series", itemStyle: { color: colour } },
        blur: { itemStyle: dimmed },
      };
    }),
  };
}
