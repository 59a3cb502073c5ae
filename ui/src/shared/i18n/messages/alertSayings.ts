import type { Said } from "../../../backend/bindings/Said";
import { dateFormat } from "../../dateFormat";
import { formatPrice, formatUsd, isFree } from "../../format";
import { currentTongue, type Tongue } from "../language.svelte";
import { priceField } from "../priceField";
import { sayIt } from "./sayings";
import { spendWords } from "./spend";

/** What stands in a sentence, by name. */
type Value = (name: string) => string;
type Sentences = Record<string, (value: Value) => string>;

/** Nothing that is left is not free. */
function usd(value: Value, name: string): string {
  const amount = value(name);
  return isFree(amount) ? spendWords().nothing : formatUsd(amount);
}

const perMtok = (value: Value, name: string): string => formatPrice(value(name));

/** Names of prices as people read them; two that are called the same are one. */
const fields = (value: Value, between: string): string =>
  [...new Set(value("fields").split(", ").map(priceField))].join(between);

const replayedEn = (value: Value): string =>
  ` What cost ${usd(value, "actual_usd")} in the last 30 days would cost ${usd(value, "replay_usd")} now.`;
const replayedZh = (value: Value): string =>
  `过去 30 天花费 ${usd(value, "actual_usd")} 的用量，现在需要 ${usd(value, "replay_usd")}。`;
const mainEn = (value: Value): string =>
  `A million tokens cost ${perMtok(value, "input_after")} in and ${perMtok(value, "output_after")} out, before ${perMtok(value, "input_before")} and ${perMtok(value, "output_before")}.`;
const mainZh = (value: Value): string =>
  `每百万词元输入 ${perMtok(value, "input_after")}、输出 ${perMtok(value, "output_after")}，此前为 ${perMtok(value, "input_before")} 和 ${perMtok(value, "output_before")}。`;
/** A day of the books by its name; it has no zone any more. */
const day = (value: Value): string => {
  const at = Date.parse(`${value("date")}T00:00:00Z`);
  if (Number.isNaN(at)) return value("date");
  return dateFormat(currentTongue(), { day: "numeric", month: "long", timeZone: "UTC" }).format(at);
};
const pastEn = (value: Value): string =>
  `${value("of")} cost ${value("times")} times as much on ${day(value)} as on a usual day`;
const pastZh = (value: Value): string =>
  `${value("of")} 在${day(value)}的花费是平常一天的 ${value("times")} 倍`;
const spentEn = (value: Value): string => `${usd(value, "spent_usd")} of ${usd(value, "limit_usd")} spent`;
const spentZh = (value: Value): string => `${usd(value, "limit_usd")} 中已花费 ${usd(value, "spent_usd")}`;
const neededEn = (value: Value): string =>
  `${spentEn(value)}, and the call that was refused may cost ${usd(value, "needed_usd")}.`;
const neededZh = (value: Value): string =>
  `${spentZh(value)}，被拒绝的调用最多可能花费 ${usd(value, "needed_usd")}。`;

/**
 * What alerts say, by the host's word (engine/src/alerts/sayings.rs lists them and what stands in them). In English too,
 * because amounts are shown in the user's currency here.
 */
