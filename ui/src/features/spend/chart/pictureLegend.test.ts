import { expect, it } from "vitest";
import { legendOf } from "./pictureLegend";

/** Letters of ten pixels. */
const ruler = (text: string) => text.length * 10;

it("leaves short names as they are, in one row", () => {
  const short = legendOf(["OpenAI", "Anthropic"], 1_200, ruler);
  expect([short.shorten("OpenAI"), short.height]).toEqual(["OpenAI", 25]);
  expect(legendOf([], 1_200, ruler).height).toBe(0);
});

it("shortens long names, and takes the rows they need", () => {
  const long = Array.from(
    { length: 11 },
    (_, at) => `${at} 👩‍🏫 Everything that has to be read again before summer`,
  );
  const legend = legendOf(long, 1_200, ruler);
  for (const name of long) expect(ruler(legend.shorten(name))).toBeLessThanOrEqual(260);
  expect(legend.shorten("A very long title of a talk")).toBe("A very long title of a ta…");
  // Four stand beside each other.
  expect(legend.height).toBe(3 * 25);
});
