import { formatUsd } from "../../format";

/** What stands in a sentence, by name. */
type Value = (name: string) => string;

const count = (value: string): string => Number(value).toLocaleString("en");
const percent = (value: string): string => `${value}%`;

/** Limits are said to the tenth of a second: what is set is what stands here. */
function duration(value: string): string {
  const ms = Number(value);
  const minutes = Math.floor(ms / 60_000);
  const tenths = Math.ceil((ms % 60_000) / 100);
  const seconds = tenths === 0 && minutes > 0 ? "" : `${tenths / 10}\u00a0s`;
  return [minutes === 0 ? "" : `${minutes}\u00a0min`, seconds].filter((part) => part !== "").join("\u00a0");
}

/** What is set, to the millisecond: 1 分 30.5 秒. */
function exactDuration(value: string): string {
  const ms = Number(value);
  const minutes = Math.floor(ms / 60_000);
  const seconds = (ms % 60_000) / 1_000;
  const parts = [minutes > 0 ? `${minutes} 分` : "", seconds > 0 || minutes === 0 ? `${seconds} 秒` : ""];
  return parts.filter((part) => part !== "").join(" ");
}

/**
 * Those in which money stands, in English too: the host says it in dollars, to the last digit; the window says it short, in
 * the currency that is shown.
 */
export const ANALYSIS_ENGLISH: Record<string, (value: Value) => string> = {
  advice_cache_cost: (value) =>
    `The ${count(value("priced"))} of them whose cost is known came to ${formatUsd(value("usd"))}.`,
  advice_simple_auto_share: (value) =>
    `${count(value("simple"))} of ${count(value("answers"))} answers of lanes with auto were to prompts read as simple. They came from ${value("models")} and cost ${formatUsd(value("usd"))}.`,
  advice_simple_share: (value) =>
    `${count(value("simple"))} of ${count(value("answers"))} answers of ${value("model")} were to prompts read as simple. They cost ${formatUsd(value("usd"))}.`,
  advice_simple_replay: (value) =>
    `The same tokens come to ${formatUsd(value("replay_usd"))} with ${value("cheaper")}, ${value("percent")} % less.`,
  advice_budget: (value) => `Set a budget, for instance ${formatUsd(value("limit_usd"))} a month`,
  advice_budget_spent: (value) =>
    `${formatUsd(value("usd"))} was spent in ${value("days")} days, and no budget holds.`,
};

