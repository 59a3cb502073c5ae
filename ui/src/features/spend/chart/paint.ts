import type { Scheme } from "../../../shared/theme";
import { afterPaint } from "../../../shared/ui/afterPaint";
import { cssColour, type Ink } from "../colours";

/** Colours and letters of the window as a canvas knows them, in the theme that is shown. */
export interface Paint {
  ink: string;
  soft: string;
  faint: string;
  line: string;
  surface: string;
  sunken: string;
  raised: string;
  accent: string;
  font: string;
  /** Pixels of a letter's size, so that larger letters count in charts too. */
  rem: number;
  of: (ink: Ink) => string;
}

function onePixel(): CanvasRenderingContext2D | null {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 1;
  return canvas.getContext("2d", { willReadFrequently: true });
}

/** Reads a colour by drawing it: canvases know neither tokens nor mixtures. */
function drawn(computed: string, pixel: CanvasRenderingContext2D | null): string {
  if (pixel === null) return computed;
  pixel.clearRect(0, 0, 1, 1);
  pixel.fillStyle = computed;
  pixel.fillRect(0, 0, 1, 1);
  const [red = 0, green = 0, blue = 0, alpha = 255] = pixel.getImageData(0, 0, 1, 1).data;
  return `rgba(${red},${green},${blue},${Math.round((alpha / 255) * 1000) / 1000})`;
}

const TOKENS = ["ink", "ink-soft", "ink-faint", "line", "surface", "sunken", "raised", "accent"] as const;

/** Every ink there is: twelve hues and the grey in four shades. */
const INKS = [null, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11].flatMap((hue) =>
  [0, 1, -1, 2].map((shade) => cssColour({ hue, shade, pattern: 0 })),
);

/** What these colours come to. All are in the page at once: the style of the page is worked out once, not for each. */
function coloursOf(styles: readonly string[]): Map<string, string> {
  const probe = document.createElement("span");
  probe.hidden = true;
  const each = styles.map((css) => {
    const one = document.createElement("i");
    one.style.color = css;
    probe.append(one);
    return one;
  });
  document.body.append(probe);
  const pixel = onePixel();
  const colours = each.map(
    (one, at) => [styles[at] ?? "", drawn(getComputedStyle(one).color, pixel)] as const,
  );
  // Taken out in the frame it was put in, it would have WebKit work out the style of the whole page anew.
  afterPaint(() => probe.remove());
  return new Map(colours);
}

const read = new Map<Scheme, Paint>();

/**
 * The paint of the scheme that is shown. Each is read once: to be asked for a colour has the page work out the style of all that has
 * just been put into it, and whoever opens the room would wait for that.
 */
export function paintOf(shown: Scheme): Paint {
  const paint = read.get(shown) ?? readPaint();
  read.set(shown, paint);
  return paint;
}

function readPaint(): Paint {
  const colours = coloursOf([...TOKENS.map((token) => `var(--${token})`), ...INKS]);
  const token = (name: (typeof TOKENS)[number]) => colours.get(`var(--${name})`) ?? GREY;
  return {
    ink: token("ink"),
    soft: token("ink-soft"),
    faint: token("ink-faint"),
    line: token("line"),
    surface: token("surface"),
    sunken: token("sunken"),
    raised: token("raised"),
    accent: token("accent"),
    font: getComputedStyle(document.body).fontFamily,
    rem: Number.parseFloat(getComputedStyle(document.documentElement).fontSize),
    of: (ink: Ink) => colours.get(cssColour(ink)) ?? GREY,
  };
}

/** Room below the words of an axis: what hangs below their line is measured by no engine alike. */
export const BELOW_AXIS_PX = 6;

/** The words of an axis. Their height is said: engines differ in what they take a line to be. */
export function lettersOf({ faint, font, rem }: Paint) {
  const fontSize = Math.round(rem * 0.6875);
  return { color: faint, fontFamily: font, fontSize, lineHeight: Math.round(fontSize * 1.45) };
}

const GREY = "rgba(128,128,128,1)";

/** Lines and dots over a colour, so that bands are told apart without it. */
const DECALS = [
  { symbol: "rect", dashArrayX: [1, 0], dashArrayY: [2, 4], rotation: Math.PI / 4 },
  {
    symbol: "circle",
    dashArrayX: [
      [3, 3],
      [0, 3, 3, 0],
    ],
    dashArrayY: [3, 1],
    symbolSize: 0.8,
  },
  { symbol: "rect", dashArrayX: [1, 0], dashArrayY: [2, 4], rotation: -Math.PI / 4 },
  { symbol: "rect", dashArrayX: [1, 0], dashArrayY: [1.5, 4.5], rotation: 0 },
  { symbol: "rect", dashArrayX: [1, 0], dashArrayY: [1.5, 4.5], rotation: Math.PI / 2 },
];

/** 0 is plain. */
export function decalOf(pattern: number, paint: Paint): object | undefined {
  const decal = DECALS[(pattern - 1) % DECALS.length];
  return pattern === 0 || decal === undefined
    ? undefined
    : { ...decal, color: withAlpha(paint.surface, 0.5) };
}

export function withAlpha(rgba: string, alpha: number): string {
  const [red, green, blue] = /^rgba\((\d+),(\d+),(\d+)/.exec(rgba)?.slice(1) ?? ["128", "128", "128"];
  return `rgba(${red},${green},${blue},${alpha})`;
}
