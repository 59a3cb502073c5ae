import { afterEach, describe, expect, it } from "vitest";
import type { NoticeSaying } from "../../../backend/bindings/NoticeSaying";
import { speak } from "../language.svelte";
import { sayNotice } from "./noticeSayings";

type Samples = { [Code in NoticeSaying["code"]]: Extract<NoticeSaying, { code: Code }> };

const provider = "Acme";
const model = "Poet";
const variable = "ACME_API_KEY";
const wish = { origin: "Draft", setting: "temperature", asked: "5", reason: "it takes 0 to 2" };

/** One of each: a new code of the host does not compile without one. */
const SAMPLES: Samples = {
  pictures_omitted: { code: "pictures_omitted", provider },
  web_pictures_omitted: { code: "web_pictures_omitted", provider },
  files_omitted: { code: "files_omitted", provider, media_type: "audio/wav" },
  tools_omitted: { code: "tools_omitted", provider },
  tool_choice_omitted: { code: "tool_choice_omitted", provider },
  answer_form_omitted: { code: "answer_form_omitted", provider },
  setting_omitted: { code: "setting_omitted", provider, setting: "logit_bias" },
  instructions_moved: { code: "instructions_moved", provider },
  other_items_omitted: { code: "other_items_omitted", provider },
  pictures_unseen: { code: "pictures_unseen", model, count: 2 },
  documents_unread: { code: "documents_unread", model, count: 3 },
  sound_unheard: { code: "sound_unheard", model, count: 4 },
  taken_over: { code: "taken_over", model },
  oldest_omitted: { code: "oldest_omitted", model, count: 7 },
  prompt_tight: { code: "prompt_tight", model, tokens: 111, window: 222 },
  prompt_too_long: { code: "prompt_too_long", model, tokens: 111, window: 222 },
  key_missing: { code: "key_missing", provider, variable },
  key_missing_elsewhere: {
    code: "key_missing_elsewhere",
    provider,
    variable,
    moved_by: "ACME_BASE_URL",
    address: "https://acme.example",
  },
  wish_adjusted: { code: "wish_adjusted", ...wish, setting: "logit_bias", used: "2" },
  wish_omitted: { code: "wish_omitted", ...wish, setting: "logit_bias" },
  earlier_file_in_force: { code: "earlier_file_in_force", file: "rules.yaml", line: 2, as_of: null },
  file_not_in_force: { code: "file_not_in_force", file: "rules.yaml", line: 2 },
};

const TEXT = "In the host's words.";
const say = (saying: NoticeSaying) => sayNotice({ text: TEXT, saying });

afterEach(() => speak("en"));

describe("what is left out or changed", () => {
  it.each(Object.values(SAMPLES))("is said in both languages: $code", (saying) => {
    const english = say(saying);
    speak("zh");
    const chinese = say(saying);
    expect(english).not.toMatch(/[\u4e00-\u9fff]/);
    expect(chinese).toMatch(/[\u4e00-\u9fff]/);
    const values = Object.entries(saying).filter(([name]) => name !== "code");
    for (const [name, value] of values) {
      if (value === null) continue;
      expect(english, name).toContain(String(value));
      // Why is known in English alone.
      if (name !== "reason") expect(chinese, name).toContain(String(value));
    }
    expect(english + chinese).not.toMatch(/undefined|null|NaN/);
  });

  it("counts one as one", () => {
    expect(say({ code: "pictures_unseen", model, count: 1 })).toBe(
      "Poet does not see pictures: one picture is left out.",
    );
    expect(say({ code: "oldest_omitted", model, count: 1 })).toMatch(/^The oldest message is left out/);
  });

  it("calls values what the lane's parameters call them", () => {
    const saying: NoticeSaying = { code: "wish_adjusted", ...wish, used: "2" };
    expect(say(saying)).toBe(
      "Draft sets Temperature to 5, which this model does not take: it takes 0 to 2; 2 is used.",
    );
    speak("zh");
    expect(say(saying)).toBe("Draft 将“温度”设为 5，这个模型不接受；改用 2。");
  });

  it("says when a file was last right, and that it cannot be used at all", () => {
    const as_of = new Date(2026, 10, 21, 19, 47).getTime();
    const saying: NoticeSaying = { ...SAMPLES.earlier_file_in_force, line: null, as_of };
    expect(say(saying)).toBe("rules.yaml cannot be used; the version of 21 Nov 2026, 19:47 is in force.");
    speak("zh");
    expect(say(saying)).toBe("rules.yaml 无法使用；目前生效的是其 2026年11月21日 19:47 的版本。");
  });

  it("leaves out the variable where there is none", () => {
    const saying: NoticeSaying = { code: "key_missing", provider, variable: null };
    expect(say(saying)).toBe("There is no key for Acme here. Add one in the settings.");
  });
});

it("shows what an older version has stored as it is, in any language", () => {
  speak("zh");
  expect(sayNotice({ text: TEXT, saying: null })).toBe(TEXT);
});
