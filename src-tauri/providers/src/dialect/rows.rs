//! The rows. Facts from PROTOCOLS, section 6, and each provider's own reference.

use roundtable_domain::ReasoningEffort::{High, Low, Medium, Minimal};
use roundtable_domain::WireApi;

use super::{Auth, Dialect, MaxTokens, Reasoning, Replay, UsageOption};

/// What is assumed of a server nobody has described: the common denominator of compatible servers.
pub(super) const CUSTOM: Dialect = Dialect {
    id: "custom",
    name: "Custom endpoint",
    api: WireApi::OpenaiChat,
    base_url: None,
    env: &[],
    auth: Auth::Bearer,
    usage: UsageOption::StreamOptions,
    max_tokens: MaxTokens::MaxTokens,
    reasoning: ALL_EFFORTS,
    replay: Replay::Nothing,
    key_url: None,
    validate_path: None,
};

/// A server on this machine that needs no key.
const LOCAL: Dialect = Dialect { auth: Auth::None, ..CUSTOM };

const ALL_EFFORTS: Reasoning = Reasoning::Effort { levels: &[Minimal, Low, Medium, High], models: &[] };
const THREE_EFFORTS: Reasoning = Reasoning::Effort { levels: &[Low, Medium, High], models: &[] };

/// All rows, in the order they are offered.
pub const fn dialects() -> &'static [Dialect] {
    DIALECTS
}

