import { defineWords } from "../define";

const counted = (count: number, one: string, more: string): string =>
  `${count.toLocaleString("en")} ${count === 1 ? one : more}`;
const models = (count: number): string => counted(count, "model", "models");
const calls = (count: number): string => counted(count, "call", "calls");

/** The analysis: how models did, what could be done better, and what was done. The host's own sentences: analysisSayings.ts. */
export const analysisWords = defineWords(
  {
    window: "Time",
    days: (days: number) => `${days} days`,
    refresh: "Look again",
    csv: "Save the models as CSV",
    saved: (path: string) => `Saved to ${path}.`,
    cannotRead: "The calls could not be looked at",
    stale: "These figures are from before.",
    tryAgain: "Try again",
    percent: (percent: string) => `${percent} %`,

    // Nothing to show.
    emptyTitle: "Nothing to analyse yet",
    emptyNote:
      "After the first calls this shows how often each model answers, how fast, and for how much, and what could be done better.",
    emptyWindow: (days: number) => `No calls in ${days} days`,
    emptyWindowNote: "Earlier calls may be in a longer time.",
    look: (days: number) => `Look at ${days} days`,
    ask: "Ask something",

    // The models.
    models: "Models",
    model: "Model",
    calls: "Calls",
    success: "Success",
    average: "Average",
    p95: "95 of 100",
    trend: "Trend",
    perCall: "Per call",
    perTokens: "Per 1k tokens",
    perDollar: "Answers for $1",
    errors: "Errors",
    n_calls: "Answers from the cache are not among them.",
    n_success: (target: string) =>
      `Calls that came to their end, of those nobody stopped. The line shows what the rate may be by chance; the tick is ${target}.`,
    n_average: "From sending to the end, of calls that answered.",
    n_p95: "95 of 100 calls were faster than this.",
    n_trend:
      "Latency over the window, in twelve steps; the words compare the first half of the calls with the second.",
    n_perCall: "Known cost, by all calls.",
    n_perTokens: "What 1,000 tokens of answer have cost, prompts included.",
    n_perDollar: "Answers that came to their end.",
    n_errors: "The most frequent first.",
    sortBy: (column: string) => `Sort by ${column.toLowerCase()}`,
    details: (name: string) => `More of ${name}`,
    showAll: (count: number) => `Show all ${count}`,
    showFewer: "Show fewer",
    noErrors: "none",
    errorTimes: (count: string, error: string) => `${count} × ${error}`,
    otherErrors: (count: string) => `and ${count} more`,
    stopped: (count: number) => `${calls(count)} stopped by you, neither good nor bad.`,
    answered: (good: string, all: string) => `${good} of ${all} answered`,
    between: (least: string, most: string) => `between ${least} and ${most} by chance`,
    met: "met",
    unsure: "too few to say",
    missed: "below target",
    unknown: "no calls",
    slower: (by: string) => `${by} slower`,
    faster: (by: string) => `${by} faster`,
    steady: "steady",
    tooFew: "too few to say",
    sparkOf: (from: string, to: string) => `from ${from} to ${to}`,
    sparkNone: "no times",
    failures: "Failures",
    times: "Times",
    money: "Money",
    whole: "Whole answer",
    firstWord: "First token",
    mean: "mean",
    median: "median",
    n95: "95 %",
    n99: "99 %",
    total: "Together",
    speed: "Speed",
    tokensPerSecond: (rate: string) => `${rate} tokens/s`,

    // Sentences on top.
    sayNoTarget: "No call of this time says anything about success.",
    sayAllMet: (count: number, target: string) =>
      count === 1
        ? `It answered at least ${target} of its calls.`
        : `Each of ${models(count)} answered at least ${target} of its calls.`,
    sayUnsure: (unsure: number, target: string) =>
      `No model is below ${target} beyond chance; ${models(unsure)} ${unsure === 1 ? "has" : "have"} too few calls to be sure.`,
    sayMissed: (name: string, rate: string, target: string) =>
      `${name} answered ${rate} of its calls, below ${target}.`,
    sayMissedMost: (name: string, rate: string, target: string, count: number) =>
      `${models(count)} ${count === 1 ? "is" : "are"} below ${target}: ${name} the furthest with ${rate}.`,
    sayAdvice: (safe: number, own: number) => {
      const made = safe === 1 ? "One change can be made here" : `${safe} changes can be made here`;
      const left = own === 1 ? "one is for you to do" : `${own} are for you to do`;
      if (safe === 0) return own === 1 ? "One thing is for you to do." : `${own} things are for you to do.`;
      return own === 0 ? `${made}.` : `${made}; ${left}.`;
    },
    saySaving: (usd: string) => `Together they would save up to ${usd} in 30 days.`,

    // What is recommended.
    advice: "What could be better",
    nothing: "Nothing to recommend",
    nothingNote: (count: number, of: number) =>
      `Looked at ${calls(count)} of ${models(of)}: failures, times, repeated requests, simple tasks, prices, keys and budgets.`,
    high: "Urgent",
    medium: "Worth doing",
    low: "Nice to have",
    changes: "Would change",
    changed: "Changed",
    notSet: "not set",
    becomes: (before: string, after: string) => `${before} becomes ${after}`,
    apply: "Apply",
    notNow: "Not now",
    applyOf: (title: string) => `Apply: ${title}`,
    notNowOf: (title: string) => `Not now: ${title}`,
    toKey: "Look at the key",
    toBudgets: "Set a budget",
    toPrices: "Set a price",
    toRouting: "Open routing",
    forYou: "For you to do",
    dismissed: (count: number) => `Turned down (${count})`,
    again: "Recommend again",
    againOf: (title: string) => `Recommend again: ${title}`,
    applied: (title: string) => `Done: ${title}`,
    automatic: "Apply safe changes by itself",
    automaticNote:
      "Makes the changes above that have an Apply button without asking, as soon as they are found. Each one is listed below and can be undone. Keys, budgets and prices are never touched.",

    // What was done.
    made: "Changes made",
    sayMade: (inForce: number, back: number) => {
      const holds = inForce === 1 ? "One change is in force" : `${inForce} changes are in force`;
      if (back === 0) return `${holds}.`;
      return `${inForce === 0 ? "No change is in force" : holds}; ${back === 1 ? "one was" : `${back} were`} taken back.`;
    },
    byItself: "by itself",
    byItselfNote: "Made without asking, because that was switched on.",
    undo: "Undo",
    undoOf: (title: string) => `Undo: ${title}`,
    undone: (when: string) => `Taken back ${when}`,
    undoneNow: (title: string) => `Taken back: ${title}`,
    cannotUndo: (why: string) => `Cannot be undone: ${why}`,
  },
  {
    window: "时间",
    days: (days) => `${days} 天`,
    refresh: "重新查看",
    csv: "将模型存为 CSV",
    saved: (path) => `已保存到 ${path}。`,
    cannotRead: "无法查看调用记录",
    stale: "以下是之前的数字。",
    tryAgain: "重试",
    percent: (percent) => `${percent}%`,

    emptyTitle: "还没有可分析的内容",
    emptyNote: "有了最初的调用后，这里会显示每个模型回答的成功率、速度和费用，以及可以改进的地方。",
    emptyWindow: (days) => `${days} 天内没有调用`,
    emptyWindowNote: "更长的时间内可能有更早的调用。",
    look: (days) => `查看 ${days} 天`,
    ask: "去提问",

    models: "模型",
    model: "模型",
    calls: "调用",
    success: "成功率",
    average: "平均",
    p95: "95% 快于",
    trend: "趋势",
    perCall: "每次调用",
    perTokens: "每千词元",
    perDollar: "每美元回答数",
    errors: "错误",
    n_calls: "不含来自缓存的回答。",
    n_success: (target) => `在无人停止的调用中，完整结束的比例。横线表示随机波动的范围，刻度为 ${target}。`,
    n_average: "从发送到结束，仅计有回答的调用。",
    n_p95: "100 次调用中有 95 次比这更快。",
    n_trend: "时间段内的延迟，分十二步；文字比较前一半与后一半的调用。",
    n_perCall: "已知费用除以全部调用。",
    n_perTokens: "每 1,000 个回答词元的费用，包含提示。",
    n_perDollar: "完整结束的回答。",
    n_errors: "最常见的在前。",
    sortBy: (column) => `按${column}排序`,
    details: (name) => `${name} 的详情`,
    showAll: (count) => `显示全部 ${count} 个`,
    showFewer: "显示较少",
    noErrors: "无",
    errorTimes: (count, error) => `${count} 次${error}`,
    otherErrors: (count) => `另有 ${count} 次`,
    stopped: (count) => `${count} 次被您停止，不计好坏。`,
    answered: (good, all) => `${all} 次中 ${good} 次有回答`,
    between: (least, most) => `随机波动范围 ${least} 至 ${most}`,
    met: "达标",
    unsure: "调用太少，无法判断",
    missed: "低于目标",
    unknown: "无调用",
    slower: (by) => `慢了 ${by}`,
    faster: (by) => `快了 ${by}`,
    steady: "平稳",
    tooFew: "调用太少，无法判断",
    sparkOf: (from, to) => `从 ${from} 到 ${to}`,
    sparkNone: "无时间记录",
    failures: "失败",
    times: "时间",
    money: "费用",
    whole: "完整回答",
    firstWord: "首个词元",
    mean: "平均",
    median: "中位",
    n95: "95%",
    n99: "99%",
    total: "合计",
    speed: "速度",
    tokensPerSecond: (rate) => `${rate} 词元/秒`,

    sayNoTarget: "这段时间内没有能说明成功率的调用。",
    sayAllMet: (count, target) =>
      count === 1
        ? `其调用至少有 ${target} 得到回答。`
        : `${count} 个模型的调用都至少有 ${target} 得到回答。`,
    sayUnsure: (unsure, target) => `没有模型明显低于 ${target}；${unsure} 个模型的调用太少，无法确定。`,
    sayMissed: (name, rate, target) => `${name} 的调用有 ${rate} 得到回答，低于 ${target}。`,
    sayMissedMost: (name, rate, target, count) =>
      `${count} 个模型低于 ${target}：${name} 差距最大，为 ${rate}。`,
    sayAdvice: (safe, own) => {
      if (safe === 0) return `${own} 项需要您来做。`;
      return own === 0 ? `${safe} 项更改可在此完成。` : `${safe} 项更改可在此完成；${own} 项需要您来做。`;
    },
    saySaving: (usd) => `合计 30 天内最多可节省 ${usd}。`,

    advice: "可以改进的地方",
    nothing: "没有建议",
    nothingNote: (count, of) =>
      `已查看 ${of} 个模型的 ${count.toLocaleString("en")} 次调用：失败、时间、重复的请求、简单任务、价格、密钥和预算。`,
    high: "紧急",
    medium: "值得做",
    low: "可选",
    changes: "将更改",
    changed: "已更改",
    notSet: "未设置",
    becomes: (before, after) => `${before} 变为 ${after}`,
    apply: "应用",
    notNow: "暂不",
    applyOf: (title) => `应用：${title}`,
    notNowOf: (title) => `暂不：${title}`,
    toKey: "查看密钥",
    toBudgets: "设置预算",
    toPrices: "设置价格",
    toRouting: "打开路由",
    forYou: "需要您来做",
    dismissed: (count) => `已搁置（${count}）`,
    again: "重新建议",
    againOf: (title) => `重新建议：${title}`,
    applied: (title) => `已完成：${title}`,
    automatic: "自动应用安全的更改",
    automaticNote:
      "一旦发现，上面带有“应用”按钮的更改将不经询问直接进行。每一项都列在下方，并可撤销。绝不会改动密钥、预算和价格。",

    made: "已做的更改",
    sayMade: (inForce, back) =>
      back === 0 ? `${inForce} 项更改生效中。` : `${inForce} 项更改生效中；${back} 项已撤销。`,
    byItself: "自动",
    byItselfNote: "因为开启了自动应用，未经询问即已进行。",
    undo: "撤销",
    undoOf: (title) => `撤销：${title}`,
    undone: (when) => `已撤销，${when}`,
    undoneNow: (title) => `已撤销：${title}`,
    cannotUndo: (why) => `无法撤销：${why}`,
  },
);
