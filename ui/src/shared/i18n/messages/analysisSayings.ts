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
  const seconds = tenths === 0 && minutes > 0 ? "" : `${tenths / 10} s`;
  return [minutes === 0 ? "" : `${minutes} min`, seconds].filter((part) => part !== "").join(" ");
}

/** What the host says of an analysis, in Chinese: the codes of `src-tauri/engine/src/analysis/sayings.rs`. */
export const ANALYSIS_CHINESE: Record<string, (value: Value) => string> = {
  advice_demo: () => "这些数字来自演示，并非真实调用。",

  advice_cache_deterministic: () => "保留每次应给出相同回答的请求的回答",
  advice_cache_always: () => "保留反复发送的请求的回答",
  advice_cache_repeats: (value) =>
    `${count(value("requests"))} 个请求中有 ${count(value("repeats"))} 个在 ${value("ttl_hours")} 小时内被逐字重复发送。这些重复花费了 ${formatUsd(value("usd"))}。`,
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
    `${duration(value("after_ms"))} 后就会询问下一个，而不是 ${duration(value("before_ms"))} 后。`,

  advice_retry: (value) => `让 ${value("subject")} 失败时再试一次`,
  advice_retry_failures: (value) =>
    `${count(value("calls"))} 次调用中有 ${count(value("failures"))} 次因暂时的原因失败。`,
  advice_retry_elsewhere: (value) =>
    `别处的 ${count(value("retries"))} 次重试中，有 ${count(value("answered"))} 次得到了回答。`,
  advice_retry_effect: () => "暂时的失败会再问一次，然后才放弃。",

  advice_simple: (value) => `把简单任务从 ${value("model")} 交给 ${value("cheaper")}`,
  advice_simple_share: (value) =>
    `${value("model")} 的 ${count(value("answers"))} 个回答中，有 ${count(value("simple"))} 个是简单任务，花费 ${formatUsd(value("usd"))}。`,
  advice_simple_replay: (value) =>
    `用 ${value("cheaper")} 回答同样的任务约为 ${formatUsd(value("replay_usd"))}，少 ${percent(value("percent"))}。`,
  advice_simple_rule_effect: (value) => `由 auto 选择模型的简单任务将交给 ${value("cheaper")}。`,
  advice_simple_by_hand_effect: (value) => `简单任务请询问 ${value("cheaper")}，而不是 ${value("model")}。`,
  advice_simple_rule_done: (value) => `简单任务已交给 ${value("cheaper")}`,

  advice_fallback: (value) => `为 ${value("subject")} 备好第二个模型`,
  advice_fallback_failures: (value) =>
    `${count(value("calls"))} 次调用中有 ${count(value("failures"))} 次失败：只有 ${percent(value("percent"))} 得到回答。`,
  advice_fallback_alone: (value) => `${value("subject")} 失败时，没有别的模型可以接替。`,
  advice_fallback_effect: () => "失败时由另一个模型回答，而不是没有回答。",

  advice_key_refused: (value) => `检查 ${value("provider")} 的密钥 ${value("key")}：它被拒绝`,
  advice_key_credit: (value) => `为 ${value("provider")} 的密钥 ${value("key")} 充值：它的额度已用完`,
  advice_key_refusals: (value) => `${count(value("refusals"))} 次调用因它被拒绝。`,
  advice_key_effect: (value) => `${value("provider")} 会重新回答。`,

  advice_price: (value) => `填写 ${value("model")} 的价格`,
  advice_price_unpriced: (value) =>
    `${count(value("calls"))} 次调用中有 ${count(value("unpriced"))} 次费用未知，共 ${count(value("tokens"))} 个词元。`,
  advice_price_effect: () => "合计与预算会把这些调用算进去。",

  advice_budget: (value) => `设置每月 ${formatUsd(value("limit_usd"))} 的预算`,
  advice_budget_spent: (value) =>
    `${value("days")} 天内花费了 ${formatUsd(value("usd"))}，没有任何预算限制。`,
  advice_budget_effect: () => "花费不会超出您允许的数额。",

  advice_undo_changed: (value) =>
    value("found") === ""
      ? `${value("place")} 后来被清空，不再是 ${value("applied")}。`
      : `${value("place")} 后来被改为 ${value("found")}，不再是 ${value("applied")}。`,
  advice_undo_gone: (value) => `${value("place")} 已不存在。`,
  advice_undo_unreadable: (value) => `无法读取 ${value("place")}：${value("reason")}`,
};
