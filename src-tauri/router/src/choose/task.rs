//! What kind of work a prompt is, how hard it is, and what the user cares about most.

use serde::{Deserialize, Serialize};

/// The kind of work a prompt asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskKind {
    /// Writing, reading or repairing programs.
    Code,
    /// Stories, poems, slogans, names.
    Creative,
    /// Comparing, summarising, calculating, proving, judging.
    Analysis,
    /// From one language into another.
    Translation,
    /// Everything people say to each other, and plain questions.
    #[default]
    Conversation,
    /// The prompt is so long that the window decides.
    LongContext,
    /// Pictures, sound or documents come with it.
    Multimodal,
}

impl TaskKind {
    /// All kinds, in the order they are listed on screen.
    pub const ALL: [Self; 7] = [
        Self::Code,
        Self::Creative,
        Self::Analysis,
        Self::Translation,
        Self::Conversation,
        Self::LongContext,
        Self::Multimodal,
    ];

    /// The word used in files and JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Creative => "creative",
            Self::Analysis => "analysis",
            Self::Translation => "translation",
            Self::Conversation => "conversation",
            Self::LongContext => "long_context",
            Self::Multimodal => "multimodal",
        }
    }

    /// How people call it.
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Creative => "creative writing",
            Self::Analysis => "analysis",
            Self::Translation => "translation",
            Self::Conversation => "conversation",
            Self::LongContext => "a long context",
            Self::Multimodal => "pictures, sound or documents",
        }
    }
}

/// How much a prompt asks of a model.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Complexity {
    /// One step: a fact, a greeting, a word.
    #[default]
    Simple,
    /// A few steps.
    Moderate,
    /// Many steps, many conditions, or thinking that is known to be hard.
    Complex,
}

impl Complexity {
    /// The word used in files, in JSON and on screen.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Simple => "simple",
            Self::Moderate => "moderate",
            Self::Complex => "complex",
        }
    }
}

/// What the user cares about most.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// The bill.
    Cost,
    /// The wait.
    Speed,
    /// The answer.
    #[default]
    Quality,
}

impl Priority {
    /// The word used in files, in JSON and on screen.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cost => "cost",
            Self::Speed => "speed",
            Self::Quality => "quality",
        }
    }
}

/// What comes with a prompt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttachmentKind {
    /// A picture.
    Image,
    /// A PDF file sent as such.
    Pdf,
    /// Sound.
    Audio,
    /// Text that is put into the prompt: any model reads it.
    Text,
}

impl AttachmentKind {
    /// The word used in files, in JSON and on screen.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Pdf => "pdf",
            Self::Audio => "audio",
            Self::Text => "text",
        }
    }
}
