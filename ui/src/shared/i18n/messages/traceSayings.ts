import type { ChosenBecause } from "../../../backend/bindings/ChosenBecause";
import type { ChosenMerit } from "../../../backend/bindings/ChosenMerit";
import type { ErrorCategory } from "../../../backend/bindings/ErrorCategory";
import type { ExcludedBecause } from "../../../backend/bindings/ExcludedBecause";
import type { ModelAbility } from "../../../backend/bindings/ModelAbility";
import type { RunnerUpLost } from "../../../backend/bindings/RunnerUpLost";
import type { TraceEnding } from "../../../backend/bindings/TraceEnding";
import type { TraceSaying } from "../../../backend/bindings/TraceSaying";
import type { TraceStep } from "../../../backend/bindings/TraceStep";
import type { TracedPicks } from "../../../backend/bindings/TracedPicks";
import type { TracedPrice } from "../../../backend/bindings/TracedPrice";
import type { TracedSpeed } from "../../../backend/bindings/TracedSpeed";
import { formatUsd } from "../../format";
import { currentTongue, type Tongue } from "../language.svelte";
import { trace } from "./trace";

type Coded = { code: string };
/** Words for every code, each of what stands in it: a code without any does not compile. */
type WordsFor<Of extends Coded> = { [Code in Of["code"]]: (of: Extract<Of, { code: Code }>) => string };

interface Words {
  because: WordsFor<ChosenBecause>;
  merit: WordsFor<ChosenMerit>;
  lost: WordsFor<RunnerUpLost>;
  sentence: WordsFor<TraceSaying>;
  ending: WordsFor<TraceEnding>;
  excluded: WordsFor<ExcludedBecause>;
  step: Record<TraceStep, (model: string) => string>;
  resumed: Record<TraceStep, (model: string) => string>;
  failure: Record<ErrorCategory, string>;
  ability: Record<ModelAbility, string>;
  tier: (tier: string) => string;
}

/** What a code of one of the tables says. */
function of<Of extends Coded>(words: WordsFor<Of>, value: Of): string {
  return (words[value.code as Of["code"]] as (value: Of) => string)(value);
}

