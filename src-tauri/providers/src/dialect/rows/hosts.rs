//! Those who serve models of others, and gateways to them.

use roundtable_domain::WireApi;

use super::makers::{OPENAI, OPENAI_THINKERS};
use super::{
    AUTO_TOOLS, Audio, Auth, CUSTOM, Dialect, MaxTokens, Media, Medium, NONE_AND_THREE, Off, PICTURE_BYTES,
    PICTURES, Reasoning, Replay, TEXT_ONLY, THREE, UsageOption, every_model, open,
};

/// Efforts of the open-weight model that most of them have.
const GPT_OSS: Reasoning = Reasoning::Effort(&[open(&["gpt-oss", "openai.gpt-oss"], THREE)]);

/// A name of its own per customer, so its base URL has to be given: that of a resource (`https://NAME.openai.azure.com`, whose
/// v1 API is then meant), of the v1 API itself, or of a deployment, which needs an API version.
pub(super) const AZURE: Dialect = Dialect {
    id: "azure",
    name: "Azure OpenAI",
    base_url: None,
    hosts: &[".openai.azure.com", ".cognitiveservices.azure.com", ".services.ai.azure.com"],
    home: "openai/v1",
    // The latest dated version that is not a preview.
    deployment_query: &[("api-version", "2024-10-21")],
    env: &["AZURE_OPENAI_API_KEY"],
    auth: Auth::ApiKey,
    key_url: Some("https://portal.azure.com"),
    ..OPENAI
};

/// Gemini in a project of Google Cloud, by an access token (`gcloud auth print-access-token`), which lasts an hour. The base
/// URL names project and place: `https://L-aiplatform.googleapis.com/v1/projects/P/locations/L/publishers/google`
/// (<https://docs.cloud.google.com/vertex-ai/generative-ai/docs/model-reference/inference>).
pub(super) const VERTEX: Dialect = Dialect {
    id: "vertex",
    name: "Google Vertex AI",
    api: WireApi::Gemini,
    hosts: &["aiplatform.googleapis.com"],
    usage: UsageOption::Nothing,
    ..CUSTOM
};

/// The same without a project, by a key
/// (<https://docs.cloud.google.com/vertex-ai/generative-ai/docs/start/express-mode/overview>).
pub(super) const VERTEX_EXPRESS: Dialect = Dialect {
    id: "vertex-express",
    name: "Google Vertex AI (express mode)",
    base_url: Some("https://aiplatform.googleapis.com/v1/publishers/google"),
    hosts: &[],
    env: &["VERTEX_API_KEY"],
    auth: Auth::XGoogApiKey,
    key_url: Some("https://console.cloud.google.com/apis/credentials"),
    ..VERTEX
};

pub(super) const GROQ: Dialect = Dialect {
    id: "groq",
    name: "Groq",
    base_url: Some("https://api.groq.com/openai/v1"),
    env: &["GROQ_API_KEY"],
    max_tokens: MaxTokens::MaxCompletionTokens,
    reasoning: Reasoning::Effort(&[
        open(&["gpt-oss"], THREE),
        open(&["qwen3"], &[(Off, "none"), (Medium, "default")]),
    ]),
    media: PICTURES,
    lacks: &["top_k"],
    key_url: Some("https://console.groq.com/keys"),
    ..CUSTOM
};

pub(super) const OPENROUTER: Dialect = Dialect {
    id: "openrouter",
    name: "OpenRouter",
    base_url: Some("https://openrouter.ai/api/v1"),
    env: &["OPENROUTER_API_KEY"],
    usage: UsageOption::UsageInclude,
    reasoning: Reasoning::Object,
    replay: Replay::Details,
    key_url: Some("https://openrouter.ai/settings/keys"),
    // The list of models is public.
    validate_path: Some("key"),
    ..CUSTOM
};

pub(super) const TOGETHER: Dialect = Dialect {
    id: "together",
    name: "Together",
    base_url: Some("https://api.together.xyz/v1"),
    hosts: &["api.together.ai"],
    env: &["TOGETHER_API_KEY"],
    usage: UsageOption::Nothing,
    reasoning: Reasoning::Effort(&[every_model(THREE)]),
    media: PICTURES,
    key_url: Some("https://api.together.ai/settings/api-keys"),
    ..CUSTOM
};

