import type { FaultView } from "../bindings/FaultView";

function fault(part: Partial<FaultView> & Pick<FaultView, "category" | "message" | "next_steps">): FaultView {
  const saying =
    part.category === "unavailable" ? { code: "unavailable", values: { provider: "Google Gemini" } } : null;
  return {
    saying,
    detail: null,
    status: null,
    request_id: null,
    retry_after_ms: null,
    charged: "no",
    ...part,
  };
}

/** What can go wrong with an answer, as the host words it. */
export const FAULTS = {
  rateLimited: fault({
    category: "rate_limited",
    message: "OpenAI limits how often you may ask. It asks to wait 12 seconds.",
    detail:
      "HTTP 429 · rate_limit_exceeded\nRate limit reached for gpt-5.6 in organization org-x on tokens per min (TPM): Limit 30000, Used 28114, Requested 4120. Please try again in 12s.",
    status: 429,
    request_id: "req_7d1f0c9be2",
    retry_after_ms: 12_000,
    next_steps: ["retry", "swap_model"],
  }),
  wrongKey: fault({
    category: "authentication",
    message: "Anthropic does not accept the key. Check it or replace it.",
    detail: "HTTP 401 · authentication_error\ninvalid x-api-key",
    status: 401,
    request_id: "req_011CTz",
    next_steps: ["edit_key", "swap_model"],
  }),
  tooLong: fault({
    category: "context_length",
    message:
      "The conversation is longer than this model can read. Shorten the prompt, start a new conversation, or choose a model with a larger context.",
    detail: "HTTP 400 · context_length_exceeded\nThis model's maximum context length is 40960 tokens.",
    status: 400,
    next_steps: ["shorten_prompt", "swap_model"],
  }),
  cut: fault({
    category: "network",
    message: "The connection to DeepSeek broke. Check the network, then retry.",
    charged: "possibly",
    next_steps: ["retry", "check_network", "edit_provider"],
  }),
  overloaded: fault({
    category: "unavailable",
    message: "Google Gemini has a fault or is overloaded. Retry, or use another model.",
    detail: "HTTP 503 · UNAVAILABLE\nThe model is overloaded. Please try again later.",
    status: 503,
    next_steps: ["retry", "swap_model"],
  }),
  cutShort: fault({
    category: "truncated",
    message: "Demo ended the answer before it was finished. What came is kept.",
    charged: "yes",
    next_steps: ["retry", "swap_model"],
  }),
  noServer: fault({
    category: "network",
    message: "Nothing answers at 127.0.0.1:11434. Start Ollama, or change the address.",
    next_steps: ["retry", "edit_provider"],
  }),
  noKey: fault({
    category: "authentication",
    message: "Anthropic has no key. Add one to ask this model.",
    next_steps: ["edit_key", "swap_model"],
  }),
} satisfies Record<string, FaultView>;