const count = (value: number): string => value.toLocaleString("en");
const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)}\u00a0s`;
/** A shorter wait is not worth a word. */
const TELLABLE_MS = 100;

const en: Words = {
  because: {
    only_one: () => "it is the only one that was asked for",
    only_one_left: () => "it is the only one left that can answer",
    kept: () => "it answered the turn before, and no other is clearly better",
    first_echelon: () => "its rung comes first and it is the only one there that can answer",
    lot: ({ other }) => `the lot decided between it and ${other}, which are equal`,
    best_score: () => "it has the best score",
    merits: ({ merits }) => `of ${merits.map((merit) => of(en.merit, merit)).join(" and ")}`,
  },
  merit: {
    performance: ({ speed }) =>
      `its speed and reliability${bracketsEn([speed === null ? null : speedEn(speed)])}`,
    cost: ({ price }) => `its price${bracketsEn([price === null ? null : priceEn(price)])}`,
    load: () => "its free capacity",
    capability: ({ complexity, task, tier, picks }) =>
      `its fit for ${trace().complexity(complexity)} ${trace().task(task)}${bracketsEn([tier === null ? null : en.tier(tier), picks === null ? null : picksEn(picks)])}`,
  },
  lost: {
    later_echelon: () => "stands on a later rung",
    draw: () => "lost the draw between equals",
    too_little_more: ({ lead, margin }) => `scored ${lead} more, and ${margin} is what it takes to change`,
    performance: ({ speeds }) => `lost on speed and reliability${againstEn(speeds, speedEn)}`,
    cost: ({ prices }) => `lost on price${againstEn(prices, priceEn)}`,
    load: () => "lost on free capacity",
    capability: ({ task, picks }) => `lost on fit for ${trace().task(task)}${againstEn(picks, picksEn)}`,
  },
  sentence: {
    chosen: ({ model, route, because, rules }) =>
      `${model}${route === null ? "" : ` from ${route}`} was chosen because ${of(en.because, because)}.${rulesEn(rules)}`,
    names_nothing: ({ asked, rules }) => `“${asked}” names no model.${rulesEn(rules)}`,
    nobody_can: ({ asked, models, rules }) =>
      `None of the ${count(models)} models of “${asked}” can answer.${rulesEn(rules)}`,
    runner_up: ({ model, lost }) => `Runner-up ${model} ${of(en.lost, lost)}.`,
    stepped: ({ step, model, failed, failure, had_begun, waited_ms }) => {
      const wait = waited_ms < TELLABLE_MS ? "" : ` after ${seconds(waited_ms)}`;
      const what = failure === "network" && had_begun ? "lost the connection" : en.failure[failure];
      return `${en.step[step](model)}${wait} because ${failed} ${what}.`;
    },
    ended: ({ how, served }) =>
      [how === null ? "" : of(en.ending, how), served === null ? "" : `${served} answered.`].join(" ").trim(),
    resumed: ({ step, model }) => en.resumed[step](model),
  },
  ending: {
    cache: () => "The answer comes from the cache and cost nothing.",
    shared: () => "The answer was shared with the same request under way.",
    last_resort: () => "The text is the route’s last resort; no model has written it.",
    stopped: () => "It was stopped.",
    interrupted: () => "The program ended in the middle of it.",
    broke_off: () => "The answer broke off; what had come stays.",
    failed: ({ model, failure }) => `It failed: ${model} ${en.failure[failure]}.`,
    failed_unsent: () => "It failed before anything was sent.",
  },
  excluded: {
    disabled: () => "it is switched off",
    not_set_up: () => "its provider is not set up here",
    no_key: () => "its provider has no key that works",
    breaker_open: ({ for_ms }) =>
      for_ms === 0
        ? "it kept failing and is being tried out"
        : `it kept failing and is left alone for ${seconds(for_ms)}`,
    quota_exceeded: () => "the account is out of credit",
    retired: () => "it is not offered any more",
    not_allowed: () => "a rule or a setting keeps it out",
    not_local: () => "it does not run in this house",
    context_too_small: ({ needed, window }) =>
      `${count(needed)} tokens are needed and its context has ${count(window)}`,
    answer_too_short: ({ asked, most }) =>
      `${count(asked)} tokens of answer are asked for and it gives ${count(most)} at most`,
    lacks: ({ ability }) => `it does not ${en.ability[ability]}`,
    ability_unknown: ({ ability }) => `nobody knows whether it can ${en.ability[ability]}`,
    too_expensive: ({ usd, at_most_usd }) =>
      `it would cost ${formatUsd(usd)} and ${formatUsd(at_most_usd)} is left`,
    unpriced: () => "its price is not known, so the budget cannot be kept",
    wait_too_long: ({ wait_ms, longest_wait_ms }) =>
      `a place comes in ${seconds(wait_ms)}, and ${seconds(longest_wait_ms)} may be waited`,
  },
  step: {
    went_on: (model) => `${model} went on with the answer`,
    began_anew: (model) => `${model} began the answer anew`,
    tried_anyway: (model) => `Tried ${model} anyway`,
    shortened: (model) => `Tried ${model} again with a shorter history`,
    fell_back: (model) => `Fell back to ${model}`,
    other_key: (model) => `Tried ${model} again with another key`,
    again: (model) => `Tried ${model} again`,
  },
  resumed: {
    went_on: (model) => `${model} was asked to go on.`,
    began_anew: (model) => `${model} was asked to begin anew.`,
    tried_anyway: (model) => `${model} was asked in spite of its failures.`,
    shortened: (model) => `${model} was asked.`,
    fell_back: (model) => `${model} was asked.`,
    other_key: (model) => `${model} was asked.`,
    again: (model) => `${model} was asked.`,
  },
  failure: {
    rate_limited: "had too many requests",
    quota_exceeded: "is out of credit",
    authentication: "refused the key",
    permission: "may not be used with this key",
    model_not_found: "is not known to its provider",
    wrong_address: "did not answer as its API does",
    invalid_request: "refused the request",
    context_length: "has too small a context for the prompt",
    content_filter: "refused the content",
    unavailable: "had a fault",
    network: "could not be reached",
    timeout: "took too long",
    truncated: "broke off",
    over_budget: "does not fit into a budget",
    cancelled: "was stopped",
  },
  ability: {
    vision: "take images",
    pdf: "take PDF files",
    audio_input: "take audio",
    tools: "call tools",
    parallel_tools: "call several tools at once",
    json_schema: "keep to a JSON schema",
  },
  tier: (tier) => `a ${tier} model`,
};

const zh: Words = {
  because: {
    only_one: () => "只请求了它",
    only_one_left: () => "只剩它能够回答",
    kept: () => "上一轮由它回答，且没有明显更好的",
    first_echelon: () => "它所在的梯级在前，且那里只有它能够回答",
    lot: ({ other }) => `它与 ${other} 不相上下，由抽签决定`,
    best_score: () => "它得分最高",
    merits: ({ merits }) => merits.map((merit) => of(zh.merit, merit)).join("，"),
  },
  merit: {
    performance: ({ speed }) => `速度与可靠性占优${bracketsZh([speed === null ? null : speedZh(speed)])}`,
    cost: ({ price }) => `价格占优${bracketsZh([price === null ? null : priceZh(price)])}`,
    load: () => "余量占优",
    capability: ({ complexity, task, tier, picks }) =>
      `更适合${trace().complexity(complexity)}的${trace().task(task)}任务${bracketsZh([tier === null ? null : zh.tier(tier), picks === null ? null : picksZh(picks)])}`,
  },
  lost: {
    later_echelon: () => "位于靠后的梯级",
    draw: () => "不相上下，抽签未中",
    too_little_more: ({ lead, margin }) => `得分高出 ${lead}，但高出 ${margin} 才会更换`,
    performance: ({ speeds }) => `在速度与可靠性上不及${againstZh(speeds, speedZh)}`,
    cost: ({ prices }) => `在价格上不及${againstZh(prices, priceZh)}`,
    load: () => "在余量上不及",
    capability: ({ task, picks }) => `在${trace().task(task)}任务上不及${againstZh(picks, picksZh)}`,
  },
  sentence: {
    chosen: ({ model, route, because, rules }) =>
      `选择了${route === null ? "" : ` ${route} 中的`} ${model}：${of(zh.because, because)}。${rulesZh(rules)}`,
    names_nothing: ({ asked, rules }) => `“${asked}”没有指向任何模型。${rulesZh(rules)}`,
    nobody_can: ({ asked, models, rules }) =>
      `“${asked}”的 ${count(models)} 个模型都无法回答。${rulesZh(rules)}`,
    runner_up: ({ model, lost }) => `其次是 ${model}：${of(zh.lost, lost)}。`,
    stepped: ({ step, model, failed, failure, had_begun, waited_ms }) => {
      const wait = waited_ms < TELLABLE_MS ? "" : `等待 ${seconds(waited_ms)} 后，`;
      const what = failure === "network" && had_begun ? "连接中断" : zh.failure[failure];
      return `${wait}${zh.step[step](model)}，因为 ${failed} ${what}。`;
    },
    ended: ({ how, served }) =>
      `${how === null ? "" : of(zh.ending, how)}${served === null ? "" : `由 ${served} 回答。`}`,
    resumed: ({ step, model }) => zh.resumed[step](model),
  },
  ending: {
    cache: () => "回答来自缓存，没有费用。",
    shared: () => "回答与进行中的相同请求共享。",
    last_resort: () => "这是路由的最后文本，并非模型所写。",
    stopped: () => "已被停止。",
    interrupted: () => "程序在中途结束了。",
    broke_off: () => "回答中断，已收到的内容会保留。",
    failed: ({ model, failure }) => `失败：${model} ${zh.failure[failure]}。`,
    failed_unsent: () => "在发送之前就失败了。",
  },
  excluded: {
    disabled: () => "它已停用",
    not_set_up: () => "这里没有设置其服务商",
    no_key: () => "其服务商没有可用的密钥",
    breaker_open: ({ for_ms }) =>
      for_ms === 0 ? "它连续失败，正在试探恢复" : `它连续失败，${seconds(for_ms)}内不再请求`,
    quota_exceeded: () => "账户额度已用完",
    retired: () => "它已不再提供",
    not_allowed: () => "被规则或设置排除",
    not_local: () => "它不在自己的设备上运行",
    context_too_small: ({ needed, window }) =>
      `需要 ${count(needed)} 个词元，而其上下文只有 ${count(window)} 个`,
    answer_too_short: ({ asked, most }) =>
      `要求的回答有 ${count(asked)} 个词元，而它最多给出 ${count(most)} 个`,
    lacks: ({ ability }) => `它不能${zh.ability[ability]}`,
    ability_unknown: ({ ability }) => `不知道它能否${zh.ability[ability]}`,
    too_expensive: ({ usd, at_most_usd }) => `需花费 ${formatUsd(usd)}，而只剩 ${formatUsd(at_most_usd)}`,
    unpriced: () => "价格未知，无法遵守预算",
    wait_too_long: ({ wait_ms, longest_wait_ms }) =>
      `${seconds(wait_ms)}后才有空位，而最多可等 ${seconds(longest_wait_ms)}`,
  },
  step: {
    went_on: (model) => `由 ${model} 接着写`,
    began_anew: (model) => `由 ${model} 重新开始`,
    tried_anyway: (model) => `仍然请求了 ${model}`,
    shortened: (model) => `缩短历史后再次请求了 ${model}`,
    fell_back: (model) => `改为请求 ${model}`,
    other_key: (model) => `换了密钥再次请求 ${model}`,
    again: (model) => `再次请求了 ${model}`,
  },
  resumed: {
    went_on: (model) => `已请 ${model} 接着写。`,
    began_anew: (model) => `已请 ${model} 重新开始。`,
    tried_anyway: (model) => `不顾其失败，仍然请求了 ${model}。`,
    shortened: (model) => `已请求 ${model}。`,
    fell_back: (model) => `已请求 ${model}。`,
    other_key: (model) => `已请求 ${model}。`,
    again: (model) => `已请求 ${model}。`,
  },
  failure: {
    rate_limited: "请求过多",
    quota_exceeded: "额度已用完",
    authentication: "拒绝了密钥",
    permission: "不允许用此密钥访问",
    model_not_found: "不为其服务商所知",
    wrong_address: "没有按其接口的方式回答",
    invalid_request: "拒绝了请求",
    context_length: "的上下文放不下提问",
    content_filter: "拒绝了内容",
    unavailable: "出现故障",
    network: "无法连接",
    timeout: "用时过长",
    truncated: "中途断开",
    over_budget: "超出预算",
    cancelled: "被停止",
  },
  ability: {
    vision: "接受图片",
    pdf: "接受 PDF 文件",
    audio_input: "接受声音",
    tools: "调用工具",
    parallel_tools: "同时调用多个工具",
    json_schema: "遵守 JSON Schema",
  },
  tier: (tier) => ({ small: "小型模型", standard: "标准模型", frontier: "顶级模型" })[tier] ?? tier,
};

function bracketsEn(known: (string | null)[]): string {
  const shown = known.filter((one) => one !== null);
  return shown.length === 0 ? "" : ` (${shown.join(", ")})`;
}

function bracketsZh(known: (string | null)[]): string {
  const shown = known.filter((one) => one !== null);
  return shown.length === 0 ? "" : `（${shown.join("，")}）`;
}

function againstEn<T>(both: [T, T] | null, say: (one: T) => string): string {
  return both === null ? "" : ` (${say(both[0])} against ${say(both[1])})`;
}

function againstZh<T>(both: [T, T] | null, say: (one: T) => string): string {
  return both === null ? "" : `（${say(both[0])}，对方为${say(both[1])}）`;
}

function speedEn({ first_ms, tokens_per_second }: TracedSpeed): string {
  return `${seconds(first_ms)} to the first word, ${count(tokens_per_second)} tokens a second`;
}

function speedZh({ first_ms, tokens_per_second }: TracedSpeed): string {
  return `首个词元 ${seconds(first_ms)}，每秒 ${count(tokens_per_second)} 个词元`;
}

function priceEn({ usd, warm }: TracedPrice): string {
  return `${formatUsd(usd)}${warm ? ", its cache still warm" : ""}`;
}

function priceZh({ usd, warm }: TracedPrice): string {
  return `${formatUsd(usd)}${warm ? "，缓存仍有效" : ""}`;
}

function picksEn({ picked, shown }: TracedPicks): string {
  return `picked in ${count(picked)} of ${count(shown)} comparisons`;
}

function picksZh({ picked, shown }: TracedPicks): string {
  return `${count(shown)} 次对比中被选 ${count(picked)} 次`;
}

function rulesEn(rules: string[]): string {
  if (rules.length === 0) return "";
  return ` The ${rules.length === 1 ? "rule" : "rules"} “${rules.join("”, “")}” applied.`;
}

function rulesZh(rules: string[]): string {
  return rules.length === 0 ? "" : `生效的规则：“${rules.join("”、“")}”。`;
}

const TRACE_WORDS: Record<Tongue, Words> = { en, zh };

/** A sentence of a trace in the window's language; the host's own where it comes without a code, as those stored long ago. */
export function sayTrace(saying: TraceSaying | null | undefined, english: string): string {
  return saying == null ? english : of(TRACE_WORDS[currentTongue()].sentence, saying);
}

/** Why a candidate cannot answer, without a full stop; the host's own words where it comes without a code. */
export function sayExcluded(why: ExcludedBecause | null, english: string): string {
  return why === null ? english : of(TRACE_WORDS[currentTongue()].excluded, why);
}
