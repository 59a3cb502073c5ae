import type { SpendHour } from "../../../backend/bindings/SpendHour";
import { lengthOf } from "../../../shared/exact";
import { clock } from "../sayings";
import { weekday } from "../when";
import type { EChartsCoreOption, ItemParams, ItemPlace } from "./echarts";
import { BELOW_AXIS_PX, lettersOf, withAlpha, type Paint } from "./paint";

export const DAYS = [1, 2, 3, 4, 5, 6, 7] as const;
export const HOURS = 24;

/** The week by hours, Monday on top. Lightness tells how much, so that no colour has to be told apart. */
export function hourOption(
  hours: readonly SpendHour[],
  byCalls: boolean,
  locale: string,
  paint: Paint,
): EChartsCoreOption {
  const letters = lettersOf(paint);
  const amount = ({ usd, requests }: SpendHour) => (byCalls ? requests : (lengthOf(usd) ?? 0));
  const most = Math.max(...hours.map(amount), 0);
  // The root, so that a quiet hour is still seen beside a busy one. Of what an invoice has taken back there is none.
  const strength = (hour: SpendHour) => (most === 0 ? 0 : Math.sqrt(Math.max(amount(hour), 0) / most));
  const cells = DAYS.flatMap((day) =>
    Array.from({ length: HOURS }, (_, hour) => {
      const found = hours.find((one) => one.weekday === day && one.hour === hour);
      const fill =
        found === undefined || most === 0
          ? paint.sunken
          : withAlpha(paint.accent, 0.12 + 0.88 * strength(found));
      return { place: [hour, day - 1], fill };
    }),
  );

  // The library's own heat map paints in slices of time, and goes on with a chart that is no more.
  function drawCell({ dataIndex: at }: ItemParams, api: ItemPlace) {
    const [x = 0, y = 0] = api.coord([api.value(0), api.value(1)]);
    const [width = 0, height = 0] = api.size([1, 1]);
    return {
      type: "rect",
      shape: { x: x - width / 2 + 1, y: y - height / 2 + 1, width: width - 2, height: height - 2, r: 3 },
      style: { fill: cells[at]?.fill },
    };
  }

  return {
    animation: false,
    grid: {
      left: 0,
      right: 2,
      top: 4,
      bottom: BELOW_AXIS_PX,
      outerBoundsMode: "same",
      outerBoundsContain: "axisLabel",
    },
    xAxis: {
      type: "category",
      data: Array.from({ length: HOURS }, (_, hour) => clock(hour)),
      axisLine: { show: false },
      axisTick: { show: false },
      axisLabel: { ...letters, interval: 5, margin: 8 },
    },
    yAxis: {
      type: "category",
      inverse: true,
      data: DAYS.map((day) => weekday(day, locale, "short")),
      axisLine: { show: false },
      axisTick: { show: false },
      axisLabel: { ...letters, margin: 10, interval: 0 },
    },
    series: [{ type: "custom", silent: true, data: cells.map(({ place }) => place), renderItem: drawCell }],
  };
}
