//! The rows. Facts from PROTOCOLS, section 6, and each provider's own reference.

mod hosts;
mod local;
mod makers;

use roundtable_domain::ReasoningEffort::{High, Low, Max, Medium, Minimal, Off};
use roundtable_domain::WireApi;

use super::{
    Audio, Auth, CallIds, Choice, Dialect, Documents, Images, JsonForms, Level, MaxTokens, Media, Reasoning,
    Replay, Thinker, Tools, UsageOption,
};

/// What is assumed of a server nobody has described: what most compatible servers take. What it does not take is then said
/// by the server, not by us.
pub(super) const CUSTOM: Dialect = Dialect {
    id: "custom",
    name: "Custom endpoint",
    api: WireApi::OpenaiChat,
    base_url: None,
    hosts: &[],
    home: "",
    deployment_query: &[],
    env: &[],
    auth: Auth::Bearer,
    usage: UsageOption::StreamOptions,
    max_tokens: MaxTokens::MaxTokens,
    reasoning: Reasoning::Effort(&[every_model(&[
        (Off, "none"),
        (Minimal, "minimal"),
        (Low, "low"),
        (Medium, "medium"),
        (High, "high"),
    ])]),
    thinks_apart: false,
    replay: Replay::Nothing,
    tools: ALL_TOOLS,
    call_ids: CallIds::UpTo(usize::MAX),
    call_signatures: false,
    json: JsonForms::Both,
    media: Media {
        images: Images::BytesAndUrls,
        documents: Documents::File(&[]),
        audio: Audio::Base64,
        lists: true,
    },
    refusal_parts: false,
    lacks: &[],
    renames: &[],
    calls_at_once: None,
    key_url: None,
    validate_path: None,
};

/// Pictures of both kinds, but neither documents nor sound.
const PICTURES: Media = Media { documents: Documents::None, audio: Audio::None, ..CUSTOM.media };
/// Pictures in the request alone.
const PICTURE_BYTES: Media = Media { images: Images::Bytes, ..PICTURES };
/// Text alone.
const TEXT_ONLY: Media = Media { images: Images::None, ..PICTURES };

const ALL_TOOLS: Tools =
    Tools { choice: Choice::Words { required: Some("required"), named: true }, parallel: true };
/// Tools, but the model chooses by itself.
const AUTO_TOOLS: Tools = Tools { choice: Choice::Auto, parallel: false };

const THREE: &[Level] = &[(Low, "low"), (Medium, "medium"), (High, "high")];
const NONE_AND_THREE: &[Level] = &[(Off, "none"), (Low, "low"), (Medium, "medium"), (High, "high")];

/// An entry that holds for every model.
const fn every_model(levels: &'static [Level]) -> Thinker {
    Thinker { models: &[""], levels, sealed: false }
}

/// An entry for models whose reasoning is shown or not, but never sealed.
const fn open(models: &'static [&'static str], levels: &'static [Level]) -> Thinker {
    Thinker { models, levels, sealed: false }
}

/// An entry for models whose reasoning comes sealed.
const fn sealed(models: &'static [&'static str], levels: &'static [Level]) -> Thinker {
    Thinker { models, levels, sealed: true }
}

/// All rows, in the order they are offered.
pub const fn dialects() -> &'static [Dialect] {
    DIALECTS
}

const DIALECTS: &[Dialect] = &[
    makers::OPENAI,
    makers::ANTHROPIC,
    makers::GEMINI,
    makers::DEEPSEEK,
    makers::QWEN,
    makers::MISTRAL,
    hosts::GROQ,
    makers::XAI,
    hosts::OPENROUTER,
    hosts::AZURE,
    // By its path; what is left of the host is a project's.
    hosts::VERTEX_EXPRESS,
    hosts::VERTEX,
    hosts::TOGETHER,
    hosts::FIREWORKS,
    makers::MOONSHOT,
    makers::ZAI,
    makers::MINIMAX,
    makers::COHERE,
    hosts::CEREBRAS,
    makers::PERPLEXITY,
    hosts::DEEPINFRA,
    hosts::SAMBANOVA,
    hosts::NVIDIA,
    hosts::SILICONFLOW,
    hosts::NOVITA,
    hosts::NEBIUS,
    hosts::HYPERBOLIC,
    hosts::VENICE,
    hosts::HUGGINGFACE,
    hosts::GITHUB,
    hosts::VERCEL,
    hosts::BEDROCK,
    hosts::SNOWFLAKE,
    hosts::OLLAMA_CLOUD,
    makers::GEMINI_OPENAI,
    local::OLLAMA,
    local::OLLAMA_OPENAI,
    local::LMSTUDIO,
    local::LLAMACPP,
    local::VLLM,
    local::SGLANG,
    local::DEMO,
    CUSTOM,
];
