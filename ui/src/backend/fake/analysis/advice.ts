import type { Recommendation } from "../../bindings/Recommendation";
import type { Said } from "../../bindings/Said";
import { groupValue, KEPT_ANSWERS, NEW_RULE, time, wholeCall } from "./changes";
import { say } from "./say";

export const titleOfTimeout = (subject: string, after: string, after_ms: string): Said =>
  say("advice_timeout_raise", { subject, after_ms }, `Give ${subject} ${after} before it is given up`);

export const TITLE_OF_CACHE: Said = say(
  "advice_cache_deterministic",
  {},
  "Keep answers to requests that are meant to give the same each time",
);

export const titleOfRetry = (subject: string): Said =>
  say("advice_retry", { subject }, `Let ${subject} try again when a call fails for a moment`);

/** One of each kind, for the calls of `WORKING`: some to be made by a press, the others for people. */
export function someAdvice(): Recommendation[] {
  return [
    {
      id: "adjust_timeout:deepseek:total_ms",
      kind: "adjust_timeout",
      subject: "deepseek",
      priority: "high",
      title: titleOfTimeout("DeepSeek", "45 s", "45000"),
      evidence: [
        say(
          "advice_timeout_cut",
          { cut: "29", calls: "240", limit_ms: "20000" },
          "29 of 240 calls were given up after 20 s.",
        ),
        say(
          "advice_timeout_close",
          { p95_ms: "18400", answered: "201" },
          "Answers often come close to that: of 201 one in twenty took 18.4 s or longer.",
        ),
      ],
      effect: say(
        "advice_timeout_raise_effect",
        { before_ms: "20000", after_ms: "45000" },
        "Answers that take longer than 20 s have until 45 s to come.",
      ),
      saves_usd: null,
      change: [wholeCall("deepseek", time(20_000), time(45_000))],
      dismissed: false,
    },
    {
      id: "check_key:env:OPENROUTER_API_KEY",
      kind: "check_key",
      subject: "env:OPENROUTER_API_KEY",
      priority: "high",
      title: say(
        "advice_key_refused",
        { key: "OPENROUTER_API_KEY", provider: "OpenRouter" },
        "OpenRouter refuses the key OPENROUTER_API_KEY",
      ),
      evidence: [
        say(
          "advice_key_refusals",
          { refusals: "5" },
          "5 calls in a row were refused; none has worked since.",
        ),
      ],
      effect: say(
        "advice_key_effect",
        { provider: "OpenRouter" },
        "With a key that works, or with credit, models of OpenRouter answer again.",
      ),
      saves_usd: null,
      change: [],
      dismissed: false,
    },
    {
      id: "enable_retry:coding.echelon1",
      kind: "enable_retry",
      subject: "coding.echelon1",
      priority: "high",
      title: titleOfRetry("coding.echelon1"),
      evidence: [
        say(
          "advice_retry_failures",
          { failures: "51", calls: "720" },
          "51 of 720 calls failed by what usually passes (overload, limits, the network), and were not tried again.",
        ),
      ],
      effect: say(
        "advice_retry_effect_of",
        { answered: "41", failures: "51" },
        "The same model is asked once more before the next takes over. As second tries do elsewhere, that would have answered about 41 of 51.",
      ),
      saves_usd: null,
      change: [
        groupValue("place_rung_retries", "coding.echelon1", [0, 1]),
        groupValue("place_group_attempts", "coding", [1, 3]),
      ],
      dismissed: false,
    },
    {
      id: "cheaper_for_simple:auto",
      kind: "cheaper_for_simple",
      subject: "auto",
      priority: "medium",
      title: say(
        "advice_simple_auto",
        { cheaper: "Gemini 3.6 Flash" },
        "Have auto send simple prompts to Gemini 3.6 Flash",
      ),
      evidence: [
        say(
          "advice_simple_auto_share",
          { simple: "312", answers: "914", models: "Claude Sonnet 5, GPT-5.6", usd: "4.3781" },
          "312 of 914 answers of lanes with auto were to prompts read as simple. They came from Claude Sonnet 5, GPT-5.6 and cost $4.3781.",
        ),
        say(
          "advice_simple_replay",
          { cheaper: "Gemini 3.6 Flash", replay_usd: "0.27518267", percent: "93.7" },
          "The same tokens come to $0.27518267 with Gemini 3.6 Flash, 93.7 % less.",
        ),
      ],
      effect: say(
        "advice_simple_rule_effect",
        { cheaper: "Gemini 3.6 Flash" },
        "A rule has lanes with auto look at the price first where a prompt is simple; at present Gemini 3.6 Flash answers then. Lanes that name a model keep it.",
      ),
      saves_usd: "4.10291733",
      change: [NEW_RULE],
      dismissed: false,
    },
    {
      id: "turn_on_cache:deterministic",
      kind: "turn_on_cache",
      subject: "",
      priority: "medium",
      title: TITLE_OF_CACHE,
      evidence: [
        say(
          "advice_cache_repeats",
          { repeats: "118", requests: "2610", ttl_hours: "24" },
          "118 of 2610 requests were sent again word for word within 24 hours.",
        ),
        say(
          "advice_cache_cost",
          { priced: "111", usd: "1.32004" },
          "The 111 of them whose cost is known came to $1.32004.",
        ),
      ],
      effect: say(
        "advice_cache_deterministic_effect",
        { ttl_hours: "24" },
        "For 24 hours such a request gets the answer it got before, at once and for nothing.",
      ),
      saves_usd: "1.32004",
      change: [KEPT_ANSWERS],
      dismissed: false,
    },
    {
      id: "set_budget:",
      kind: "set_budget",
      subject: "",
      priority: "medium",
      title: say("advice_budget", { limit_usd: "30" }, "Set a budget, for instance $30 a month"),
      evidence: [
        say(
          "advice_budget_spent",
          { usd: "22.91", days: "30" },
          "$22.91 was spent in 30 days, and no budget holds.",
        ),
      ],
      effect: say(
        "advice_budget_effect",
        {},
        "A mistake, a loop or a stolen key cannot spend more than it allows.",
      ),
      saves_usd: null,
      change: [],
      dismissed: false,
    },
    {
      id: "price_unknown:openrouter/kestrel-2-preview",
      kind: "price_unknown",
      subject: "openrouter/kestrel-2-preview",
      priority: "low",
      title: say("advice_price", { model: "Kestrel 2 (preview)" }, "Set a price for Kestrel 2 (preview)"),
      evidence: [
        say(
          "advice_price_unpriced",
          { unpriced: "28", calls: "28", tokens: "15840" },
          "28 of 28 answers, 15840 tokens, stand in the books at an unknown cost.",
        ),
      ],
      effect: say(
        "advice_price_effect",
        {},
        "Budgets, forecasts and charts count its calls from then on. Update the price list, or set a price of your own.",
      ),
      saves_usd: null,
      change: [],
      dismissed: false,
    },
    {
      id: "add_fallback:deepseek/deepseek-v4",
      kind: "add_fallback",
      subject: "deepseek/deepseek-v4",
      priority: "low",
      title: say(
        "advice_fallback",
        { subject: "DeepSeek V4" },
        "Have a second model ready behind DeepSeek V4",
      ),
      evidence: [
        say(
          "advice_fallback_failures",
          { failures: "39", calls: "240", percent: "83.7" },
          "39 of 240 calls failed by no fault of the request; 83.7 % answered.",
        ),
        say(
          "advice_fallback_alone",
          { subject: "DeepSeek V4" },
          "Nobody takes over where DeepSeek V4 fails.",
        ),
      ],
      effect: say(
        "advice_fallback_effect",
        {},
        "In a group with a second model, best of another provider, that one answers when the first fails.",
      ),
      saves_usd: null,
      change: [],
      dismissed: true,
    },
  ];
}
