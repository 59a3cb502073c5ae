import MarkdownIt from "markdown-it";
import { expect, it } from "vitest";
import { codeBlock, layOutJson } from "./toolArguments";

it("lays JSON out without changing a letter of its values", () => {
  const text = '{"a":12345678901234567890,"a":1e-7,"b":[1, 2 ,{}],"c":"x{,\\"}: y","d":[ ],"e":null}';
  expect(layOutJson(text)).toBe(
    [
      "{",
      '  "a": 12345678901234567890,',
      '  "a": 1e-7,',
      '  "b": [',
      "    1,",
      "    2,",
      "    {}",
      "  ],",
      '  "c": "x{,\\"}: y",',
      '  "d": [],',
      '  "e": null',
      "}",
    ].join("\n"),
  );
});

it("leaves what was cut off, or never was JSON, to be shown as it is", () => {
  expect(layOutJson('{"query": "wea')).toBeNull();
  expect(layOutJson("")).toBeNull();
});

it("fences code so that no text ends it early", () => {
  const hostile = "a\n```\n<script>\n`````\n# b";
  const tokens = new MarkdownIt().parse(codeBlock(hostile, "json"), {});
  expect(tokens.map(({ type }) => type)).toEqual(["fence"]);
  expect(tokens[0]?.content).toBe(`${hostile}\n`);
});
