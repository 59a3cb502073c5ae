import { drawIn, type EChartsCoreOption } from "./echarts";
import type { Paint } from "./paint";
import { BETWEEN_PX, ICON_PX, legendOf, LETTERS_PX } from "./pictureLegend";

const WIDTH = 1280;
const HEIGHT = 720;
const SHARP = 2;
const MARGIN = 32;
/** Below the legend, and between it and the words of the axis. */
const AROUND_LEGEND = 20;

/**
 * A chart as a picture that stands by itself: its sentence on top, what it is and of when below that, and the names of its bands, where
 * it has any.
 */
export function pictureOf(
  option: EChartsCoreOption,
  { saying, about }: { saying: string; about: string },
  paint: Paint,
  bands: readonly string[] = [],
): Uint8Array<ArrayBuffer> {
  const legend = legendOf(bands, WIDTH - 2 * MARGIN, rulerOf(paint));
  const place = document.createElement("div");
  place.inert = true;
  place.style.position = "fixed";
  place.style.insetInlineStart = "-200vw";
  document.body.append(place);
  const chart = drawIn(place, { width: WIDTH, height: HEIGHT }, SHARP);
  try {
    chart.setOption({
      ...option,
      animation: false,
      backgroundColor: paint.surface,
      title: {
        text: saying,
        subtext: about,
        left: MARGIN,
        top: 24,
        itemGap: 8,
        textStyle: {
          color: paint.ink,
          fontFamily: paint.font,
          fontSize: 20,
          fontWeight: 600,
          width: WIDTH - 2 * MARGIN,
          overflow: "break",
        },
        subtextStyle: { color: paint.faint, fontFamily: paint.font, fontSize: 14 },
      },
      grid: {
        left: MARGIN,
        right: 40,
        top: 112,
        bottom: bands.length === 0 ? MARGIN : legend.height + 2 * AROUND_LEGEND,
        outerBoundsMode: "same",
        outerBoundsContain: "axisLabel",
      },
      ...(bands.length === 0
        ? {}
        : {
            legend: {
              left: MARGIN,
              right: MARGIN,
              bottom: AROUND_LEGEND,
              padding: 0,
              icon: "roundRect",
              itemWidth: ICON_PX,
              itemHeight: ICON_PX,
              itemGap: BETWEEN_PX,
              formatter: legend.shorten,
              textStyle: {
                color: paint.soft,
                fontFamily: paint.font,
                fontSize: LETTERS_PX,
                // Engines differ in what they take a line to be.
                lineHeight: LETTERS_PX,
              },
            },
          }),
    });
    return bytesOf(chart.getDataURL({ type: "png", pixelRatio: SHARP, backgroundColor: paint.surface }));
  } finally {
    chart.dispose();
    place.remove();
  }
}

/** Measures the letters of the legend; where no canvas can, they are taken to be wide. */
function rulerOf({ font }: Paint): (text: string) => number {
  const context = document.createElement("canvas").getContext("2d");
  if (context === null) return (text) => text.length * LETTERS_PX;
  context.font = `${LETTERS_PX}px ${font}`;
  return (text) => context.measureText(text).width;
}

function bytesOf(dataUrl: string): Uint8Array<ArrayBuffer> {
  const letters = atob(dataUrl.slice(dataUrl.indexOf(",") + 1));
  const bytes = new Uint8Array(letters.length);
  for (let at = 0; at < letters.length; at += 1) bytes[at] = letters.charCodeAt(at);
  return bytes;
}
