/** Names below a picture: as long as fits beside others, and as many rows as they need. */
export interface Legend {
  /** A name as it is written. */
  shorten: (name: string) => string;
  /** Pixels of all rows together. */
  height: number;
}

/** Pixels of a text as it will be drawn. */
export type Ruler = (text: string) => number;

/** The swatch and the space after it, the letters, and what lies between two names and two rows. */
export const ICON_PX = 12;
const AFTER_ICON_PX = 6;
export const LETTERS_PX = 13;
export const BETWEEN_PX = 12;
const ROW_PX = LETTERS_PX + BETWEEN_PX;
/** Four of the longest stand beside each other. */
const LONGEST_PX = 260;

const CHARACTERS = new Intl.Segmenter();

export function legendOf(names: readonly string[], roomPx: number, ruler: Ruler): Legend {
  const shorten = (name: string) => shortened(name, LONGEST_PX, ruler);
  const widths = names.map((name) => ICON_PX + AFTER_ICON_PX + ruler(shorten(name)));
  return { shorten, height: rowsOf(widths, roomPx) * ROW_PX };
}

function shortened(name: string, mostPx: number, ruler: Ruler): string {
  if (ruler(name) <= mostPx) return name;
  // Half of a character is drawn as another one.
  const letters = Array.from(CHARACTERS.segment(name), ({ segment }) => segment);
  while (letters.length > 1 && ruler(`${letters.join("")}…`) > mostPx) letters.pop();
  return `${letters.join("").trimEnd()}…`;
}

/** One after the other, in a new row where the last one is full. */
function rowsOf(widths: readonly number[], roomPx: number): number {
  let [rows, used] = [widths.length === 0 ? 0 : 1, 0];
  for (const width of widths) {
    if (used > 0 && used + width > roomPx) [rows, used] = [rows + 1, 0];
    used += width + BETWEEN_PX;
  }
  return rows;
}
