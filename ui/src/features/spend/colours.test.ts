import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import type { SpendName } from "../../backend/bindings/SpendName";
import { cssColour, inkOf } from "./colours";

const named = (name: string, provider: string | null = null): SpendName => ({
  name,
  label: name,
  provider,
  gone: false,
});
const providers = (...names: string[]) => names.map((name) => named(name, name));

it("keeps a thing's ink whoever else is looked at", () => {
  const all = providers("anthropic", "openai", "gemini", "ollama", "xai");
  const forward = inkOf(all);
  const backward = inkOf(all.toReversed());
  for (const of of all) expect(backward(of)).toEqual(forward(of));
});

it("tells two providers of one hue apart by their pattern", () => {
  const [ollama, xai] = providers("ollama", "xai");
  if (ollama === undefined || xai === undefined) throw new Error("two were made");
  const ink = inkOf([ollama, xai]);
  expect(ink(ollama).hue).toBe(ink(xai).hue);
  expect(ink(ollama).pattern).not.toBe(ink(xai).pattern);
});

it("gives every model of a provider a shade or a pattern of its own", () => {
  const models = Array.from({ length: 20 }, (_, at) => named(`openai/gpt-${at}`, "openai"));
  const ink = inkOf(models);
  const drawn = models.map((model) => JSON.stringify(ink(model)));
  expect(new Set(drawn).size).toBe(models.length);
  expect(new Set(models.map((model) => ink(model).hue)).size).toBe(1);
});

it("draws what is nobody's in grey", () => {
  const ink = inkOf(providers("openai"));
  expect(ink(named("")).hue).toBeNull();
  expect(ink(named("*")).hue).toBeNull();
  expect(cssColour(ink(named("*")))).toBe("var(--chart-none)");
});

// What follows reckons with the tokens themselves.

type Triple = [number, number, number];
const tokens = readFileSync("src/shared/tokens.css", "utf8");

function linear([lightness, chroma, hue]: Triple): Triple {
  const angle = (hue * Math.PI) / 180;
  const [a, b] = [chroma * Math.cos(angle), chroma * Math.sin(angle)];
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const inGamut = (value: number) => Math.min(1, Math.max(0, value));
  return [
    inGamut(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    inGamut(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    inGamut(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
  ];
}

function lab([red, green, blue]: Triple): Triple {
  const l = Math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue);
  const m = Math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue);
  const s = Math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

/** Machado, Oliveira and Fernandes 2009, at full severity. */
const VISIONS: Record<string, [Triple, Triple, Triple]> = {
  usual: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protan: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deutan: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritan: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

function seen(rgb: Triple, [r, g, b]: [Triple, Triple, Triple]): Triple {
  const mixed = (row: Triple) =>
    Math.min(1, Math.max(0, row[0] * rgb[0] + row[1] * rgb[1] + row[2] * rgb[2]));
  return lab([mixed(r), mixed(g), mixed(b)]);
}

const luminance = ([red, green, blue]: Triple) => 0.2126 * red + 0.7152 * green + 0.0722 * blue;
const apart = (one: Triple, other: Triple) =>
  Math.hypot(one[0] - other[0], one[1] - other[1], one[2] - other[2]);

function token(name: string, theme: 0 | 1): Triple {
  const value = new RegExp(`--${name}: light-dark\\(oklch\\(([^)]*)\\), oklch\\(([^)]*)\\)\\)`).exec(tokens);
  const [lightness = 0, chroma = 0, hue = 0] = (value?.[theme + 1] ?? "").split(" ").map(Number);
  return linear([lightness, chroma, hue]);
}

for (const [theme, name] of [
  [0, "light"],
  [1, "dark"],
] as const) {
  const colours = Array.from({ length: 12 }, (_, at) => token(`chart-${at}`, theme));

  it(`every chart colour stands out from the surfaces of the ${name} theme`, () => {
    for (const surface of ["surface", "raised"]) {
      const ground = luminance(token(surface, theme));
      for (const colour of colours) {
        const [low, high] = [luminance(colour), ground].sort((one, other) => one - other);
        expect(((high ?? 0) + 0.05) / ((low ?? 0) + 0.05)).toBeGreaterThan(2.75);
      }
    }
  });

  it.each(Object.entries(VISIONS))(`any two can be told apart in the ${name} theme, %s`, (_, vision) => {
    const all = colours.map((colour) => seen(colour, vision));
    for (const [at, one] of all.entries())
      for (const other of all.slice(at + 1)) expect(apart(one, other)).toBeGreaterThan(0.055);
  });
}
