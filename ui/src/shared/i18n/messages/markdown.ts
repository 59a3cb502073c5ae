import { defineWords } from "../define";

/** What the renderer of answers itself says. */
export const markdownWords = defineWords(
  {
    copy: "Copy",
    copied: "Copied",
    wrap: "Wrap",
    plainCode: "Code",
    image: "Image",
    taskOpen: "Open task",
    taskDone: "Done task",
    table: "Table",
  },
  {
    copy: "复制",
    copied: "已复制",
    wrap: "换行",
    plainCode: "代码",
    image: "图片",
    taskOpen: "未完成任务",
    taskDone: "已完成任务",
    table: "表格",
  },
);
