import { defineWords } from "../define";

/** What sums of money are made of. */
export const sumWords = defineWords(
  {
    exactly: "Exactly",
    real: "Real money",
    demo: "Demo models, invented money",
    calls: "Calls",
    unpriced: "Calls at an unknown cost, in no sum",
    estimated: "Part of it is estimated.",
    atLeast: "At least: fees outside tokens may come on top.",
    spokenAtLeast: (amount: string) => `at least ${amount}`,
    withDemo: "+ demo",
    nothing: "Nothing has been booked.",

    conversation: "What this conversation has cost",
    conversationNote: "Every call of its answers, earlier versions included.",
    turn: "What this turn has cost",
    turnNote: "What all answers of this turn have cost together, earlier versions included.",
    comparison: (amount: string) => `This comparison ${amount}`,
    versions: (amount: string) => `All versions ${amount}`,

    folder: (name: string) => `What the folder ${name} has cost`,
    folderNote: "What the conversations that stand in it now have cost, wherever they stood before.",
    booked: "Booked under this name",
    bookedUnder: (name: string) => `Booked under the folder ${name}`,
    bookedNote:
      "Calls made while their conversation stood here, also of those moved or deleted since. Budgets of the folder count this.",
    bookedSame: "As much is booked under this name, which is what budgets of the folder count.",
    replay: "On other models",
  },
  {
    exactly: "精确值",
    real: "真实费用",
    demo: "演示模型，虚构金额",
    calls: "调用",
    unpriced: "费用未知的调用，不计入合计",
    estimated: "其中一部分是估算。",
    atLeast: "至少如此：可能另有词元之外的费用。",
    spokenAtLeast: (amount) => `至少 ${amount}`,
    withDemo: "+ 演示",
    nothing: "尚无入账。",

    conversation: "此对话的花费",
    conversationNote: "其回答的每次调用，包括之前的版本。",
    turn: "此轮的花费",
    turnNote: "此轮所有回答的总费用，包括之前的版本。",
    comparison: (amount) => `本次比较 ${amount}`,
    versions: (amount) => `所有版本 ${amount}`,

    folder: (name) => `文件夹 ${name} 的花费`,
    folderNote: "现在位于其中的对话的费用，无论当时在哪里。",
    booked: "记在此名称下",
    bookedUnder: (name) => `记在文件夹 ${name} 下`,
    bookedNote: "对话位于此处时的调用，包括后来移走或删除的。文件夹的预算按此计算。",
    bookedSame: "记在此名称下的金额相同，文件夹的预算按此计算。",
    replay: "换用其他模型",
  },
);
