import { expect, it } from "vitest";
import { textDirection } from "./direction";

it.each([
  ["Hello", "ltr"],
  ["مرحبا", "rtl"],
  ["**1.** שלום world", "rtl"],
  ["# B-tree شجرة", "ltr"],
  ["为账本", "ltr"],
  ["", "ltr"],
  ["123 --- $$", "ltr"],
] as const)("%s runs %s", (text, direction) => expect(textDirection(text)).toBe(direction));
