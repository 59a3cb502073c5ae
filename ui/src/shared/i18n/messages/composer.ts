import { defineWords } from "../define";

export const composer = defineWords(
  {
    prompt: "Prompt",
    askOne: (name: string) => `Ask ${name}`,
    askAll: (count: number) => (count === 2 ? "Ask both" : `Ask all ${numberWord(count)}`),
    askSome: (count: number, of: number) => `Ask ${count} of ${of}`,
    send: "Send",
    stop: "Stop all",
    whyEmpty: "Write something to ask.",
    whyNoLanes: "Add a model to ask.",
    whyAllOut: "Every lane is left out. Choose at least one.",
    whyRunning: "Answers are still coming.",
    asks: "Asks",
    include: (name: string) => `Ask ${name} in this turn`,
    hint: "Shift+Enter for a new line",
  },
  {
    prompt: "提问",
    askOne: (name) => `向 ${name} 提问`,
    askAll: (count) => (count === 2 ? "同时向两个模型提问" : `同时向 ${count} 个模型提问`),
    askSome: (count, of) => `向 ${of} 个中的 ${count} 个提问`,
    send: "发送",
    stop: "全部停止",
    whyEmpty: "写点什么再发送。",
    whyNoLanes: "先添加一个模型。",
    whyAllOut: "所有栏都未选中，请至少选一栏。",
    whyRunning: "回答仍在进行。",
    asks: "提问对象",
    include: (name) => `本轮向 ${name} 提问`,
    hint: "Shift+Enter 换行",
  },
);

function numberWord(count: number): string {
  return ["", "one", "two", "three", "four", "five", "six", "seven", "eight"][count] ?? String(count);
}
