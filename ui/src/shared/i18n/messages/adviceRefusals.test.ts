import { afterEach, describe, expect, it } from "vitest";
import type { AdviceRefusal } from "../../../backend/bindings/AdviceRefusal";
import { speak } from "../language.svelte";
import { sayIt } from "./sayings";

const HOST = "In the host's words.";

/** A part as the host sends it: its words, its code, and what stands in it. */
const PLACE = {
  place: "Time for the first word of Acme",
  place_code: "place_first_word",
  place_provider: "Acme",
};
const FOUND = { found: "1 min 30 s", found_code: "value_time", found_limit_ms: "90000" };

/** What stands in each: a new code of the host does not compile without. */
const VALUES: Record<AdviceRefusal, Record<string, string>> = {
  advice_unknown: {},
  advice_by_hand: {},
  advice_overtaken: PLACE,
  change_unknown: { change: "c-7" },
  change_taken_back: {},
  change_place_gone: PLACE,
  change_overtaken: { ...PLACE, ...FOUND },
  change_damaged: { reason: "no field" },
};

afterEach(() => speak("en"));

describe("why advice was not followed or taken back", () => {
  it.each(Object.entries(VALUES))("is said in both languages: %s", (code, values) => {
    const english = sayIt({ code, values }, HOST);
    expect(english).not.toBe(HOST);
    expect(english).toMatch(/^[^\u4e00-\u9fff]+\.$/);
    speak("zh");
    const chinese = sayIt({ code, values }, HOST);
    expect(chinese).toMatch(/[\u4e00-\u9fff].*。$/);
    expect(chinese).not.toContain("Time for");
  });

  it("says parts in the window's language, and in the host's words where their code is a newer one's", () => {
    const saying = { code: "change_overtaken", values: VALUES.change_overtaken };
    expect(sayIt(saying, HOST)).toBe(
      "“Time for the first word of Acme” was changed since: it is “1 min 30 s” now.",
    );
    speak("zh");
    expect(sayIt(saying, HOST)).toBe("“Acme 给出第一个词的时限”后来被更改，现在为“1 分 30 秒”。");
    const newer = { ...saying.values, found_code: "value_of_tomorrow" };
    expect(sayIt({ ...saying, values: newer }, HOST)).toContain("现在为“1 min 30 s”");
  });
});
