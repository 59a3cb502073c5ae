import type { Recommendation } from "../../bindings/Recommendation";
import type { Said } from "../../bindings/Said";

export function say(code: string, text: string, values: Record<string, string> = {}): Said {
  return { text, saying: { code, values } };
}

/** One of each kind, for the calls of `WORKING`: three to be made by a press, one of those dear, the others for people. */
export function someAdvice(): Recommendation[] {
  return [
    {
      id: "adjust_timeout:deepseek/deepseek-v4",
      kind: "adjust_timeout",
      subject: "deepseek/deepseek-v4",
      priority: "high",
      title: say("x", "Give DeepSeek V4 more time"),
      evidence: [
        say("x", "29 of 240 calls were given up for want of time."),
        say("x", "95 of 100 answers take 22 s; it is given up after 20 s."),
      ],
      effect: say("x", "About 29 more answers in 30 days."),
      saves_usd: null,
      change: [{ place: "deepseek, timeouts, idle", before: "20 s", after: "45 s" }],
      dismissed: false,
    },
    {
      id: "check_key:openrouter",
      kind: "check_key",
      subject: "openrouter",
      priority: "high",
      title: say("x", "Look at the key of OpenRouter"),
      evidence: [say("x", "5 of 33 calls were refused with it, the last on 20 Nov.")],
      effect: say("x", "Calls that were refused answer again."),
      saves_usd: null,
      change: [],
      dismissed: false,
    },
    {
      id: "enable_retry:openai/gpt-5.6",
      kind: "enable_retry",
      subject: "coding",
      priority: "high",
      title: say("x", "Try GPT-5.6 again in coding"),
      evidence: [say("x", "51 of 720 calls failed for a moment, and none was tried again.")],
      effect: say("x", "About 45 more answers in 30 days."),
      saves_usd: null,
      change: [
        { place: "groups/coding.yaml, echelon 1, max_retries", before: "0", after: "2" },
        { place: "groups/coding.yaml, echelon 1, backoff", before: null, after: "exponential" },
      ],
      dismissed: false,
    },
    {
      id: "cheaper_for_simple:anthropic/claude-sonnet-5",
      kind: "cheaper_for_simple",
      subject: "anthropic/claude-sonnet-5",
      priority: "medium",
      title: say("x", "Send simple tasks to Gemini 3.6 Flash"),
      evidence: [
        say("x", "312 of 930 prompts to Claude Sonnet 5 were short and simple."),
        say("x", "Gemini 3.6 Flash answers such prompts for $0.00085 instead of $0.016."),
      ],
      effect: say("x", "About $4.10 less in 30 days."),
      saves_usd: "4.10291733",
      change: [{ place: "rules.yaml, rule “simple tasks”", before: null, after: "gemini/gemini-3.6-flash" }],
      dismissed: false,
    },
    {
      id: "turn_on_cache:",
      kind: "turn_on_cache",
      subject: "",
      priority: "medium",
      title: say("x", "Keep answers of requests that are sent again"),
      evidence: [say("x", "118 of 2,610 requests were the same as an earlier one.")],
      effect: say("x", "About $1.32 less in 30 days."),
      saves_usd: "1.32004",
      change: [{ place: "settings, response cache", before: "off", after: "deterministic" }],
      dismissed: false,
    },
    {
      id: "set_budget:",
      kind: "set_budget",
      subject: "",
      priority: "medium",
      title: say("x", "Set a budget"),
      evidence: [say("x", "$22.91 were spent in 30 days without one.")],
      effect: say("x", "Nothing is spent beyond what you allow."),
      saves_usd: null,
      change: [],
      dismissed: false,
    },
    {
      id: "price_unknown:openrouter/kestrel-2-preview",
      kind: "price_unknown",
      subject: "openrouter/kestrel-2-preview",
      priority: "low",
      title: say("x", "Say what Kestrel 2 (preview) costs"),
      evidence: [say("x", "33 calls have no known cost.")],
      effect: say("x", "Sums and budgets count them."),
      saves_usd: null,
      change: [],
      dismissed: false,
    },
    {
      id: "add_fallback:writing",
      kind: "add_fallback",
      subject: "writing",
      priority: "low",
      title: say("x", "Have a second model ready in writing"),
      evidence: [say("x", "DeepSeek V4 stands alone there and failed in 39 of 240 calls.")],
      effect: say("x", "About 39 more answers in 30 days."),
      saves_usd: null,
      change: [],
      dismissed: true,
    },
  ];
}
