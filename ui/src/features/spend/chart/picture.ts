import { drawIn, type EChartsCoreOption } from "./echarts";
import type { Paint } from "./paint";

const WIDTH = 1280;
const HEIGHT = 720;
const SHARP = 2;

/** A chart as a picture that stands by itself: its sentence on top, what it is and of when below that, and its legend. */
export function pictureOf(
  option: EChartsCoreOption,
  { saying, about }: { saying: string; about: string },
  paint: Paint,
  legend: boolean,
): Uint8Array<ArrayBuffer> {
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
        left: 32,
        top: 24,
        itemGap: 8,
        textStyle: {
          color: paint.ink,
          fontFamily: paint.font,
          fontSize: 20,
          fontWeight: 600,
          width: WIDTH - 64,
          overflow: "break",
        },
        subtextStyle: { color: paint.faint, fontFamily: paint.font, fontSize: 14 },
      },
      grid: {
        left: 32,
        right: 40,
        top: 112,
        bottom: legend ? 76 : 32,
        outerBoundsMode: "same",
        outerBoundsContain: "axisLabel",
      },
      ...(legend
        ? {
            legend: {
              left: 32,
              right: 32,
              bottom: 20,
              icon: "roundRect",
              itemWidth: 12,
              itemHeight: 12,
              textStyle: { color: paint.soft, fontFamily: paint.font, fontSize: 13 },
            },
          }
        : {}),
    });
    return bytesOf(chart.getDataURL({ type: "png", pixelRatio: SHARP, backgroundColor: paint.surface }));
  } finally {
    chart.dispose();
    place.remove();
  }
}

function bytesOf(dataUrl: string): Uint8Array<ArrayBuffer> {
  const letters = atob(dataUrl.slice(dataUrl.indexOf(",") + 1));
  const bytes = new Uint8Array(letters.length);
  for (let at = 0; at < letters.length; at += 1) bytes[at] = letters.charCodeAt(at);
  return bytes;
}
