//! Those who serve the models they make.

use super::{
    ALL_TOOLS, AUTO_TOOLS, Audio, Auth, CUSTOM, CallIds, Choice, Dialect, Documents, High, Images, JsonForms,
    Level, Low, Max, MaxTokens, Media, Medium, Minimal, NONE_AND_THREE, Off, PICTURE_BYTES, PICTURES,
    Reasoning, Replay, TEXT_ONLY, THREE, Thinker, Tools, UsageOption, WireApi, open, sealed,
};

/// Efforts by family, the special before the general (<https://platform.openai.com/docs/guides/reasoning>). Models without
/// an entry do not reason and refuse the field.
pub(super) const OPENAI_THINKERS: &[Thinker] = &[
    open(&["gpt-5-chat", "gpt-5.1-chat", "gpt-5.2-chat", "gpt-5.3-chat", "o1-mini", "o1-preview"], &[]),
    sealed(&["gpt-5-pro"], &[(High, "high")]),
    sealed(&["gpt-5.2-pro", "gpt-5.4-pro"], &[(Medium, "medium"), (High, "high"), (Max, "xhigh")]),
    sealed(&["gpt-5.1-codex-max", "gpt-5.2-codex", "gpt-5.3-codex"], THREE_AND_XHIGH),
    sealed(&["gpt-5-codex", "gpt-5.1-codex"], THREE),
    sealed(&["gpt-5.1"], NONE_AND_THREE),
    sealed(&["gpt-5."], &[(Off, "none"), (Low, "low"), (Medium, "medium"), (High, "high"), (Max, "xhigh")]),
    sealed(&["gpt-5"], &[(Minimal, "minimal"), (Low, "low"), (Medium, "medium"), (High, "high")]),
    sealed(&["o1", "o3", "o4", "codex-mini"], THREE),
    open(&["gpt-oss"], THREE),
];
const THREE_AND_XHIGH: &[Level] = &[(Low, "low"), (Medium, "medium"), (High, "high"), (Max, "xhigh")];

pub(super) const OPENAI: Dialect = Dialect {
    id: "openai",
    name: "OpenAI",
    base_url: Some("https://api.openai.com/v1"),
    env: &["OPENAI_API_KEY"],
    max_tokens: MaxTokens::MaxCompletionTokens,
    reasoning: Reasoning::Effort(OPENAI_THINKERS),
    call_ids: CallIds::UpTo(40),
    media: Media { documents: Documents::File(&["application/pdf"]), ..CUSTOM.media },
    refusal_parts: true,
    lacks: &["top_k"],
    key_url: Some("https://platform.openai.com/api-keys"),
    ..CUSTOM
};

pub(super) const ANTHROPIC: Dialect = Dialect {
    id: "anthropic",
    name: "Anthropic",
    api: WireApi::AnthropicMessages,
    base_url: Some("https://api.anthropic.com/v1"),
    env: &["ANTHROPIC_API_KEY"],
    auth: Auth::XApiKey,
    usage: UsageOption::Nothing,
    key_url: Some("https://console.anthropic.com/settings/keys"),
    ..CUSTOM
};

pub(super) const GEMINI: Dialect = Dialect {
    id: "gemini",
    name: "Google Gemini",
    api: WireApi::Gemini,
    base_url: Some("https://generativelanguage.googleapis.com/v1beta"),
    env: &["GEMINI_API_KEY", "GOOGLE_API_KEY", "GOOGLE_AI_API_KEY"],
    auth: Auth::XGoogApiKey,
    usage: UsageOption::Nothing,
    key_url: Some("https://aistudio.google.com/apikey"),
    ..CUSTOM
};

/// Has no environment variables of its own: with Gemini's, the same models would be there twice.
pub(super) const GEMINI_OPENAI: Dialect = Dialect {
    id: "gemini-openai",
    name: "Google Gemini (OpenAI API)",
    base_url: Some("https://generativelanguage.googleapis.com/v1beta/openai"),
    reasoning: Reasoning::Effort(&[
        open(
            &["gemini-2.5-pro", "gemini-3", "gemini-pro"],
            &[(Minimal, "minimal"), (Low, "low"), (Medium, "medium"), (High, "high")],
        ),
        open(&["gemini-2.5", "gemini-flash"], NONE_AND_THREE),
    ]),
    call_signatures: true,
    media: Media { audio: Audio::Base64, ..PICTURE_BYTES },
    lacks: &["top_k"],
    ..CUSTOM
};

/// <https://api-docs.deepseek.com/guides/thinking_mode>
pub(super) const DEEPSEEK: Dialect = Dialect {
    id: "deepseek",
    name: "DeepSeek",
    base_url: Some("https://api.deepseek.com"),
    env: &["DEEPSEEK_API_KEY"],
    reasoning: Reasoning::ThinkingType {
        models: &[],
        levels: &[(Low, "low"), (Medium, "high"), (High, "high"), (Max, "max")],
    },
    replay: Replay::ContentWithEveryToolCall,
    tools: Tools { parallel: false, ..ALL_TOOLS },
    json: JsonForms::Object,
    media: Media { lists: false, ..TEXT_ONLY },
    lacks: &["top_k", "seed"],
    key_url: Some("https://platform.deepseek.com/api_keys"),
    ..CUSTOM
};

