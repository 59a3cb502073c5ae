import { defineWords } from "../define";

const many = (count: number, one: string, more: string) => `${count} ${count === 1 ? one : more}`;

/** Invoices of providers beside the books. */
export const invoiceWords = defineWords(
  {
    title: "Invoices",
    lead: "Lay what a provider says it charged beside your books, day by day and model by model.",
    drop: "Drop a provider's export here",
    dropNote: "It is read on this machine and sent nowhere.",
    choose: "Choose a file",
    reading: (name: string) => `Reading ${name}…`,
    where: "Where to get one",
    whereOpenai:
      "platform.openai.com › Usage › Export: costs, or completions as CSV; or a page of its API as JSON",
    whereAnthropic: "platform.claude.com › Cost or Usage › Export; or a page of its Admin API as JSON",
    whereOpenrouter: "openrouter.ai › Activity › Export; or its activity as JSON",
    refused: (name: string) => `${name} was not taken over`,
    refusedHint: "Export it anew from the provider's page, as CSV or JSON, and choose that file.",
    tooLarge: (mib: number) => `The file is larger than ${mib} MiB. Export a shorter time.`,
    unreadable: "The invoices could not be read.",
    tryAgain: "Try again",

    list: "Imported invoices",
    none: "No invoice yet. The first one shows up here and stays until you remove it.",
    imported: (when: string) => `imported ${when}`,
    comparedWith: (provider: string) => `compared with ${provider}`,
    open: (name: string) => `Open ${name}`,
    actions: (name: string) => `Actions for ${name}`,
    remove: "Remove the invoice",
    removeTitle: (name: string) => `Remove “${name}”?`,
    removeNote: "The comparison goes. What was corrected by it stays in the books.",
    all: "All invoices",

    whose: "Whose calls is it compared with?",
    whoseNote: (name: string, issuer: string) =>
      `${name} is an export by ${issuer}, and several of your providers ask there.`,
    whoseKeys: (count: number) => (count === 0 ? "no key" : many(count, "key", "keys")),
    compare: "Compare",

    days: (span: string) => `${span}, days in UTC`,
    invoiced: "On the invoice",
    booked: "In your books",
    difference: "Difference",
    noAmounts: "names no amounts",
    saysNoAmounts: (provider: string, booked: string) =>
      `This export of ${provider} names no amounts, only usage; your books hold ${booked}.`,
    saysSame: (provider: string, amount: string) =>
      `${provider} charged ${amount}, and your books hold the same.`,
    saysMore: (provider: string, invoiced: string, booked: string, by: string) =>
      `${provider} charged ${invoiced}, your books hold ${booked}: the invoice is ${by} higher.`,
    saysLess: (provider: string, invoiced: string, booked: string, by: string) =>
      `${provider} charged ${invoiced}, your books hold ${booked}: the invoice is ${by} lower.`,
    daysDiffer: (differing: number, all: number) =>
      differing === 0
        ? `Nothing differs on ${many(all, "day", "days")}.`
        : `${differing} of ${many(all, "day", "days")} ${differing === 1 ? "differs" : "differ"}.`,
    rowsDiffer: (differing: number, all: number) =>
      differing === 0
        ? `Nothing differs in ${many(all, "row", "rows")} of a day and model.`
        : `${differing} of ${many(all, "row", "rows")} of a day and model ${differing === 1 ? "differs" : "differ"}.`,

    notCompared: (booked: string) =>
      `Of ${booked} in your books the invoice names no amount; that is not in the difference.`,

    hasMore: (day: string) =>
      `This file is one page of several: what comes after ${day} is not here. Fetch the other pages and put them into one list.`,
    wholeDaysNote:
      "This export names no models, so whole days are compared. Export it by line item or by model to see which one differs.",
    hasCorrected: (amount: string) => `This invoice has corrected your books by ${amount}.`,
    takeBack: "Take the corrections back",
    takeBackTitle: "Take the corrections back?",
    takeBackNote: (amount: string) =>
      `An opposite entry is booked for each day and model it has corrected (${amount} in all), where the corrections stand. Nothing is removed from your books. What is taken back leaves the budgets' periods that are open now.`,
    tookBack: (count: number) =>
      count === 0
        ? "Nothing was left to take back."
        : `${many(count, "opposite entry was", "opposite entries were")} booked.`,

    ways: "What differs, and why",
    sure: "sure",
    sureNote: "The same calls or the same tokens on both sides, and the invoice knows better what they cost.",
    price_differs: "Another price",
    price_differs_note: "The same tokens on both sides, charged at another price than the books used.",
    books_estimated: "Estimated in the books",
    books_estimated_note:
      "The books hold estimates or unpriced calls here, cut answers for instance. It is sure only where the invoice names the same calls.",
    usage_differs: "Other usage",
    usage_differs_note:
      "Tokens or calls differ: calls were made elsewhere with the same account, or are missing in the books.",
    amount_differs: "Another amount",
    amount_differs_note:
      "The amounts differ, and nothing on the invoice says why: it names no tokens, or counts them in its own way.",
    only_invoiced: "Only on the invoice",
    only_invoiced_note: "Calls made elsewhere with the same account, or fees beside the tokens.",
    only_booked: "Only in the books",
    only_booked_note: "Not charged, or not yet, or charged to another account.",
    next_day: "Neighbouring day",
    next_day_note: "Made up for by the day before or after: the two cut their days at different moments.",
    tokens_agree: "Same usage",
    tokens_agree_note: "The invoice names no amount here; its tokens are those of the books.",
    agrees: "Agrees",
    agrees_note: "The same, but for rounding of the invoice.",
    rows: (count: number) => many(count, "row", "rows"),

    show: "Show",
    showDifferences: (count: number) => `Differences (${count})`,
    showAll: (count: number) => `All rows (${count})`,
    foldAll: "Fold all days",
    unfoldAll: "Unfold all days",
    fold: (day: string) => `Rows of ${day}`,
    csv: "Save the table as CSV",
    table: "The invoice beside the books, by day and model",
    model: "Model",
    noModel: "No model",
    wholeDay: "Whole day",
    amount: "Amount",
    calls: "Calls",
    tokensIn: "Tokens in",
    tokensOut: "Tokens out",
    invoiceShort: "Invoice",
    booksShort: "Books",
    shownOf: (shown: number, all: number) =>
      shown === all ? many(all, "row", "rows") : `${shown} of ${all} rows`,
    unpriced: (count: number) => `${many(count, "call", "calls")} without a price`,
    correctedBy: (amount: string) => `Corrected by ${amount}`,
    correctedNote: "Booked as an entry of its own, because an invoice said so.",
    notSaid: "not stated",

    chooseRow: (model: string, day: string) => `Correct ${model} on ${day}`,
    chooseDay: (day: string) => `Correct everything of ${day}`,
    chooseSure: "Choose all that are sure",
    chooseNone: "Choose none",
    correct: (count: number, amount: string) =>
      `Correct the books by ${many(count, "entry", "entries")} (${amount})`,
    correctLater: "Correct the books",
    correctNone: "Nothing is chosen to be corrected.",
    chosen: (count: number, sure: number) =>
      count === sure ? `${count} chosen, all sure` : `${count} chosen, ${sure} of them sure`,
    confirmTitle: (count: number) => `Book ${many(count, "correction", "corrections")}?`,
    confirmNote: (count: number, amount: string) =>
      `${many(count, "new entry", "new entries")}, ${amount} in all. Nothing that stands in your books is changed or removed.`,
    confirmWhere:
      "Each entry stands beside the last call it corrects, with the purpose “Invoices”. It counts into the budgets' periods that are open now.",
    confirmUnsure: (count: number) =>
      `${many(count, "row is", "rows are")} not sure: it is not known that the calls are the same.`,
    confirm: (count: number) => `Book ${many(count, "entry", "entries")}`,
    corrected: (count: number) =>
      count === 0
        ? "Nothing was left to book."
        : `${many(count, "correction was", "corrections were")} booked.`,
  },
  {
    title: "账单",
    lead: "把服务商的收费与你的账本逐日、逐模型对照。",
    drop: "把服务商的导出文件拖到这里",
    dropNote: "文件只在本机读取，不会发送到任何地方。",
    choose: "选择文件",
    reading: (name) => `正在读取 ${name}…`,
    where: "从哪里获取",
    whereOpenai: "platform.openai.com › Usage › Export：费用或 completions 用量（CSV），或其 API 返回的 JSON",
    whereAnthropic: "platform.claude.com › Cost 或 Usage › Export，或其 Admin API 返回的 JSON",
    whereOpenrouter: "openrouter.ai › Activity › Export，或活动记录的 JSON",
    refused: (name) => `未导入 ${name}`,
    refusedHint: "请从服务商的页面重新导出 CSV 或 JSON，再选择该文件。",
    tooLarge: (mib) => `文件超过 ${mib} MiB。请导出较短的时段。`,
    unreadable: "无法读取账单。",
    tryAgain: "重试",

    list: "已导入的账单",
    none: "还没有账单。导入后会显示在这里，直到你移除它。",
    imported: (when) => `${when}导入`,
    comparedWith: (provider) => `与 ${provider} 对照`,
    open: (name) => `打开 ${name}`,
    actions: (name) => `${name} 的操作`,
    remove: "移除账单",
    removeTitle: (name) => `移除“${name}”？`,
    removeNote: "对照会消失。已据此更正的条目会留在账本中。",
    all: "所有账单",

    whose: "与谁的调用对照？",
    whoseNote: (name, issuer) => `${name} 是 ${issuer} 的导出文件，而你有多个服务商在那里提问。`,
    whoseKeys: (count) => (count === 0 ? "没有密钥" : `${count} 个密钥`),
    compare: "对照",

    days: (span) => `${span}，按 UTC 计日`,
    invoiced: "账单金额",
    booked: "账本金额",
    difference: "差额",
    noAmounts: "未列金额",
    saysNoAmounts: (provider, booked) => `${provider} 的这份导出只有用量，没有金额；账本中为 ${booked}。`,
    saysSame: (provider, amount) => `${provider} 收费 ${amount}，与账本一致。`,
    saysMore: (provider, invoiced, booked, by) =>
      `${provider} 收费 ${invoiced}，账本中为 ${booked}：账单高出 ${by}。`,
    saysLess: (provider, invoiced, booked, by) =>
      `${provider} 收费 ${invoiced}，账本中为 ${booked}：账单低了 ${by}。`,
    daysDiffer: (differing, all) =>
      differing === 0 ? `${all} 天全部一致。` : `${all} 天中有 ${differing} 天不一致。`,
    rowsDiffer: (differing, all) =>
      differing === 0
        ? `${all} 行（每日每模型一行）全部一致。`
        : `${all} 行（每日每模型一行）中有 ${differing} 行不一致。`,

    notCompared: (booked) => `账本中的 ${booked} 在账单上没有金额，不计入差额。`,

    hasMore: (day) => `此文件只是多页中的一页：${day}之后的内容不在其中。请取得其余各页并合并为一个列表。`,
    wholeDaysNote:
      "此导出没有列出模型，因此按整天对照。请按项目（line item）或模型导出，以查看具体是哪个模型不一致。",
    hasCorrected: (amount) => `此账单已更正账本 ${amount}。`,
    takeBack: "撤回更正",
    takeBackTitle: "撤回这些更正？",
    takeBackNote: (amount) =>
      `对每个更正过的日期和模型，在更正所在处各记一笔相反的条目（共 ${amount}）。账本中的内容不会被删除。撤回的金额从预算当前周期中扣除。`,
    tookBack: (count) => (count === 0 ? "没有可撤回的更正。" : `已记入 ${count} 笔相反的条目。`),

    ways: "差异及原因",
    sure: "可确定",
    sureNote: "两边的调用数或词元数相同，而账单更清楚其费用。",
    price_differs: "价格不同",
    price_differs_note: "两边的词元相同，但收费价格与账本所用的不同。",
    books_estimated: "账本为估算",
    books_estimated_note: "账本在此有估算或无价格的调用，例如中断的回答。只有账单列出相同的调用时才可确定。",
    usage_differs: "用量不同",
    usage_differs_note: "词元数或调用数不同：同一账户在别处有调用，或账本中缺少这些调用。",
    amount_differs: "金额不同",
    amount_differs_note: "金额不同，而账单没有说明原因：没有列出词元数，或按自己的方式计数。",
    only_invoiced: "仅账单有",
    only_invoiced_note: "同一账户在别处的调用，或词元以外的费用。",
    only_booked: "仅账本有",
    only_booked_note: "没有收费、尚未收费，或记在另一个账户上。",
    next_day: "落在相邻日",
    next_day_note: "与前一天或后一天相抵：两边划分日期的时刻不同。",
    tokens_agree: "用量一致",
    tokens_agree_note: "账单在此没有列出金额；其词元数与账本一致。",
    agrees: "一致",
    agrees_note: "除账单的四舍五入外完全相同。",
    rows: (count) => `${count} 行`,

    show: "显示",
    showDifferences: (count) => `差异（${count}）`,
    showAll: (count) => `全部（${count}）`,
    foldAll: "折叠所有日期",
    unfoldAll: "展开所有日期",
    fold: (day) => `${day}的各行`,
    csv: "将表格存为 CSV",
    table: "账单与账本对照，按日期和模型",
    model: "模型",
    noModel: "无模型",
    wholeDay: "整天",
    amount: "金额",
    calls: "调用",
    tokensIn: "输入词元",
    tokensOut: "输出词元",
    invoiceShort: "账单",
    booksShort: "账本",
    shownOf: (shown, all) => (shown === all ? `${all} 行` : `${all} 行中的 ${shown} 行`),
    unpriced: (count) => `${count} 次调用没有价格`,
    correctedBy: (amount) => `已更正 ${amount}`,
    correctedNote: "根据账单另记一笔条目。",
    notSaid: "未说明",

    chooseRow: (model, day) => `更正 ${day}的 ${model}`,
    chooseDay: (day) => `更正${day}的全部`,
    chooseSure: "选择所有可确定的",
    chooseNone: "全部不选",
    correct: (count, amount) => `用 ${count} 笔条目更正账本（${amount}）`,
    correctLater: "更正账本",
    correctNone: "没有选择要更正的行。",
    chosen: (count, sure) =>
      count === sure ? `已选 ${count} 行，均可确定` : `已选 ${count} 行，其中 ${sure} 行可确定`,
    confirmTitle: (count) => `记入 ${count} 笔更正？`,
    confirmNote: (count, amount) => `新增 ${count} 笔条目，共 ${amount}。账本中已有的内容不会被修改或删除。`,
    confirmWhere: "每笔条目记在所更正的最后一次调用处，用途为“账单”，并计入预算当前周期。",
    confirmUnsure: (count) => `其中 ${count} 行无法确定：不知道调用是否相同。`,
    confirm: (count) => `记入 ${count} 笔`,
    corrected: (count) => (count === 0 ? "没有可记入的更正。" : `已记入 ${count} 笔更正。`),
  },
);
