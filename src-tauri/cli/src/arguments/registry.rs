//! The words of `providers`, `settings`, `profiles`, `embed` and `tokens`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use roundtable_engine::SettingName;

use super::{Consent, Kind, Observed};

#[derive(Debug, Args)]
pub(crate) struct Providers {
    #[command(subcommand)]
    pub(crate) action: Option<ProviderAction>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ProviderAction {
    /// Show what is set up here (the default)
    List {
        /// What can be added instead
        #[arg(long)]
        known: bool,
    },
    /// Show one with everything that is set for it
    Show {
        /// The provider, for example openai
        provider: String,
    },
    /// Add one: a known provider by its name, or any server with --kind and --base-url
    Add {
        /// A known provider; `custom` for any other server
        #[arg(default_value = "custom")]
        dialect: String,
        /// Its short name here, as in provider/model
        #[arg(long, value_name = "NAME")]
        id: Option<String>,
        #[command(flatten)]
        place: Place,
        #[command(flatten)]
        network: NetworkArguments,
    },
    /// Change one; what is not named stays as it is
    Set {
        /// The provider
        provider: String,
        #[command(flatten)]
        place: Place,
        #[command(flatten)]
        network: NetworkArguments,
    },
    /// Remove one with its keys and models; answers and spend stay
    Remove {
        /// The provider
        provider: String,
    },
}

/// Where a provider is.
#[derive(Debug, Args)]
pub(crate) struct Place {
    /// Its name for people
    #[arg(long)]
    pub(crate) name: Option<String>,

    /// The wire it speaks, for a server that is not known by name
    #[arg(long, value_name = "KIND")]
    pub(crate) kind: Option<Kind>,

    /// Its address with its path, such as /v1
    #[arg(long, value_name = "URL")]
    pub(crate) base_url: Option<String>,

    /// Plain http to a private address is meant
    #[arg(long)]
    pub(crate) plain_http: bool,
}

/// The way to a provider.
#[derive(Debug, Args)]
pub(crate) struct NetworkArguments {
    /// system, direct, or the address of a proxy (http, https, socks5, socks5h)
    #[arg(long, value_name = "PROXY")]
    pub(crate) proxy: Option<ProxyChoice>,

    /// A file of certificates in PEM form to trust besides the system's; "none" forgets it
    #[arg(long, value_name = "FILE")]
    pub(crate) certificate_authority: Option<PathBuf>,

    /// Calls it works on at once, the others wait; 0 is what is usual for its kind of server
    #[arg(long, value_name = "CALLS")]
    pub(crate) at_once: Option<u32>,

    /// A header of every request as NAME:VALUE; an empty value removes it; repeatable
    #[arg(long = "header", value_name = "NAME:VALUE")]
    pub(crate) headers: Vec<String>,

    /// Added to the query of every request as NAME=VALUE; an empty value removes it; repeatable
    #[arg(long = "query", value_name = "NAME=VALUE")]
    pub(crate) query: Vec<String>,

    /// Longest wait for the connection, in seconds
    #[arg(long, value_name = "SECONDS")]
    pub(crate) connect_timeout: Option<u64>,

    /// Longest wait for the first piece of an answer, in seconds
    #[arg(long, value_name = "SECONDS")]
    pub(crate) first_timeout: Option<u64>,

    /// Longest wait between two pieces of an answer, in seconds
    #[arg(long, value_name = "SECONDS")]
    pub(crate) idle_timeout: Option<u64>,

    /// Longest wait for a whole answer, in seconds
    #[arg(long, value_name = "SECONDS")]
    pub(crate) total_timeout: Option<u64>,
}

/// Through what requests go.
#[derive(Clone, Debug)]
pub(crate) enum ProxyChoice {
    System,
    Direct,
    Url(String),
}

impl std::str::FromStr for ProxyChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "system" => Ok(Self::System),
            "direct" => Ok(Self::Direct),
            url if url.contains("://") => Ok(Self::Url(url.to_owned())),
            _ => Err("say system, direct, or an address such as socks5://127.0.0.1:1080".to_owned()),
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct Settings {
    #[command(subcommand)]
    pub(crate) action: SettingsAction,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SettingsAction {
    /// Set a value of the whole program; `settings show` names them
    Set {
        /// Which, for example time-zone
        #[arg(value_parser = setting)]
        name: SettingName,
        /// The value: Europe/Berlin, EUR:0.92, on, off, a number, an address
        value: String,
    },
    /// Leave a value of the whole program to its default again
    Unset {
        /// Which, for example currency
        #[arg(value_parser = setting)]
        name: SettingName,
    },
    /// Show the values of the whole program, every value a model would be asked with, and where each comes from
    Show {
        /// The model as provider/model; that of the environment by default, and without one no model's
        #[arg(long, short = 'm', value_name = "MODEL")]
        model: Option<String>,
        /// As in this profile instead of the one in use
        #[arg(long, value_name = "PROFILE")]
        profile: Option<String>,
    },
}

/// A setting of the whole program by its word.
fn setting(text: &str) -> Result<SettingName, String> {
    SettingName::ALL.into_iter().find(|name| name.as_str() == text).ok_or_else(|| {
        let names: Vec<&str> = SettingName::ALL.into_iter().map(SettingName::as_str).collect();
        format!("there is no setting “{text}”; there are {}", names.join(", "))
    })
}

#[derive(Debug, Args)]
pub(crate) struct Profiles {
    #[command(subcommand)]
    pub(crate) action: Option<ProfileAction>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ProfileAction {
    /// Show the profiles and which one is in use (the default)
    List,
    /// Use this one from now on
    Use {
        /// The profile, for example careful
        profile: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Embed {
    /// The texts, a vector each
    #[arg(conflicts_with = "stats")]
    pub(crate) texts: Vec<String>,

    /// The model as provider/model
    #[arg(long, short = 'm', value_name = "MODEL", required_unless_present = "stats")]
    pub(crate) model: Option<String>,

    /// How long the vectors shall be, where the model can shorten them
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) dimensions: Option<u32>,

    /// Read texts from standard input, one a line
    #[arg(long, conflicts_with_all = ["texts", "stats"])]
    pub(crate) stdin: bool,

    /// Show what the cache of vectors holds
    #[arg(long, conflicts_with = "model")]
    pub(crate) stats: bool,

    #[command(flatten)]
    pub(crate) consent: Consent,

    #[command(flatten)]
    pub(crate) observed: Observed,
}

#[derive(Debug, Args)]
pub(crate) struct Tokens {
    /// The text; nothing reads it from standard input
    pub(crate) text: Vec<String>,

    /// The model as provider/model
    #[arg(long, short = 'm', value_name = "MODEL")]
    pub(crate) model: Option<String>,

    /// A file of text instead; repeatable
    #[arg(long = "file", value_name = "FILE", conflicts_with = "text")]
    pub(crate) files: Vec<PathBuf>,

    /// Ask a provider that counts for free; it is shown the text
    #[arg(long)]
    pub(crate) exact: bool,
}
