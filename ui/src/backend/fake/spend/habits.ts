import type { FakeState } from "../state";
import { bookCorrection, type Habit } from "./books";

export const YEAR: Habit = {
  days: 372,
  promptsADay: 21,
  models: [
    ["anthropic/claude-sonnet-5", 24],
    ["openai/gpt-5.6", 17],
    ["anthropic/claude-opus-5.5", 7],
    ["gemini/gemini-3.6-flash", 15],
    ["gemini/gemini-3.6-pro", 6],
    ["deepseek/deepseek-v4", 10],
    ["openai/gpt-4.1", 4],
    ["deepseek/deepseek-v4-reasoner", 3],
    ["anthropic/claude-haiku-4.5", 9],
    ["ollama/qwen3:8b", 5],
    ["openai/gpt-5.6-mini", 8],
  ],
};

/** The first day with the program. */
export const FIRST_DAY: Habit = { ...YEAR, days: 1, promptsADay: 26, even: true };

export const DEMO_WEEK: Habit = {
  days: 6,
  promptsADay: 9,
  models: [
    ["demo/scholar", 3],
    ["demo/poet", 2],
    ["demo/swift", 5],
  ],
};

export function someBudget(state: FakeState): void {
  state.tightest = {
    id: "budget-1",
    name: "Team day",
    on_limit: "stop",
    limit_usd: "4",
    left_usd: "3.214706",
    fits: true,
    simulated: false,
  };
}

/** An invoice has put the first cut answer of the last days right. */
export function correctedOnce(state: FakeState): void {
  const cut = state.books.findLast(({ estimated, pico }) => estimated && pico !== null && pico > 0n);
  if (cut?.pico != null) bookCorrection(state, cut, -cut.pico / 5n, cut.at);
}

export function onlyOne(state: FakeState): void {
  state.books = state.books.slice(-1);
}

/** Titles, folders and tags of every length, and a model of a name without end. */
export function longNames(state: FakeState): void {
  const long = "Everything that has to be read again before the second edition goes to the printer at last";
  const conversations = [...state.conversations.values()];
  for (const [at, conversation] of conversations.entries()) {
    conversation.title = `${long} (${at + 1})`;
    conversation.folder = at % 2 === 0 ? long : "阅读与校对的所有资料";
  }
  for (const [at, entry] of state.books.entries()) {
    if (at % 5 === 0)
      entry.target = `openrouter/vendor-of-many-words/some-model-with-a-name-that-never-ends-${at % 17}-instruct-preview`;
    if (entry.folder !== "") entry.folder = at % 2 === 0 ? long : "阅读与校对的所有资料";
    if (at % 3 === 0) entry.tags = ["unbreakable".repeat(6), "قواعد بيانات"];
  }
}
