/** Only what the charts here are made of, in the room's own chunk. */
import { BarChart, CustomChart, LineChart } from "echarts/charts";
import { GridComponent, LegendComponent, TitleComponent } from "echarts/components";
import { init, use, type ECharts, type EChartsCoreOption } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";

use([BarChart, LineChart, CustomChart, GridComponent, LegendComponent, TitleComponent, CanvasRenderer]);

/** What a drawing of one's own is told of its item, and what it can ask. */
export interface ItemParams {
  dataIndex: number;
  coordSys: { x: number; y: number; width: number; height: number };
}
export interface ItemPlace {
  value: (dimension: number) => number;
  /** Pixels of a point in the values of the axes. */
  coord: (point: number[]) => number[];
  /** Pixels of a stretch in the values of the axes. */
  size: (stretch: number[]) => number[];
}

/** In pixels of the page. */
export interface Size {
  width: number;
  height: number;
}

/** A chart in an element. Its words and hints are the window's own: the library's set styles the window's policy forbids. */
export function drawIn(element: HTMLElement, size: Size, pixelRatio = window.devicePixelRatio): ECharts {
  return init(element, null, { renderer: "canvas", devicePixelRatio: pixelRatio, ...size });
}

export type { ECharts, EChartsCoreOption };
