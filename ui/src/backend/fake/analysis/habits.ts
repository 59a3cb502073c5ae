import type { ModelHabit } from "./figures";

/** A few months of a person who compares: some fail, one gets slower by the week, one is at home, one has no price. */
export const WORKING: ModelHabit[] = [
  {
    target: "anthropic/claude-sonnet-5",
    label: "Claude Sonnet 5",
    perDay: 31,
    failures: { unavailable: 4, timeout: 2 },
    stopped: 11,
    p50: 6_200,
    drift: 3,
    usdPerCall: "0.01594719",
    answerTokens: 812,
    tokensPerSecond: 71,
  },
  {
    target: "openai/gpt-5.6",
    label: "GPT-5.6",
    perDay: 24,
    failures: { rate_limited: 58, timeout: 9, network: 4 },
    stopped: 6,
    p50: 4_800,
    drift: 12,
    usdPerCall: "0.01073796",
    answerTokens: 640,
    tokensPerSecond: 84,
  },
  {
    target: "gemini/gemini-3.6-flash",
    label: "Gemini 3.6 Flash",
    perDay: 17.5,
    failures: { unavailable: 4 },
    p50: 1_900,
    drift: -14,
    usdPerCall: "0.00085",
    answerTokens: 410,
    tokensPerSecond: 171,
  },
  {
    target: "deepseek/deepseek-v4",
    label: "DeepSeek V4",
    perDay: 8,
    failures: { timeout: 121, unavailable: 34, truncated: 9 },
    p50: 9_400,
    drift: 41,
    usdPerCall: "0.00064091",
    answerTokens: 730,
    tokensPerSecond: 28,
  },
  {
    target: "demo/scholar",
    label: "Scholar",
    simulated: true,
    perDay: 2.2,
    p50: 7_900,
    usdPerCall: "0.0121",
    answerTokens: 560,
    tokensPerSecond: 60,
  },
  {
    target: "anthropic/claude-haiku-4.5",
    label: "Claude Haiku 4.5",
    perDay: 1.6,
    failures: { unavailable: 21 },
    p50: 1_400,
    drift: 2,
    usdPerCall: "0.0021",
    answerTokens: 300,
    tokensPerSecond: 142,
  },
  {
    target: "openrouter/kestrel-2-preview",
    label: "Kestrel 2 (preview)",
    perDay: 1.1,
    failures: { authentication: 152 },
    p50: 3_300,
    drift: 5,
    usdPerCall: null,
    answerTokens: 450,
    tokensPerSecond: 55,
  },
  {
    target: "ollama/qwen3:8b",
    label: "qwen3:8b",
    perDay: 0.4,
    p50: 21_000,
    usdPerCall: "0",
    answerTokens: 380,
    tokensPerSecond: 9.4,
  },
];

/** More than anybody compares at a glance, with names nobody has shortened. */
export const MANY: ModelHabit[] = Array.from({ length: 40 }, (_, at): ModelHabit => {
  const like = WORKING[at % WORKING.length];
  const laboratory = ["Acacia", "Birch", "Cedar", "Dogwood", "Elm"][at % 5] ?? "Fir";
  const size = 4 + at * 3;
  return {
    ...(like ?? { p50: 900, usdPerCall: null, answerTokens: 1, tokensPerSecond: 1 }),
    target: `openrouter/${laboratory.toLowerCase()}-research/instruct-${size}b-preview-2026-11-${String(1 + (at % 28)).padStart(2, "0")}`,
    label:
      at === 3
        ? "Dogwood Research Laboratories Instruct 13B preview of November 2026"
        : `${laboratory} ${size}B`,
    simulated: false,
    perDay: 40 / (at + 1),
  };
});
