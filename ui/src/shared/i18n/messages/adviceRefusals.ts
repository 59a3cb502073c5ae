import type { AdviceRefusal } from "../../../backend/bindings/AdviceRefusal";
import type { Tongue } from "../language.svelte";
import { ANALYSIS_CHINESE } from "./analysisSayings";

/** What stands in a sentence, by name. */
type Value = (name: string) => string;
type Sentences = Record<AdviceRefusal, (value: Value) => string>;

/** A part with a code of its own, in Chinese where the code is known; its values stand under the part's name and theirs. */
function partZh(value: Value, name: string): string {
  const sentence = ANALYSIS_CHINESE[value(`${name}_code`)];
  return sentence === undefined ? value(name) : sentence((inner) => value(`${name}_${inner}`));
}

/** Why advice was not followed or a change not taken back (engine/src/analysis/error.rs says what stands in each). */
export const ADVICE_REFUSALS: Record<Tongue, Sentences> = {
  en: {
    advice_unknown: () => "There is no such advice at present; what was seen since may speak against it.",
    advice_by_hand: () => "This advice changes nothing by itself; do as it says, where it says.",
    advice_overtaken: (value) => `“${value("place")}” was changed meanwhile; look at the advice again.`,
    change_unknown: (value) => `There is no change “${value("change")}” here.`,
    change_taken_back: () => "This change was taken back already.",
    change_place_gone: (value) => `“${value("place")}” is not there any more.`,
    change_overtaken: (value) => `“${value("place")}” was changed since: it is “${value("found")}” now.`,
    change_damaged: (value) => `A change that was made on advice cannot be read back: ${value("reason")}.`,
  },
  zh: {
    advice_unknown: () => "目前没有这条建议；此后的情况可能与之相反。",
    advice_by_hand: () => "这条建议本身不改动任何设置；请按其所说，在所说之处自行修改。",
    advice_overtaken: (value) => `“${partZh(value, "place")}”其间已被改动；请重新查看这条建议。`,
    change_unknown: (value) => `这里没有改动“${value("change")}”。`,
    change_taken_back: () => "这项改动已经撤销。",
    change_place_gone: (value) => `“${partZh(value, "place")}”已不存在。`,
    change_overtaken: (value) => `“${partZh(value, "place")}”后来被更改，现在为“${partZh(value, "found")}”。`,
    change_damaged: (value) => `无法读回按建议所做的一项改动：${value("reason")}。`,
  },
};
