/** Only what the charts here are made of, in the room's own chunk. */
import { BarChart, CustomChart, HeatmapChart, LineChart, ScatterChart } from "echarts/charts";
import { GridComponent, LegendComponent, TitleComponent, VisualMapComponent } from "echarts/components";
import { LabelLayout } from "echarts/features";
import { init, use, type ECharts, type EChartsCoreOption } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";

use([
  BarChart,
  LineChart,
  ScatterChart,
  HeatmapChart,
  CustomChart,
  GridComponent,
  LegendComponent,
  TitleComponent,
  VisualMapComponent,
  LabelLayout,
  CanvasRenderer,
]);

/** A chart in an element. Its words and hints are the window's own: the library's set styles the window's policy forbids. */
export function drawIn(element: HTMLElement, pixelRatio = window.devicePixelRatio): ECharts {
  return init(element, null, { renderer: "canvas", devicePixelRatio: pixelRatio });
}

export type { ECharts, EChartsCoreOption };