/** What the host says of an analysis, in Chinese: the codes of `src-tauri/engine/src/analysis/sayings.rs`. */
export const ANALYSIS_CHINESE: Record<string, (value: Value) => string> = {
  advice_demo: () => "这些数字来自演示，并非真实调用。",

  advice_cache_deterministic: () => "保留每次应给出相同回答的请求的回答",
  advice_cache_always: () => "保留反复发送的请求的回答",
  advice_cache_repeats: (value) =>
    `${count(value("requests"))} 个请求中有 ${count(value("repeats"))} 个在 ${value("ttl_hours")} 小时内被逐字重复发送。`,
  advice_cache_cost: (value) =>
    `其中费用已知的 ${count(value("priced"))} 次共花费 ${formatUsd(value("usd"))}。`,
  advice_cache_deterministic_effect: (value) =>
    `在 ${value("ttl_hours")} 小时内，此类请求会立即免费得到之前的回答。`,
  advice_cache_always_effect: (value) =>
    `在 ${value("ttl_hours")} 小时内，同一问题会免费得到同样的回答，即使回答本会有所不同。`,

  advice_timeout_raise: (value) => `给 ${value("subject")} ${duration(value("after_ms"))}，之后才放弃`,
  advice_timeout_lower: (value) => `${duration(value("after_ms"))} 后放弃 ${value("subject")}`,
  advice_timeout_raise_first: (value) =>
    `给 ${value("subject")} ${duration(value("after_ms"))} 给出第一个词，之后才放弃`,
  advice_timeout_lower_first: (value) =>
    `${value("subject")} 若 ${duration(value("after_ms"))} 内没有第一个词，则放弃`,
  advice_timeout_cut: (value) =>
    `${count(value("calls"))} 次调用中有 ${count(value("cut"))} 次在 ${duration(value("limit_ms"))} 后被放弃。`,
  advice_timeout_hung: (value) =>
    `${count(value("calls"))} 次调用中有 ${count(value("cut"))} 次一直挂起，直到 ${duration(value("limit_ms"))} 用完。`,
  advice_timeout_close: (value) =>
    `回答常常接近这一时限：${count(value("answered"))} 次中，每二十次就有一次用了 ${duration(value("p95_ms"))} 或更久。`,
  advice_timeout_usual: (value) =>
    `在得到的 ${count(value("answered"))} 次回答中，100 次有 99 次不超过 ${duration(value("p99_ms"))}。`,
  advice_timeout_raise_effect: (value) =>
    `用时超过 ${duration(value("before_ms"))} 的回答，最多可等到 ${duration(value("after_ms"))}。`,
  advice_timeout_lower_effect: (value) =>
    `${duration(value("after_ms"))} 后就会询问下一个，而不是 ${duration(value("before_ms"))} 后。本可少等 ${duration(value("spared_ms"))}。`,

  advice_retry: (value) => `调用暂时失败时，让 ${value("subject")} 再试一次`,
  advice_retry_failures: (value) =>
    `${count(value("calls"))} 次调用中有 ${count(value("failures"))} 次因通常会过去的原因（过载、限额、网络）失败，且没有再试。`,
  advice_retry_elsewhere: (value) =>
    `别处的 ${count(value("retries"))} 次再试中，有 ${count(value("answered"))} 次得到了回答。`,
  advice_retry_effect: () => "先再问一次同一个模型，然后才由下一个接替。",

  advice_retry_effect_of: (value) =>
    `先再问一次同一个模型，然后才由下一个接替。按别处再试的情况，${count(value("failures"))} 次中约有 ${count(value("answered"))} 次会得到回答。`,

  advice_simple_auto: (value) => `让 auto 把简单的提问交给 ${value("cheaper")}`,
  advice_simple_auto_share: (value) =>
    `使用 auto 的栏的 ${count(value("answers"))} 个回答中，有 ${count(value("simple"))} 个针对被判为简单的提问，由 ${value("models")} 回答，花费 ${formatUsd(value("usd"))}。`,
  advice_simple: (value) => `把简单的提问从 ${value("model")} 交给 ${value("cheaper")}`,
  advice_simple_share: (value) =>
    `${value("model")} 的 ${count(value("answers"))} 个回答中，有 ${count(value("simple"))} 个针对被判为简单的提问，花费 ${formatUsd(value("usd"))}。`,
  advice_simple_replay: (value) =>
    `同样的词元用 ${value("cheaper")} 为 ${formatUsd(value("replay_usd"))}，少 ${percent(value("percent"))}。`,
  advice_simple_rule_effect: (value) =>
    `一条规则让使用 auto 的栏在提问简单时先看价格；目前会由 ${value("cheaper")} 回答。指定了模型的栏保持不变。`,
  advice_simple_by_hand_effect: (value) =>
    `这些栏自己指定了 ${value("model")}，规则不会改动：简单的提问请选择 ${value("cheaper")} 或 auto。`,

  advice_fallback: (value) => `为 ${value("subject")} 备好第二个模型`,
  advice_fallback_failures: (value) =>
    `${count(value("calls"))} 次调用中有 ${count(value("failures"))} 次并非因请求本身而失败；${percent(value("percent"))} 得到回答。`,
  advice_fallback_alone: (value) => `${value("subject")} 失败时，没有模型接替。`,
  advice_fallback_effect: () => "在组中加入第二个模型，最好来自另一家服务商，第一个失败时由它回答。",

  advice_fallback_effect_of: (value) =>
    `在组中加入第二个模型，最好来自另一家服务商，第一个失败时由它回答。按别处接替的情况，${count(value("failures"))} 次中约有 ${count(value("answered"))} 次会得到回答。`,

  advice_key_refused: (value) => `${value("provider")} 拒绝密钥 ${value("key")}`,
  advice_key_credit: (value) => `${value("provider")} 的密钥 ${value("key")} 额度已用完`,
  advice_key_refusals: (value) => `连续 ${count(value("refusals"))} 次调用被拒绝，此后没有一次成功。`,
  advice_key_effect: (value) => `换用有效或有余额的密钥后，${value("provider")} 的模型会重新回答。`,

  advice_price: (value) => `为 ${value("model")} 设置价格`,
  advice_price_unpriced: (value) =>
    `${count(value("calls"))} 个回答中有 ${count(value("unpriced"))} 个、共 ${count(value("tokens"))} 个词元，在账本中费用未知。`,
  advice_price_effect: () => "此后预算、预测和图表都会计入其调用。请更新价格表，或自行设置价格。",

  advice_budget: (value) => `设置预算，例如每月 ${formatUsd(value("limit_usd"))}`,
  advice_budget_spent: (value) => `${value("days")} 天内花费了 ${formatUsd(value("usd"))}，没有生效的预算。`,
  advice_budget_effect: () => "失误、循环或被盗的密钥，都不能花费超出其限额。",

  // What a change is about, and what stands there.
  place_kept_answers: () => "保留的回答",
  place_first_word: (value) => `${value("provider")} 给出第一个词的时限`,
  place_whole_call: (value) => `${value("provider")} 整次调用的时限`,
  place_rung_timeout: (value) => `${value("file")} 中 ${value("subject")} 的调用时限`,
  place_rung_retries: (value) => `${value("file")} 中 ${value("subject")} 再问同一模型的次数`,
  place_group_attempts: (value) => `${value("file")} 中 ${value("subject")} 每个请求的调用次数`,
  place_rule: (value) => `${value("file")} 中的规则“${value("rule")}”`,
  value_kept_answers: (value) =>
    ({ off: "不保留", deterministic: "本应每次相同的回答", always: "全部" })[value("mode")] ??
    `模式 ${value("mode")}`,
  value_time: (value) => exactDuration(value("limit_ms")),
  value_count: (value) => `${count(value("count"))} 次`,
  value_unset: () => "未设置",
  value_unset_usual: (value) => `未设置（${exactDuration(value("limit_ms"))}）`,
  value_no_rule: () => "无此规则",
  value_rule_off: () => "已停用",
  value_rule_amended: () => "同一规则，但有改动",
  value_rule: (value) => `规则：${value("rule")}`,
};
