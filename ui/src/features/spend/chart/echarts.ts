/** Only what the charts here are made of, in the room's own chunk. */
import { BarChart, CustomChart, HeatmapChart, LineChart } from "echarts/charts";
import { GridComponent, LegendComponent, TitleComponent } from "echarts/components";
import { init, use, type ECharts, type EChartsCoreOption } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";

use([
  BarChart,
  LineChart,
  HeatmapChart,
  CustomChart,
  GridComponent,
  LegendComponent,
  TitleComponent,
  CanvasRenderer,
]);

/** A chart in an element. Its words and hints are the window's own: the library's set styles the window's policy forbids. */
export function drawIn(element: HTMLElement, pixelRatio = window.devicePixelRatio): ECharts {
  return init(element, null, { renderer: "canvas", devicePixelRatio: pixelRatio });
}

export type { ECharts, EChartsCoreOption };
