/** Why an export was not taken over, by the host's codes. The host itself says it in English, with the row and what stands in it. */
export const INVOICE_CHINESE: Record<string, () => string> = {
  invoice_form: () =>
    "无法识别此文件：这里能读取 OpenAI、Anthropic 和 OpenRouter 的用量或费用导出（CSV 或 JSON）。未导入任何内容。",
  invoice_row: () => "文件中有一行无法读取。未导入任何内容。",
  invoice_currency: () => "金额不是美元，而账本以美元记账。未导入任何内容。",
  invoice_empty: () => "文件中没有任何用量或费用。未导入任何内容。",
  invoice_too_large: () => "文件过大。请导出较短的时段。",
  invoice_damaged: () => "存储的账单已损坏，无法读取。",
};
