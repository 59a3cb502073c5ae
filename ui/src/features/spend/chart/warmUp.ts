import { drawIn } from "./echarts";
import { hourOption } from "./hourOption";
import { shownScheme } from "../../../shared/theme";
import { paintOf } from "./paint";
import { timeOption } from "./timeOption";

const COLUMNS = 12;

/**
 * Draws a small chart that nobody sees. The first of all charts takes three times as long as the next: the engine of the page
 * reads the code of a drawing when it is first needed, and works out colours. Done while nobody waits, that is no part of the room's
 * first look.
 */
export function warmUp(): void {
  const paint = paintOf(shownScheme());
  const place = document.createElement("div");
  const chart = drawIn(place, { width: 320, height: 160 });
  const values = Array.from({ length: COLUMNS }, (_, at) => String(at + 1));
  const columns = values.map((total, at) => ({ from: at, until: at + 1, short: total, long: total, total }));
  const bands = ["one", "two"].map((label) => ({ label, values }));
  const inks = bands.map((_, hue) => ({ hue, shade: 0, pattern: hue }));
  try {
    chart.setOption(timeOption({ bands, columns, inks, measure: "cost", widthPx: 320 }, paint));
    chart.convertToPixel({ gridIndex: 0 }, [0, 0]);
    chart.setOption(hourOption([], false, "en", paint), { notMerge: true });
  } finally {
    chart.dispose();
  }
}