pub(super) const QWEN: Dialect = Dialect {
    id: "qwen",
    name: "Qwen (DashScope)",
    base_url: Some("https://dashscope-intl.aliyuncs.com/compatible-mode/v1"),
    hosts: &["dashscope.aliyuncs.com", "dashscope-us.aliyuncs.com"],
    env: &["DASHSCOPE_API_KEY", "QWEN_API_KEY"],
    reasoning: Reasoning::EnableThinking,
    // <https://docs.qwencloud.com/developer-guides/text-generation/thinking>: `thinking_budget` limits it.
    thinks_apart: true,
    tools: Tools { choice: Choice::Words { required: None, named: true }, parallel: true },
    json: JsonForms::Object,
    media: Media { audio: Audio::DataUrl, ..PICTURES },
    key_url: Some("https://bailian.console.alibabacloud.com/?tab=model#/api-key"),
    ..CUSTOM
};

pub(super) const MISTRAL: Dialect = Dialect {
    id: "mistral",
    name: "Mistral",
    base_url: Some("https://api.mistral.ai/v1"),
    env: &["MISTRAL_API_KEY"],
    // Always reported in the finish chunk; older versions refuse unknown fields.
    usage: UsageOption::Nothing,
    reasoning: Reasoning::Effort(&[open(
        &["mistral-small-latest", "mistral-small-2603"],
        &[(Off, "none"), (High, "high")],
    )]),
    tools: Tools { choice: Choice::Words { required: Some("any"), named: true }, parallel: true },
    call_ids: CallIds::Nine,
    media: Media { documents: Documents::DocumentUrl, audio: Audio::Base64, ..PICTURES },
    lacks: &["top_k"],
    renames: &[("seed", "random_seed")],
    key_url: Some("https://console.mistral.ai/api-keys"),
    ..CUSTOM
};

pub(super) const XAI: Dialect = Dialect {
    id: "xai",
    name: "xAI",
    base_url: Some("https://api.x.ai/v1"),
    env: &["XAI_API_KEY"],
    max_tokens: MaxTokens::MaxCompletionTokens,
    reasoning: Reasoning::Effort(&[
        open(&["grok-3-mini"], &[(Low, "low"), (High, "high")]),
        sealed(&["grok-4.3"], NONE_AND_THREE),
        sealed(&["grok-4", "grok-code"], &[]),
    ]),
    // Recorded of grok-4: 134 tokens of reasoning beside the 10 that `max_completion_tokens` allowed.
    thinks_apart: true,
    media: PICTURES,
    lacks: &["top_k"],
    key_url: Some("https://console.x.ai"),
    ..CUSTOM
};

/// Forced calls are refused while the model thinks.
pub(super) const MOONSHOT: Dialect = Dialect {
    id: "moonshot",
    name: "Moonshot (Kimi)",
    base_url: Some("https://api.moonshot.ai/v1"),
    hosts: &["api.moonshot.cn"],
    env: &["MOONSHOT_API_KEY"],
    reasoning: Reasoning::ThinkingType { models: &["kimi-k2.5", "kimi-k2.6"], levels: &[] },
    replay: Replay::ContentWithEveryToolCall,
    tools: Tools { choice: Choice::Words { required: None, named: false }, parallel: false },
    json: JsonForms::Object,
    media: PICTURE_BYTES,
    lacks: &["top_k", "seed"],
    key_url: Some("https://platform.moonshot.ai/console/api-keys"),
    ..CUSTOM
};

pub(super) const ZAI: Dialect = Dialect {
    id: "zai",
    name: "Z.ai (GLM)",
    base_url: Some("https://api.z.ai/api/paas/v4"),
    hosts: &["open.bigmodel.cn"],
    env: &["ZAI_API_KEY", "ZHIPUAI_API_KEY"],
    usage: UsageOption::Nothing,
    reasoning: Reasoning::ThinkingType { models: &[], levels: &[] },
    replay: Replay::ContentWithToolCalls,
    tools: AUTO_TOOLS,
    json: JsonForms::Object,
    media: PICTURES,
    lacks: &["top_k", "seed", "presence_penalty", "frequency_penalty"],
    key_url: Some("https://z.ai/manage-apikey/apikey-list"),
    ..CUSTOM
};

pub(super) const MINIMAX: Dialect = Dialect {
    id: "minimax",
    name: "MiniMax",
    base_url: Some("https://api.minimax.io/v1"),
    hosts: &["api.minimaxi.com"],
    env: &["MINIMAX_API_KEY"],
    reasoning: Reasoning::None,
    tools: AUTO_TOOLS,
    media: TEXT_ONLY,
    lacks: &["top_k", "seed", "presence_penalty", "frequency_penalty"],
    key_url: Some("https://platform.minimax.io"),
    ..CUSTOM
};

/// <https://docs.cohere.com/docs/compatibility-api>
pub(super) const COHERE: Dialect = Dialect {
    id: "cohere",
    name: "Cohere",
    base_url: Some("https://api.cohere.ai/compatibility/v1"),
    hosts: &["api.cohere.com"],
    env: &["COHERE_API_KEY", "CO_API_KEY"],
    reasoning: Reasoning::Effort(&[open(&["command-a-reasoning"], &[(Off, "none"), (High, "high")])]),
    tools: Tools { parallel: false, ..ALL_TOOLS },
    media: PICTURES,
    lacks: &["top_k"],
    key_url: Some("https://dashboard.cohere.com/api-keys"),
    ..CUSTOM
};

pub(super) const PERPLEXITY: Dialect = Dialect {
    id: "perplexity",
    name: "Perplexity",
    base_url: Some("https://api.perplexity.ai"),
    env: &["PERPLEXITY_API_KEY", "PPLX_API_KEY"],
    usage: UsageOption::Nothing,
    reasoning: Reasoning::Effort(&[open(&["sonar-deep-research"], THREE)]),
    tools: Tools { choice: Choice::NoTools, parallel: false },
    json: JsonForms::Schema,
    media: Media { images: Images::BytesAndUrls, ..PICTURES },
    lacks: &["seed"],
    key_url: Some("https://www.perplexity.ai/settings/api"),
    ..CUSTOM
};
