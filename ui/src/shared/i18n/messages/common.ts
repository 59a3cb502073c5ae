import { defineWords } from "../define";

export const common = defineWords(
  {
    close: "Close",
    cancel: "Cancel",
    copy: "Copy",
    copied: "Copied",
    save: "Save",
    more: "More",
    unpriced: "unpriced",
    free: "free",
    upTo: (amount: string) => `up to ${amount}`,
    demo: "demo",
  },
  {
    close: "关闭",
    cancel: "取消",
    copy: "复制",
    copied: "已复制",
    save: "保存",
    more: "更多",
    unpriced: "无价格",
    free: "免费",
    upTo: (amount) => `最多 ${amount}`,
    demo: "演示",
  },
);