const DIALECTS: &[Dialect] = &[
    Dialect {
        id: "openai",
        name: "OpenAI",
        base_url: Some("https://api.openai.com/v1"),
        env: &["OPENAI_API_KEY"],
        max_tokens: MaxTokens::MaxCompletionTokens,
        // Models that do not reason refuse the field.
        reasoning: Reasoning::Effort {
            levels: &[Minimal, Low, Medium, High],
            models: &["gpt-5", "o1", "o3", "o4", "codex"],
        },
        key_url: Some("https://platform.openai.com/api-keys"),
        ..CUSTOM
    },
    Dialect {
        id: "anthropic",
        name: "Anthropic",
        api: WireApi::AnthropicMessages,
        base_url: Some("https://api.anthropic.com/v1"),
        env: &["ANTHROPIC_API_KEY"],
        auth: Auth::XApiKey,
        usage: UsageOption::Nothing,
        key_url: Some("https://console.anthropic.com/settings/keys"),
        ..CUSTOM
    },
    Dialect {
        id: "gemini",
        name: "Google Gemini",
        api: WireApi::Gemini,
        base_url: Some("https://generativelanguage.googleapis.com/v1beta"),
        env: &["GEMINI_API_KEY", "GOOGLE_API_KEY"],
        auth: Auth::XGoogApiKey,
        usage: UsageOption::Nothing,
        key_url: Some("https://aistudio.google.com/apikey"),
        ..CUSTOM
    },
    Dialect {
        id: "deepseek",
        name: "DeepSeek",
        base_url: Some("https://api.deepseek.com"),
        env: &["DEEPSEEK_API_KEY"],
        reasoning: Reasoning::None,
        replay: Replay::ContentWithToolCalls,
        key_url: Some("https://platform.deepseek.com/api_keys"),
        ..CUSTOM
    },
    Dialect {
        id: "qwen",
        name: "Qwen (DashScope)",
        base_url: Some("https://dashscope-intl.aliyuncs.com/compatible-mode/v1"),
        env: &["DASHSCOPE_API_KEY", "QWEN_API_KEY"],
        reasoning: Reasoning::EnableThinking,
        key_url: Some("https://bailian.console.alibabacloud.com/?tab=model#/api-key"),
        ..CUSTOM
    },
    Dialect {
        id: "mistral",
        name: "Mistral",
        base_url: Some("https://api.mistral.ai/v1"),
        env: &["MISTRAL_API_KEY"],
        // Always reported in the finish chunk; older versions refuse unknown fields.
        usage: UsageOption::Nothing,
        reasoning: Reasoning::None,
        key_url: Some("https://console.mistral.ai/api-keys"),
        ..CUSTOM
    },
    Dialect {
        id: "groq",
        name: "Groq",
        base_url: Some("https://api.groq.com/openai/v1"),
        env: &["GROQ_API_KEY"],
        max_tokens: MaxTokens::MaxCompletionTokens,
        reasoning: Reasoning::Effort { levels: &[Low, Medium, High], models: &["gpt-oss"] },
        key_url: Some("https://console.groq.com/keys"),
        ..CUSTOM
    },
    Dialect {
        id: "xai",
        name: "xAI",
        base_url: Some("https://api.x.ai/v1"),
        env: &["XAI_API_KEY"],
        max_tokens: MaxTokens::MaxCompletionTokens,
        reasoning: Reasoning::Effort { levels: &[Low, High], models: &["grok-3-mini"] },
        key_url: Some("https://console.x.ai"),
        ..CUSTOM
    },
    Dialect {
        id: "openrouter",
        name: "OpenRouter",
        base_url: Some("https://openrouter.ai/api/v1"),
        env: &["OPENROUTER_API_KEY"],
        usage: UsageOption::UsageInclude,
        reasoning: Reasoning::EffortObject,
        replay: Replay::Details,
        key_url: Some("https://openrouter.ai/settings/keys"),
        // The list of models is public.
        validate_path: Some("key"),
        ..CUSTOM
    },
    Dialect {
        id: "together",
        name: "Together",
        base_url: Some("https://api.together.xyz/v1"),
        env: &["TOGETHER_API_KEY"],
        usage: UsageOption::Nothing,
        reasoning: THREE_EFFORTS,
        key_url: Some("https://api.together.ai/settings/api-keys"),
        ..CUSTOM
    },
    Dialect {
        id: "fireworks",
        name: "Fireworks",
        base_url: Some("https://api.fireworks.ai/inference/v1"),
        env: &["FIREWORKS_API_KEY"],
        reasoning: THREE_EFFORTS,
        key_url: Some("https://app.fireworks.ai/settings/users/api-keys"),
        ..CUSTOM
    },
    Dialect {
        id: "moonshot",
        name: "Moonshot (Kimi)",
        base_url: Some("https://api.moonshot.ai/v1"),
        env: &["MOONSHOT_API_KEY"],
        reasoning: Reasoning::None,
        replay: Replay::ContentWithToolCalls,
        key_url: Some("https://platform.moonshot.ai/console/api-keys"),
        ..CUSTOM
    },
    Dialect {
        id: "zai",
        name: "Z.ai (GLM)",
        base_url: Some("https://api.z.ai/api/paas/v4"),
        env: &["ZAI_API_KEY", "ZHIPUAI_API_KEY"],
        usage: UsageOption::Nothing,
        reasoning: Reasoning::ThinkingType,
        replay: Replay::ContentWithToolCalls,
        key_url: Some("https://z.ai/manage-apikey/apikey-list"),
        ..CUSTOM
    },
    Dialect {
        id: "cerebras",
        name: "Cerebras",
        base_url: Some("https://api.cerebras.ai/v1"),
        env: &["CEREBRAS_API_KEY"],
        usage: UsageOption::Nothing,
        max_tokens: MaxTokens::MaxCompletionTokens,
        reasoning: Reasoning::Effort { levels: &[Low, Medium, High], models: &["gpt-oss"] },
        key_url: Some("https://cloud.cerebras.ai"),
        ..CUSTOM
    },
    Dialect {
        id: "perplexity",
        name: "Perplexity",
        base_url: Some("https://api.perplexity.ai"),
        env: &["PERPLEXITY_API_KEY", "PPLX_API_KEY"],
        usage: UsageOption::Nothing,
        reasoning: Reasoning::Effort { levels: &[Low, Medium, High], models: &["sonar-deep-research"] },
        key_url: Some("https://www.perplexity.ai/settings/api"),
        ..CUSTOM
    },
    Dialect {
        id: "ollama",
        name: "Ollama",
        api: WireApi::Ollama,
        base_url: Some("http://127.0.0.1:11434"),
        usage: UsageOption::Nothing,
        ..LOCAL
    },
    Dialect {
        id: "ollama-openai",
        name: "Ollama (OpenAI API)",
        base_url: Some("http://127.0.0.1:11434/v1"),
        reasoning: THREE_EFFORTS,
        ..LOCAL
    },
    Dialect { id: "lmstudio", name: "LM Studio", base_url: Some("http://127.0.0.1:1234/v1"), ..LOCAL },
    Dialect {
        id: "llamacpp",
        name: "llama.cpp server",
        base_url: Some("http://127.0.0.1:8080/v1"),
        reasoning: THREE_EFFORTS,
        ..LOCAL
    },
    Dialect {
        id: "vllm",
        name: "vLLM",
        base_url: Some("http://127.0.0.1:8000/v1"),
        reasoning: THREE_EFFORTS,
        ..LOCAL
    },
    Dialect {
        id: "sglang",
        name: "SGLang",
        base_url: Some("http://127.0.0.1:30000/v1"),
        reasoning: THREE_EFFORTS,
        ..LOCAL
    },
    // The emulator: in-process, on a port that is chosen at start.
    Dialect { id: "demo", name: "Demo (simulated)", ..LOCAL },
    CUSTOM,
];
