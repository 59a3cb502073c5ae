import { defineWords } from "../define";

/** What kind of failure it is, as a title; the host's sentence below says whose doing and what to do. */
export const faults = defineWords(
  {
    rate_limited: "Asked too often",
    quota_exceeded: "Out of credit",
    authentication: "The key is not accepted",
    permission: "Not allowed",
    model_not_found: "No such model",
    wrong_address: "Not the right address",
    invalid_request: "The request was refused",
    context_length: "Too long for this model",
    content_filter: "Stopped by a filter",
    unavailable: "Not available now",
    network: "No connection",
    timeout: "It took too long",
    truncated: "Broken off",
    over_budget: "Over a budget",
    cancelled: "Stopped",
  },
  {
    rate_limited: "请求过于频繁",
    quota_exceeded: "额度已用完",
    authentication: "密钥未被接受",
    permission: "没有权限",
    model_not_found: "没有这个模型",
    wrong_address: "地址不正确",
    invalid_request: "请求被拒绝",
    context_length: "超出该模型的长度",
    content_filter: "被内容过滤拦截",
    unavailable: "暂时不可用",
    network: "无法连接",
    timeout: "等待超时",
    truncated: "回答中断",
    over_budget: "超出预算",
    cancelled: "已停止",
  },
);