pub(super) const FIREWORKS: Dialect = Dialect {
    id: "fireworks",
    name: "Fireworks",
    base_url: Some("https://api.fireworks.ai/inference/v1"),
    env: &["FIREWORKS_API_KEY"],
    reasoning: Reasoning::Effort(&[every_model(NONE_AND_THREE)]),
    media: PICTURES,
    key_url: Some("https://app.fireworks.ai/settings/users/api-keys"),
    ..CUSTOM
};

pub(super) const CEREBRAS: Dialect = Dialect {
    id: "cerebras",
    name: "Cerebras",
    base_url: Some("https://api.cerebras.ai/v1"),
    env: &["CEREBRAS_API_KEY"],
    usage: UsageOption::Nothing,
    max_tokens: MaxTokens::MaxCompletionTokens,
    reasoning: GPT_OSS,
    media: TEXT_ONLY,
    lacks: &["top_k", "presence_penalty", "frequency_penalty"],
    key_url: Some("https://cloud.cerebras.ai"),
    ..CUSTOM
};

pub(super) const DEEPINFRA: Dialect = Dialect {
    id: "deepinfra",
    name: "DeepInfra",
    base_url: Some("https://api.deepinfra.com/v1/openai"),
    env: &["DEEPINFRA_API_KEY", "DEEPINFRA_TOKEN"],
    reasoning: Reasoning::Effort(&[every_model(NONE_AND_THREE)]),
    media: PICTURES,
    key_url: Some("https://deepinfra.com/dash/api_keys"),
    ..CUSTOM
};

pub(super) const SAMBANOVA: Dialect = Dialect {
    id: "sambanova",
    name: "SambaNova",
    base_url: Some("https://api.sambanova.ai/v1"),
    env: &["SAMBANOVA_API_KEY"],
    reasoning: GPT_OSS,
    media: PICTURE_BYTES,
    key_url: Some("https://cloud.sambanova.ai/apis"),
    ..CUSTOM
};

pub(super) const NVIDIA: Dialect = Dialect {
    id: "nvidia",
    name: "NVIDIA NIM",
    base_url: Some("https://integrate.api.nvidia.com/v1"),
    env: &["NVIDIA_API_KEY"],
    reasoning: GPT_OSS,
    media: PICTURES,
    lacks: &["top_k"],
    key_url: Some("https://build.nvidia.com"),
    ..CUSTOM
};

pub(super) const SILICONFLOW: Dialect = Dialect {
    id: "siliconflow",
    name: "SiliconFlow",
    base_url: Some("https://api.siliconflow.com/v1"),
    hosts: &["api.siliconflow.cn"],
    env: &["SILICONFLOW_API_KEY"],
    reasoning: Reasoning::EnableThinking,
    // <https://docs.siliconflow.com/en/userguide/capabilities/reasoning>: `thinking_budget` limits it.
    thinks_apart: true,
    media: PICTURES,
    key_url: Some("https://cloud.siliconflow.com/account/ak"),
    ..CUSTOM
};

pub(super) const NOVITA: Dialect = Dialect {
    id: "novita",
    name: "Novita",
    base_url: Some("https://api.novita.ai/openai"),
    env: &["NOVITA_API_KEY"],
    reasoning: GPT_OSS,
    media: PICTURES,
    key_url: Some("https://novita.ai/settings/key-management"),
    ..CUSTOM
};

pub(super) const NEBIUS: Dialect = Dialect {
    id: "nebius",
    name: "Nebius Token Factory",
    base_url: Some("https://api.tokenfactory.nebius.com/v1"),
    hosts: &["api.studio.nebius.com", "api.studio.nebius.ai"],
    env: &["NEBIUS_API_KEY"],
    reasoning: GPT_OSS,
    media: PICTURES,
    key_url: Some("https://tokenfactory.nebius.com"),
    ..CUSTOM
};

