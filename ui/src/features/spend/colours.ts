import type { SpendName } from "../../backend/bindings/SpendName";
import { PROVIDER_HUES, providerHue } from "../../shared/providerColour";
import { OTHERS } from "./filter";

/** How many patterns there are beside plain colour. */
export const PATTERNS = 5;

/** How one thing is drawn: its hue for ever, a shade of it among the models of a provider, a pattern where both are taken. */
export interface Ink {
  /** Which of the twelve chart colours; `null` is the grey of what is nobody's. */
  hue: number | null;
  /** Steps away from the colour itself: lighter above zero, darker below. */
  shade: number;
  /** 0 is plain. */
  pattern: number;
}

/** The colour itself, then lighter and darker by turns. */
const SHADES = [0, 1, -1, 2] as const;
const GREY: Ink = { hue: null, shade: 0, pattern: 0 };

/**
 * How everything the books name is drawn. It depends on the names alone, not on a filter or on who is largest: what was
 * blue yesterday is blue today. `known` are all names of the kind, in any order.
 */
export function inkOf(known: readonly SpendName[]): (of: SpendName) => Ink {
  const sorted = known.map(({ name, provider }) => ({ name, provider })).sort(byName);
  const taken = new Map<string, number>();
  const inks = new Map<string, Ink>();
  for (const { name, provider } of sorted) {
    if (name === "" || inks.has(name)) continue;
    const hue = providerHue(provider ?? name);
    const isModel = provider !== null && provider !== name;
    const place = `${hue}`;
    const at = taken.get(place) ?? 0;
    taken.set(place, at + 1);
    // Providers and other single things keep the colour itself and differ by pattern; models differ by shade first.
    const shade = isModel ? (SHADES[at % SHADES.length] ?? 0) : 0;
    const pattern = isModel ? Math.floor(at / SHADES.length) : at;
    inks.set(name, { hue, shade, pattern: pattern % (PATTERNS + 1) });
  }
  return ({ name, provider }) => {
    if (name === "" || name === OTHERS) return GREY;
    return inks.get(name) ?? { hue: providerHue(provider ?? name), shade: 0, pattern: 0 };
  };
}

const byName = (one: { name: string }, other: { name: string }): number =>
  one.name < other.name ? -1 : one.name > other.name ? 1 : 0;

/** The token, or a mixture of it, as CSS knows it. */
export function cssColour({ hue, shade }: Ink): string {
  const base = hue === null ? "var(--chart-none)" : `var(--chart-${hue % PROVIDER_HUES})`;
  if (shade === 0) return base;
  const towards = shade > 0 ? "var(--chart-lighter)" : "var(--chart-darker)";
  return `color-mix(in oklab, ${base} ${100 - Math.abs(shade) * 24}%, ${towards})`;
}
