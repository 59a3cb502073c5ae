//! The words of `ask`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use roundtable_domain::{ReasoningEffort, ToolChoice, WireApi};
use roundtable_engine::Filing;

use super::{Money, Observed};

#[derive(Debug, Args)]
pub(crate) struct Ask {
    /// The prompt; nothing reads it from standard input, and "-" stands for standard input among other words
    pub(crate) prompt: Vec<String>,

    /// A model as provider/model, for example demo/swift; repeat it for several lanes
    #[arg(long = "model", short = 'm', value_name = "MODEL")]
    pub(crate) models: Vec<String>,

    /// A target by name, besides models
    #[arg(long = "to", value_name = "TARGET", conflicts_with = "kind")]
    pub(crate) to: Vec<String>,

    /// Instructions above the conversation
    #[arg(long)]
    pub(crate) system: Option<String>,

    #[command(flatten)]
    pub(crate) along: Along,

    /// Ask for the whole answer at once instead of a stream
    #[arg(long)]
    pub(crate) no_stream: bool,

    /// Ask also where the same answer is kept
    #[arg(long)]
    pub(crate) fresh: bool,

    #[command(flatten)]
    pub(crate) sending: Sending,

    #[command(flatten)]
    pub(crate) observed: Observed,

    #[command(flatten)]
    pub(crate) filed: Filed,

    #[command(flatten)]
    pub(crate) money: Money,

    #[command(flatten)]
    pub(crate) values: Values,

    /// Ask a server that is not set up here: the wire it speaks
    #[arg(long, requires = "base_url", value_name = "KIND")]
    pub(crate) kind: Option<Kind>,

    /// The server's address with its path, such as /v1
    #[arg(long, requires = "kind", value_name = "URL")]
    pub(crate) base_url: Option<String>,

    /// The environment variable that holds the server's key
    #[arg(long, requires = "kind", value_name = "NAME")]
    pub(crate) key_env: Option<String>,
}

/// How questions are sent, of `ask` and `batch`.
#[derive(Debug, Args)]
pub(crate) struct Sending {
    /// Send a failed request only once
    #[arg(long)]
    pub(crate) no_retry: bool,

    /// Use another profile than the one in use
    #[arg(long, value_name = "PROFILE")]
    pub(crate) profile: Option<String>,

    /// Longest wait for a whole answer, in seconds
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) timeout: Option<u64>,
}

/// Where questions are filed, of `ask` and `batch`.
#[derive(Debug, Args)]
pub(crate) struct Filed {
    /// A tag for rules and budgets; repeatable
    #[arg(long = "tag", value_name = "TAG")]
    pub(crate) tags: Vec<String>,

    /// The folder it counts to, for budgets
    #[arg(long, value_name = "FOLDER")]
    pub(crate) folder: Option<String>,
}

impl Filed {
    /// The same as the engine takes it.
    pub(crate) fn filing(&self) -> Filing {
        Filing { folder: self.folder.clone(), tags: self.tags.clone() }
    }
}

/// What goes along with the prompt.
#[derive(Debug, Args)]
pub(crate) struct Along {
    /// An image to send along; repeatable
    #[arg(long = "image", value_name = "FILE")]
    pub(crate) images: Vec<PathBuf>,

    /// A file to send along: text, PDF, image or sound; repeatable, the most important first
    #[arg(long = "file", value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,

    /// The most tokens that text files may have together; what does not fit is cut or left out, the last first
    #[arg(long, value_name = "TOKENS", requires = "files", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) fit: Option<u64>,

    /// Tools the model may call: a JSON array of {"name", "description", "parameters"}
    #[arg(long, value_name = "FILE")]
    pub(crate) tools: Option<PathBuf>,

    /// Whether it may, must or must not call one: auto, none, required, or a tool's name
    #[arg(long, value_name = "CHOICE", requires = "tools")]
    pub(crate) tool_choice: Option<Choice>,

    /// At most one call at a time
    #[arg(long, requires = "tools")]
    pub(crate) no_parallel_tools: bool,
}

