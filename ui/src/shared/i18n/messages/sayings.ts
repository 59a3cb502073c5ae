import type { Saying } from "../../../backend/bindings/Saying";
import { formatSeconds } from "../../format";
import { currentTongue } from "../language.svelte";
import { ADVICE_REFUSALS } from "./adviceRefusals";
import { ANALYSIS_CHINESE, ANALYSIS_ENGLISH } from "./analysisSayings";
import { INVOICE_CHINESE } from "./invoiceSayings";
import { TELEMETRY_CHINESE } from "./telemetrySayings";

/** What stands in a sentence, by name. */
type Value = (name: string) => string;

/** The host's sentences in Chinese, by their word. The host itself speaks English. */
const CHINESE: Record<string, (value: Value) => string> = {
  // Why an answer failed.
  rate_limited: (value) => `${value("provider")} 限制了请求频率。请稍候再重试。`,
  rate_limited_wait: (value) =>
    `${value("provider")} 限制了请求频率，要求等待 ${formatSeconds(Number(value("wait_ms")))}。`,
  quota_exceeded: (value) =>
    `您在 ${value("provider")} 的账户余额不足或已超出配额。请在那里充值，或改用其他模型。`,
  authentication: (value) => `${value("provider")} 不接受此密钥。请检查或更换。`,
  permission: (value) => `您在 ${value("provider")} 的密钥无权执行此操作。请在那里申请权限，或改用其他模型。`,
  model_not_found: (value) => `${value("provider")} 没有这个模型。请另选一个。`,
  invalid_request: (value) => `${value("provider")} 拒绝了请求：${value("reason")}`,
  context_length: () => "对话超出了该模型能读取的长度。请缩短提问、开始新对话，或选择上下文更大的模型。",
  content_filter: (value) => `${value("provider")} 的内容过滤拦截了此内容。`,
  unavailable: (value) => `${value("provider")} 出现故障或负载过高。请重试，或改用其他模型。`,
  network: (value) => `与 ${value("provider")} 的连接中断。请检查网络，然后重试。`,
  timeout: (value) => `${value("provider")} 用时过长。`,
  truncated: (value) => `${value("provider")} 在回答完成前就结束了。已收到的内容会保留。`,
  cancelled: () => "已停止。",

  // What is waited for.
  wait_retry: (value) => `正在重试 ${value("model")}。`,
  wait_place: (value) => `正在等待 ${value("model")} 的空位：其限额已用完。`,
  wait_recovery: (value) => `正在等待，直到可以再次询问 ${value("model")}。`,

  ...ANALYSIS_CHINESE,
  ...TELEMETRY_CHINESE,
  ...INVOICE_CHINESE,
  ...ADVICE_REFUSALS.zh,
};

/** Those the window has words of its own for in English too. */
const ENGLISH: Record<string, (value: Value) => string> = { ...ANALYSIS_ENGLISH, ...ADVICE_REFUSALS.en };

/**
 * A sentence of the host in the window's language. The host's own stands where the window speaks English and has no words of its
 * own for it, where the window does not know the word, or misses something that stands in it.
 */
export function sayIt(saying: Saying | null, english: string): string {
  if (saying === null) return english;
  const sentence = (currentTongue() === "en" ? ENGLISH : CHINESE)[saying.code];
  if (sentence === undefined) return english;
  const missing: string[] = [];
  const text = sentence((name) => {
    const value = saying.values[name];
    if (value === undefined) missing.push(name);
    return value ?? "";
  });
  return missing.length === 0 ? text : english;
}