pub(super) const HYPERBOLIC: Dialect = Dialect {
    id: "hyperbolic",
    name: "Hyperbolic",
    base_url: Some("https://api.hyperbolic.xyz/v1"),
    env: &["HYPERBOLIC_API_KEY"],
    reasoning: GPT_OSS,
    media: PICTURES,
    key_url: Some("https://app.hyperbolic.xyz"),
    ..CUSTOM
};

pub(super) const VENICE: Dialect = Dialect {
    id: "venice",
    name: "Venice",
    base_url: Some("https://api.venice.ai/api/v1"),
    env: &["VENICE_API_KEY"],
    reasoning: Reasoning::Effort(&[every_model(THREE)]),
    media: PICTURES,
    key_url: Some("https://venice.ai/settings/api"),
    ..CUSTOM
};

pub(super) const HUGGINGFACE: Dialect = Dialect {
    id: "huggingface",
    name: "Hugging Face",
    base_url: Some("https://router.huggingface.co/v1"),
    env: &["HF_TOKEN", "HUGGINGFACE_API_KEY"],
    reasoning: GPT_OSS,
    media: PICTURES,
    key_url: Some("https://huggingface.co/settings/tokens"),
    ..CUSTOM
};

/// Not `GITHUB_TOKEN`: many have that in their environment for something else.
pub(super) const GITHUB: Dialect = Dialect {
    id: "github",
    name: "GitHub Models",
    base_url: Some("https://models.github.ai/inference"),
    env: &["GITHUB_MODELS_TOKEN"],
    reasoning: Reasoning::Effort(OPENAI_THINKERS),
    media: PICTURES,
    lacks: &["top_k"],
    key_url: Some("https://github.com/settings/tokens"),
    ..CUSTOM
};

pub(super) const VERCEL: Dialect = Dialect {
    id: "vercel-gateway",
    name: "Vercel AI Gateway",
    base_url: Some("https://ai-gateway.vercel.sh/v1"),
    env: &["AI_GATEWAY_API_KEY"],
    reasoning: Reasoning::Object,
    replay: Replay::Details,
    media: Media { audio: Audio::None, ..CUSTOM.media },
    lacks: &["top_k"],
    key_url: Some("https://vercel.com/ai-gateway"),
    ..CUSTOM
};

/// <https://docs.aws.amazon.com/bedrock/latest/userguide/inference-chat-completions.html>
pub(super) const BEDROCK: Dialect = Dialect {
    id: "bedrock",
    name: "Amazon Bedrock (OpenAI API)",
    base_url: Some("https://bedrock-runtime.us-west-2.amazonaws.com/openai/v1"),
    env: &["AWS_BEARER_TOKEN_BEDROCK"],
    reasoning: GPT_OSS,
    media: TEXT_ONLY,
    lacks: &["top_k"],
    key_url: Some("https://console.aws.amazon.com/bedrock"),
    ..CUSTOM
};

/// A host of its own per customer: `https://ACCOUNT.snowflakecomputing.com/api/v2/cortex/v1`.
pub(super) const SNOWFLAKE: Dialect = Dialect {
    id: "snowflake",
    name: "Snowflake Cortex",
    base_url: None,
    hosts: &[".snowflakecomputing.com"],
    home: "api/v2/cortex/v1",
    max_tokens: MaxTokens::MaxCompletionTokens,
    reasoning: Reasoning::Effort(OPENAI_THINKERS),
    media: PICTURES,
    lacks: &["top_k"],
    ..CUSTOM
};

pub(super) const OLLAMA_CLOUD: Dialect = Dialect {
    id: "ollama-cloud",
    name: "Ollama Cloud",
    base_url: Some("https://ollama.com/v1"),
    env: &["OLLAMA_API_KEY"],
    reasoning: Reasoning::Effort(&[every_model(NONE_AND_THREE)]),
    tools: AUTO_TOOLS,
    media: PICTURE_BYTES,
    lacks: &["top_k"],
    key_url: Some("https://ollama.com/settings/keys"),
    ..CUSTOM
};
