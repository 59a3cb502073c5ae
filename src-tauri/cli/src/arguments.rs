//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use roundtable_domain::WireApi;

/// One prompt, many models, one bill: the engine without a window.
#[derive(Debug, Parser)]
#[command(name = "roundtable-cli", version)]
pub(crate) struct Arguments {
    /// Keep database, configuration and logs in this folder
    #[arg(long, global = true, value_name = "DIR", env = "ROUNDTABLE_DATA_DIR")]
    pub(crate) data_dir: Option<PathBuf>,

    /// Print one JSON object a line
    #[arg(long, global = true)]
    pub(crate) json: bool,

    /// Keep keys in memory only; do not touch the system's keyring
    #[arg(long, global = true)]
    pub(crate) no_keyring: bool,

    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Ask one or several models
    Ask(Ask),
    /// List models that can be asked
    Models(Models),
    /// Show, set, check or remove keys
    Keys(Keys),
    /// Compute the exact cost of a usage object
    Cost(Cost),
    /// Show what has been spent
    Ledger(Ledger),
    /// Run the built-in emulator of model servers
    Emulator(Emulator),
}

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

    /// An image to send along; repeatable
    #[arg(long = "image", value_name = "FILE")]
    pub(crate) images: Vec<PathBuf>,

    /// A file to send along: text or PDF; repeatable
    #[arg(long = "file", value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,

    /// Ask for the whole answer at once instead of a stream
    #[arg(long)]
    pub(crate) no_stream: bool,

    /// Send a failed request only once
    #[arg(long)]
    pub(crate) no_retry: bool,

    /// Randomness, 0 or more; the model's own by default
    #[arg(long, value_parser = temperature)]
    pub(crate) temperature: Option<f64>,

    /// The longest answer in tokens, reasoning included
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) max_tokens: Option<u32>,

    /// Longest wait for the whole answer, in seconds
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) timeout: Option<u64>,

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

fn temperature(text: &str) -> Result<f64, String> {
    let number: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
    if number.is_finite() && number >= 0.0 { Ok(number) } else { Err("it must be 0 or more".to_owned()) }
}

/// A wire protocol, by the name of who made it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Kind {
    /// Chat Completions
    Openai,
    /// Responses
    OpenaiResponses,
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
            Kind::Anthropic => Self::AnthropicMessages,
            Kind::Gemini => Self::Gemini,
            Kind::Ollama => Self::Ollama,
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct Models {
    /// Only this provider's
    #[arg(long, value_name = "PROVIDER")]
    pub(crate) provider: Option<String>,

    /// Ask the provider for its list first
    #[arg(long, requires = "provider")]
    pub(crate) refresh: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Keys {
    #[command(subcommand)]
    pub(crate) action: Option<KeyAction>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum KeyAction {
    /// Show providers and where their keys are (the default)
    List,
    /// Store a key, read from standard input, and check it
    Set {
        /// The provider, for example openai
        provider: String,
    },
    /// Ask the provider whether its key works
    Check {
        /// The provider
        provider: String,
    },
    /// Remove a provider's key
    Remove {
        /// The provider
        provider: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Cost {
    /// The provider, for example openai
    #[arg(long)]
    pub(crate) provider: String,

    /// The wire the usage object came from: openai-chat, openai-responses, anthropic-messages, gemini, ollama
    #[arg(long)]
    pub(crate) api: String,

    /// The model that served the request
    #[arg(long)]
    pub(crate) model: String,

    /// The usage object as the provider sent it
    #[arg(long, value_name = "JSON")]
    pub(crate) usage: String,

    /// Prices in dollars per million tokens, instead of the built-in catalogue's
    #[arg(long, value_name = "JSON")]
    pub(crate) prices: Option<String>,

    /// What the usage object does not say
    #[arg(help = r#"What the usage object does not say, for example {"service_tier":"batch"}"#)]
    #[arg(long, value_name = "JSON")]
    pub(crate) flags: Option<String>,

    /// When the request was made, RFC 3339; now by default
    #[arg(long, value_name = "TIME")]
    pub(crate) at: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Ledger {
    /// How many of the newest entries to show
    #[arg(long, default_value_t = 20)]
    pub(crate) limit: u32,

    /// Only this provider's
    #[arg(long, value_name = "PROVIDER")]
    pub(crate) provider: Option<String>,

    /// Only this model's
    #[arg(long, value_name = "MODEL")]
    pub(crate) model: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Emulator {
    /// The port on loopback; 0 takes any
    #[arg(long, default_value_t = 0)]
    pub(crate) port: u16,

    /// Answer as fast as possible instead of at a realistic speed
    #[arg(long)]
    pub(crate) instant: bool,

    /// Stop by itself after this many seconds
    #[arg(long = "for", value_name = "SECONDS")]
    pub(crate) seconds: Option<u64>,
}
