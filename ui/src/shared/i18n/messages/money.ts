import { defineWords } from "../define";

/** Settings of money: time zone and currency. */
export const moneyWords = defineWords(
  {
    title: "Money and time",
    timeZone: "Time zone",
    systemZone: (zone: string) => `The system's (${zone})`,
    searchZone: "Search time zones",
    noZone: "No time zone is called that.",
    zoneNote:
      "Days, weeks and months of budgets and charts begin at midnight there. A period that is open stays open.",
    currency: "Amounts are shown in",
    dollars: "US dollars",
    other: "Another currency",
    code: "Currency",
    codeHint: "Three letters, such as EUR.",
    rate: "For one dollar",
    rateHint: "Your own rate; it is not updated.",
    dollarsNote: "Providers charge in dollars, and the books are kept in them.",
    example: (usd: string, shown: string) =>
      `$${usd} is shown as ${shown}. The books and limits stay in dollars; ≈ marks what was converted.`,
    badCode: "Three letters, such as EUR.",
    badRate: "A number such as 0.92, with a point.",
    zeroRate: "More than zero.",
    longRate: "At most twelve digits before and after the point.",
  },
  {
    title: "金额与时间",
    timeZone: "时区",
    systemZone: (zone) => `系统时区（${zone}）`,
    searchZone: "搜索时区",
    noZone: "没有这个时区。",
    zoneNote: "预算和图表的日、周、月从该时区的零点开始。已开始的周期不受影响。",
    currency: "金额显示为",
    dollars: "美元",
    other: "其他货币",
    code: "货币",
    codeHint: "三个字母，例如 EUR。",
    rate: "一美元兑换",
    rateHint: "由你设定的汇率，不会自动更新。",
    dollarsNote: "服务商以美元计费，账本也以美元记录。",
    example: (usd, shown) => `$${usd} 显示为 ${shown}。账本和限额仍为美元；≈ 表示经过换算。`,
    badCode: "三个字母，例如 EUR。",
    badRate: "数字，例如 0.92，使用小数点。",
    zeroRate: "必须大于零。",
    longRate: "小数点前后最多各十二位。",
  },
);
