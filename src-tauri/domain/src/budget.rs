//! Budgets in words: what one counts, for how long, what happens at its end, and the stretch of time it counts now.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::id::{ConversationId, KeyId};
use crate::time::UnixMs;

/// What a budget counts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Every call.
    #[default]
    Everything,
    /// Calls to one provider, by its slug.
    Provider(String),
    /// Calls to one model, as `provider/model`: the one that was asked for.
    Model(String),
    /// Calls with one key.
    Key(KeyId),
    /// Calls of one conversation.
    Conversation(ConversationId),
    /// Calls of conversations in this folder.
    Folder(String),
    /// Calls of conversations with this tag.
    Tag(String),
    /// Calls made for one purpose, in the word of the ledger's source: `chat`, `cli`, `batch` and so on.
    Source(String),
}

/// Why two words are no scope.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScopeError {
    /// There is no such kind.
    #[error(
        "\"{0}\" is nothing a budget can count; use everything, provider, model, key, conversation, folder, tag or source"
    )]
    Kind(String),
    /// The kind needs to know which.
    #[error("a budget for one {0} needs to know which")]
    Nameless(String),
    /// Everything has no name.
    #[error("a budget for everything has no name of one thing; leave \"{0}\" out")]
    Named(String),
    /// The name is no id.
    #[error("\"{name}\" is no id of a {kind}")]
    Id {
        /// `key` or `conversation`.
        kind: &'static str,
        /// What was given.
        name: String,
    },
}

impl Scope {
    /// A scope of its two words. Spaces around the name do not count.
    pub fn from_words(kind: &str, name: Option<&str>) -> Result<Self, ScopeError> {
        let name = name.map(str::trim).filter(|name| !name.is_empty());
        if kind == "everything" {
            return name.map_or(Ok(Self::Everything), |name| Err(ScopeError::Named(name.to_owned())));
        }
        let make: fn(&str) -> Result<Self, ScopeError> = match kind {
            "provider" => |name| Ok(Self::Provider(name.to_owned())),
            "model" => |name| Ok(Self::Model(name.to_owned())),
            "key" => |name| id("key", name).map(Self::Key),
            "conversation" => |name| id("conversation", name).map(Self::Conversation),
            "folder" => |name| Ok(Self::Folder(name.to_owned())),
            "tag" => |name| Ok(Self::Tag(name.to_owned())),
            "source" => |name| Ok(Self::Source(name.to_owned())),
            _ => return Err(ScopeError::Kind(kind.to_owned())),
        };
        name.map_or_else(|| Err(ScopeError::Nameless(kind.to_owned())), make)
    }

    /// What it counts, in the word of JSON and SQL.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Everything => "everything",
            Self::Provider(_) => "provider",
            Self::Model(_) => "model",
            Self::Key(_) => "key",
            Self::Conversation(_) => "conversation",
            Self::Folder(_) => "folder",
            Self::Tag(_) => "tag",
            Self::Source(_) => "source",
        }
    }

    /// Which of them; `None` for everything.
    pub fn name(&self) -> Option<String> {
        match self {
            Self::Everything => None,
            Self::Provider(name)
            | Self::Model(name)
            | Self::Folder(name)
            | Self::Tag(name)
            | Self::Source(name) => Some(name.clone()),
            Self::Key(id) => Some(id.to_string()),
            Self::Conversation(id) => Some(id.to_string()),
        }
    }

    /// Whether it counts money spent on this. The database decides by the same rules when it admits and books.
    pub fn counts(&self, spent_on: &SpendFacts<'_>) -> bool {
        match self {
            Self::Everything => true,
            Self::Provider(name) => name == spent_on.provider,
            Self::Model(name) => {
                name.strip_prefix(spent_on.provider).and_then(|rest| rest.strip_prefix('/'))
                    == Some(spent_on.model)
            }
            Self::Key(id) => spent_on.key_id == Some(*id),
            Self::Conversation(id) => spent_on.conversation_id == Some(*id),
            Self::Folder(name) => spent_on.folder == Some(name.as_str()),
            Self::Tag(name) => spent_on.tags.contains(name),
            Self::Source(name) => name == spent_on.source,
        }
    }
}

fn id<T: FromStr>(kind: &'static str, name: &str) -> Result<T, ScopeError> {
    name.parse().map_err(|_| ScopeError::Id { kind, name: name.to_owned() })
}

/// What money is spent on, as far as a budget can count it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SpendFacts<'a> {
    /// The provider's slug.
    pub provider: &'a str,
    /// The model asked for there.
    pub model: &'a str,
    /// The key used.
    pub key_id: Option<KeyId>,
    /// The conversation it is for.
    pub conversation_id: Option<ConversationId>,
    /// The folder that conversation stands in.
    pub folder: Option<&'a str>,
    /// The tags it has.
    pub tags: &'a [String],
    /// What the call is made for.
    pub source: &'a str,
}

/// How long a limit is for. Days begin at midnight in the user's time zone, weeks on Monday.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Period {
    /// A day.
    Day,
    /// A week.
    Week,
    /// A month.
    #[default]
    Month,
    /// Today and the days before it, so many in all.
    Rolling {
        /// From 1 to [`Period::MOST_DAYS`].
        days: u16,
    },
    /// For good.
    Total,
}

impl Period {
    /// The most days a rolling period may have.
    pub const MOST_DAYS: u16 = 366;

    /// The word used in JSON and SQL.
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Rolling { .. } => "rolling",
            Self::Total => "total",
        }
    }

    /// How many days a rolling period has.
    pub const fn days(self) -> Option<u16> {
        match self {
            Self::Rolling { days } => Some(days),
            _ => None,
        }
    }

    /// A period of its words; `None` when they are no period.
    pub fn from_words(kind: &str, days: Option<u16>) -> Option<Self> {
        match (kind, days) {
            ("day", None) => Some(Self::Day),
            ("week", None) => Some(Self::Week),
            ("month", None) => Some(Self::Month),
            ("rolling", Some(days @ 1..=Self::MOST_DAYS)) => Some(Self::Rolling { days }),
            ("total", None) => Some(Self::Total),
            _ => None,
        }
    }
}

/// What happens when the next call does not fit any more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnLimit {
    /// It is sent, and an alert says so.
    Warn,
    /// It is not sent until somebody has said yes.
    Ask,
    /// It goes to a cheaper target that fits; where there is none it is not sent.
    Cheaper,
    /// It is not sent.
    #[default]
    Stop,
}

impl OnLimit {
    /// The word used in JSON and SQL.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Warn => "warn",
            Self::Ask => "ask",
            Self::Cheaper => "cheaper",
            Self::Stop => "stop",
        }
    }

    /// Whether it keeps a call from being sent.
    pub const fn refuses(self) -> bool {
        !matches!(self, Self::Warn)
    }
}

impl fmt::Display for OnLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A stretch of time in which a budget counts. `starts_at` belongs to it, `ends_at` does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Window {
    /// When it begins.
    pub starts_at: UnixMs,
    /// When it ends; `None`: never.
    pub ends_at: Option<UnixMs>,
    /// Since when earlier windows count as well: `starts_at` itself, except for a rolling period, whose windows are days.
    pub counts_from: UnixMs,
}