export const ALERT_SENTENCES: Record<Tongue, Sentences> = {
  en: {
    alert_budget_step: (value) => `“${value("budget")}” has reached ${value("percent")} % of its limit`,
    alert_budget_step_body: (value) => `${spentEn(value)}, ${usd(value, "left_usd")} left.`,
    alert_budget_full_warn: (value) => `${spentEn(value)}. Calls go on being sent.`,
    alert_budget_full_ask: (value) => `${spentEn(value)}. Further calls are sent only when you say so.`,
    alert_budget_full_cheaper: (value) =>
      `${spentEn(value)}. Further calls go to cheaper models where one fits, and are refused where none does.`,
    alert_budget_full_stop: (value) => `${spentEn(value)}. Further calls are refused.`,
    alert_budget_refuses: (value) => `The budget “${value("budget")}” refuses calls`,
    alert_budget_refuses_ask: (value) => `${neededEn(value)} What does not fit is sent only when you say so.`,
    alert_budget_refuses_cheaper: (value) =>
      `${neededEn(value)} What does not fit goes to cheaper models where one fits, and is refused where none does.`,
    alert_budget_refuses_stop: (value) => `${neededEn(value)} What does not fit is refused.`,
    alert_budget_over: (value) => `${spentEn(value)} in the period that is over.`,
    alert_spike_everything: (value) => `Today has cost ${value("times")} times as much as a usual day`,
    alert_spike_provider: (value) =>
      `${value("of")} has cost ${value("times")} times as much today as on a usual day`,
    alert_spike_model: (value) =>
      `${value("of")} has cost ${value("times")} times as much today as on a usual day`,
    alert_spike_body: (value) =>
      `${usd(value, "today_usd")} so far, ${usd(value, "usual_usd")} on a usual day of the last four weeks.`,
    alert_past_spike_everything: (value) =>
      `${day(value)} cost ${value("times")} times as much as a usual day`,
    alert_past_spike_provider: pastEn,
    alert_past_spike_model: pastEn,
    alert_past_spike_body: (value) =>
      `${usd(value, "spent_usd")} on that day, ${usd(value, "usual_usd")} on a usual day of the four weeks before.`,
    alert_price_up: (value) => `${value("model")} has become dearer`,
    alert_price_down: (value) => `${value("model")} has become cheaper`,
    alert_price_changed: (value) => `The prices of ${value("model")} have changed`,
    alert_price_gone: (value) => `${value("model")} has no known price any more`,
    alert_price_main: mainEn,
    alert_price_main_replayed: (value) => mainEn(value) + replayedEn(value),
    alert_price_other: (value) => `Other prices of it have changed: ${fields(value, "; ")}.`,
    alert_price_other_replayed: (value) =>
      `Other prices of it have changed: ${fields(value, "; ")}.${replayedEn(value)}`,
    alert_price_gone_body: (value) =>
      `It was ${perMtok(value, "input_before")} in and ${perMtok(value, "output_before")} out per million tokens. Its calls are booked as unpriced until a price is set.`,
    alert_stale_prices: (value) => `The price list is ${value("days")} days old`,
    alert_stale_prices_body: (value) =>
      `Its newest price is of ${value("date")}. ${value("models") === "1" ? "One model" : `${value("models")} models`} in use may cost something else by now; update the list.`,
    alert_automatic_change: (value) =>
      `A recommendation was applied without asking${value("subject") === "" ? "" : `: ${value("subject")}`}`,
  },
  zh: {
    alert_budget_step: (value) => `“${value("budget")}”已达到限额的 ${value("percent")} %`,
    alert_budget_step_body: (value) =>
      `${spentZh(value)}，${isFree(value("left_usd")) ? "没有剩余" : `剩余 ${usd(value, "left_usd")}`}。`,
    alert_budget_full_warn: (value) => `${spentZh(value)}。调用会继续发送。`,
    alert_budget_full_ask: (value) => `${spentZh(value)}。后续调用须经你同意才会发送。`,
    alert_budget_full_cheaper: (value) =>
      `${spentZh(value)}。后续调用会改用放得下的更便宜的模型，没有时会被拒绝。`,
    alert_budget_full_stop: (value) => `${spentZh(value)}。后续调用会被拒绝。`,
    alert_budget_refuses: (value) => `预算“${value("budget")}”已拒绝调用`,
    alert_budget_refuses_ask: (value) => `${neededZh(value)}放不下的调用须经你同意才会发送。`,
    alert_budget_refuses_cheaper: (value) =>
      `${neededZh(value)}放不下的调用会改用放得下的更便宜的模型，没有时会被拒绝。`,
    alert_budget_refuses_stop: (value) => `${neededZh(value)}放不下的调用会被拒绝。`,
    alert_budget_over: (value) => `已结束的周期：${spentZh(value)}。`,
    alert_spike_everything: (value) => `今天的花费是平常一天的 ${value("times")} 倍`,
    alert_spike_provider: (value) => `${value("of")} 今天的花费是平常一天的 ${value("times")} 倍`,
    alert_spike_model: (value) => `${value("of")} 今天的花费是平常一天的 ${value("times")} 倍`,
    alert_spike_body: (value) =>
      `目前为 ${usd(value, "today_usd")}，最近四周平常一天为 ${usd(value, "usual_usd")}。`,
    alert_past_spike_everything: (value) => `${day(value)}的花费是平常一天的 ${value("times")} 倍`,
    alert_past_spike_provider: pastZh,
    alert_past_spike_model: pastZh,
    alert_past_spike_body: (value) =>
      `当天为 ${usd(value, "spent_usd")}，此前四周平常一天为 ${usd(value, "usual_usd")}。`,
    alert_price_up: (value) => `${value("model")} 涨价了`,
    alert_price_down: (value) => `${value("model")} 降价了`,
    alert_price_changed: (value) => `${value("model")} 的价格有变化`,
    alert_price_gone: (value) => `${value("model")} 不再有已知价格`,
    alert_price_main: mainZh,
    alert_price_main_replayed: (value) => mainZh(value) + replayedZh(value),
    alert_price_other: (value) => `其他价格有变化：${fields(value, "；")}。`,
    alert_price_other_replayed: (value) => `其他价格有变化：${fields(value, "；")}。${replayedZh(value)}`,
    alert_price_gone_body: (value) =>
      `此前每百万词元输入 ${perMtok(value, "input_before")}、输出 ${perMtok(value, "output_before")}。在设定价格之前，其调用记为无价格。`,
    alert_stale_prices: (value) => `价格表已有 ${value("days")} 天未更新`,
    alert_stale_prices_body: (value) =>
      `最新的价格来自 ${value("date")}。正在使用的 ${value("models")} 个模型的价格可能已变，请更新价格表。`,
    alert_automatic_change: (value) =>
      `未经询问应用了一项建议${value("subject") === "" ? "" : `：${value("subject")}`}`,
  },
};

/** What an alert says in the window's language; the host's own words where the code is not known or something is missing. */
export function sayAlert({ text, saying }: Said): string {
  const sentence = ALERT_SENTENCES[currentTongue()][saying.code];
  if (sentence === undefined) return sayIt(saying, text);
  const missing: string[] = [];
  const said = sentence((name) => {
    const value = saying.values[name];
    if (value === undefined) missing.push(name);
    return value ?? "";
  });
  return missing.length === 0 ? said : text;
}