/// Values of the request; the model's own by default.
#[derive(Debug, Args)]
pub(crate) struct Values {
    /// Hold the answer to the JSON schema in this file
    #[arg(long, value_name = "FILE", conflicts_with = "json_object")]
    pub(crate) schema: Option<PathBuf>,

    /// Ask for a JSON object as the answer
    #[arg(long)]
    pub(crate) json_object: bool,

    /// Randomness, 0 or more; the model's own by default
    #[arg(long, value_parser = temperature)]
    pub(crate) temperature: Option<f64>,

    /// Choose among the likeliest words that make up this share, 0 to 1
    #[arg(long, value_parser = number)]
    pub(crate) top_p: Option<f64>,

    /// Choose among this many likeliest words
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) top_k: Option<u32>,

    /// Avoid words that have occurred
    #[arg(long, value_parser = number, allow_negative_numbers = true)]
    pub(crate) presence_penalty: Option<f64>,

    /// Avoid words by how often they have occurred
    #[arg(long, value_parser = number, allow_negative_numbers = true)]
    pub(crate) frequency_penalty: Option<f64>,

    /// The longest answer in tokens, reasoning included
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) max_tokens: Option<u32>,

    /// A text at which the answer ends; repeatable
    #[arg(long, value_name = "TEXT")]
    pub(crate) stop: Vec<String>,

    /// The same number gives much the same answer, where the provider promises that
    #[arg(long, allow_negative_numbers = true)]
    pub(crate) seed: Option<i64>,

    /// How much the model thinks first
    #[arg(long, value_name = "EFFORT")]
    pub(crate) effort: Option<Effort>,

    /// How many tokens it may think with
    #[arg(long, value_name = "TOKENS")]
    pub(crate) reasoning_tokens: Option<u32>,
}

fn number(text: &str) -> Result<f64, String> {
    let number: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
    if number.is_finite() { Ok(number) } else { Err("not a finite number".to_owned()) }
}

fn temperature(text: &str) -> Result<f64, String> {
    number(text).and_then(
        |number| {
            if number >= 0.0 { Ok(number) } else { Err("it must be 0 or more".to_owned()) }
        },
    )
}

/// Whether a tool may, must or must not be called.
#[derive(Clone, Debug)]
pub(crate) struct Choice(pub(crate) ToolChoice);

impl std::str::FromStr for Choice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Ok(Self(match text.trim() {
            "" => return Err("say auto, none, required, or a tool's name".to_owned()),
            "auto" => ToolChoice::Auto,
            "none" => ToolChoice::None,
            "required" => ToolChoice::Required,
            name => ToolChoice::Named(name.to_owned()),
        }))
    }
}

/// How much a model thinks first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Effort {
    /// Not at all
    Off,
    /// Hardly
    Minimal,
    /// Little
    Low,
    /// As usual
    Medium,
    /// Much
    High,
    /// As much as it can
    Max,
}

impl From<Effort> for ReasoningEffort {
    fn from(effort: Effort) -> Self {
        match effort {
            Effort::Off => Self::Off,
            Effort::Minimal => Self::Minimal,
            Effort::Low => Self::Low,
            Effort::Medium => Self::Medium,
            Effort::High => Self::High,
            Effort::Max => Self::Max,
        }
    }
}

/// A wire protocol, by the name of who made it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Kind {
    /// Chat Completions
    Openai,
    /// Responses
    OpenaiResponses,
    /// Text completions, for models without a chat form
    OpenaiCompletions,
    /// Messages
    Anthropic,
    /// generateContent
    Gemini,
    /// /api/chat
    Ollama,
}

impl From<Kind> for WireApi {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Openai => Self::OpenaiChat,
            Kind::OpenaiResponses => Self::OpenaiResponses,
            Kind::OpenaiCompletions => Self::OpenaiCompletions,
            Kind::Anthropic => Self::AnthropicMessages,
            Kind::Gemini => Self::Gemini,
            Kind::Ollama => Self::Ollama,
        }
    }
}
