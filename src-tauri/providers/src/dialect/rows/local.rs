//! Servers on this machine. They need no key.

use super::{
    AUTO_TOOLS, Audio, Auth, CUSTOM, Choice, Dialect, JsonForms, Media, NONE_AND_THREE, PICTURE_BYTES,
    PICTURES, Reasoning, Replay, THREE, Tools, UsageOption, WireApi, every_model,
};

const LOCAL: Dialect =
    Dialect { auth: Auth::None, reasoning: Reasoning::Effort(&[every_model(THREE)]), ..CUSTOM };

/// Calls at once for servers that work on many together. They take hundreds; a card of a person's own has memory for a few.
const BATCHED: u32 = 8;

/// Its own wire. Penalties and the like are options of the model file, which all models have.
pub(super) const OLLAMA: Dialect = Dialect {
    id: "ollama",
    name: "Ollama",
    api: WireApi::Ollama,
    base_url: Some("http://127.0.0.1:11434"),
    usage: UsageOption::Nothing,
    tools: AUTO_TOOLS,
    media: PICTURE_BYTES,
    calls_at_once: Some(1), // OLLAMA_NUM_PARALLEL
    ..LOCAL
};

/// <https://docs.ollama.com/api/openai-compatibility>
pub(super) const OLLAMA_OPENAI: Dialect = Dialect {
    id: "ollama-openai",
    name: "Ollama (OpenAI API)",
    base_url: Some("http://127.0.0.1:11434/v1"),
    reasoning: Reasoning::Effort(&[every_model(NONE_AND_THREE)]),
    tools: AUTO_TOOLS,
    media: PICTURE_BYTES,
    lacks: &["top_k"],
    calls_at_once: OLLAMA.calls_at_once,
    ..LOCAL
};

/// Refuses `json_object`, named tools, and pictures on the web.
pub(super) const LMSTUDIO: Dialect = Dialect {
    id: "lmstudio",
    name: "LM Studio",
    base_url: Some("http://127.0.0.1:1234/v1"),
    tools: Tools { choice: Choice::Words { required: Some("required"), named: false }, parallel: false },
    json: JsonForms::Schema,
    media: PICTURE_BYTES,
    calls_at_once: Some(1),
    ..LOCAL
};

/// Reads `tool_choice` as a word only.
pub(super) const LLAMACPP: Dialect = Dialect {
    id: "llamacpp",
    name: "llama.cpp server",
    base_url: Some("http://127.0.0.1:8080/v1"),
    replay: Replay::ContentWithToolCalls,
    tools: Tools { choice: Choice::Words { required: Some("required"), named: false }, parallel: true },
    media: Media { audio: Audio::Base64, ..PICTURES },
    calls_at_once: Some(1), // --parallel
    ..LOCAL
};

pub(super) const VLLM: Dialect = Dialect {
    id: "vllm",
    name: "vLLM",
    base_url: Some("http://127.0.0.1:8000/v1"),
    media: Media { audio: Audio::Base64, ..PICTURES },
    calls_at_once: Some(BATCHED),
    ..LOCAL
};

pub(super) const SGLANG: Dialect = Dialect {
    id: "sglang",
    name: "SGLang",
    base_url: Some("http://127.0.0.1:30000/v1"),
    media: PICTURES,
    calls_at_once: Some(BATCHED),
    ..LOCAL
};

/// The emulator: in-process, on a port that is chosen at start.
pub(super) const DEMO: Dialect =
    Dialect { id: "demo", name: "Demo (simulated)", reasoning: CUSTOM.reasoning, ..LOCAL };
