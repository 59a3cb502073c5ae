//! What is wrong in a file, where, and what would be right.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How much a mistake matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// What it stands in, or refers to, is not used until it is put right.
    Error,
    /// Everything is used; it may not be what was meant.
    Warning,
}

/// What kind of mistake it is. The reason says it in words; this is for whoever has to act on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MistakeCode {
    /// It is not YAML.
    Syntax,
    /// A key that no such file has.
    UnknownKey,
    /// A key that has to be there is not.
    MissingKey,
    /// Text where a list has to be, and the like.
    WrongType,
    /// A number outside its range.
    BadNumber,
    /// A strategy, or another word of a fixed set, that there is not.
    UnknownWord,
    /// A name that cannot be one.
    BadName,
    /// The same thing twice.
    Duplicate,
    /// An echelon with nothing to ask.
    NoModels,
    /// A group without echelons, or a pool without groups.
    Empty,
    /// A group or an echelon that is named but not there.
    NotThere,
    /// Groups that fall back to each other in a circle.
    Cycle,
    /// A model nobody knows (yet).
    UnknownModel,
    /// A name that another one hides.
    Hidden,
    /// A file that is neither a group, a pool, the aliases, the rules nor the choice.
    UnexpectedFile,
    /// A value that has no effect where it stands.
    NoEffect,
    /// A regular expression that is none, a time of day that there is not, a condition that can never hold.
    BadCondition,
    /// The file cannot be read at all: too large, no text, no permission.
    Unreadable,
    /// The file is not used as it is now; what it said before still holds.
    EarlierVersion,
}

/// A mistake in a file. `Display` is one line, `groups/coding.yaml:12:3: error: why`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mistake {
    /// The file, as the caller named it.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// The character in that line, from 1.
    pub column: u32,
    /// Whether it keeps something from being used.
    pub severity: Severity,
    /// What kind it is.
    pub code: MistakeCode,
    /// What is wrong and what would be right, for the person who wrote the file.
    pub reason: String,
}

impl MistakeCode {
    /// The word used in JSON and on screen.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Syntax => "syntax",
            Self::UnknownKey => "unknown_key",
            Self::MissingKey => "missing_key",
            Self::WrongType => "wrong_type",
            Self::BadNumber => "bad_number",
            Self::UnknownWord => "unknown_word",
            Self::BadName => "bad_name",
            Self::Duplicate => "duplicate",
            Self::NoModels => "no_models",
            Self::Empty => "empty",
            Self::NotThere => "not_there",
            Self::Cycle => "cycle",
            Self::UnknownModel => "unknown_model",
            Self::Hidden => "hidden",
            Self::UnexpectedFile => "unexpected_file",
            Self::NoEffect => "no_effect",
            Self::BadCondition => "bad_condition",
            Self::Unreadable => "unreadable",
            Self::EarlierVersion => "earlier_version",
        }
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        write!(f, "{}:{}:{}: {severity}: {}", self.file, self.line, self.column, self.reason)
    }
}

/// A place in a file: line and character, both from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub line: u32,
    pub column: u32,
}

impl Place {
    /// Where a file begins.
    pub const START: Self = Self { line: 1, column: 1 };
}

/// Gathers the mistakes of one file.
#[derive(Debug)]
pub(crate) struct Report {
    file: String,
    mistakes: Vec<Mistake>,
}

impl Report {
    pub fn new(file: &str) -> Self {
        Self { file: file.to_owned(), mistakes: Vec::new() }
    }

    pub fn error(&mut self, place: Place, code: MistakeCode, reason: impl Into<String>) {
        self.add(Severity::Error, place, code, reason.into());
    }

    pub fn warning(&mut self, place: Place, code: MistakeCode, reason: impl Into<String>) {
        self.add(Severity::Warning, place, code, reason.into());
    }

    pub fn has_errors(&self) -> bool {
        self.errors() > 0
    }

    /// How many mistakes keep something from being used.
    pub fn errors(&self) -> usize {
        self.mistakes.iter().filter(|mistake| mistake.severity == Severity::Error).count()
    }

    /// The mistakes in the order of their lines.
    pub fn into_mistakes(mut self) -> Vec<Mistake> {
        self.mistakes.sort_by_key(|mistake| (mistake.line, mistake.column));
        self.mistakes
    }

    fn add(&mut self, severity: Severity, place: Place, code: MistakeCode, reason: String) {
        let Place { line, column } = place;
        self.mistakes.push(Mistake { file: self.file.clone(), line, column, severity, code, reason });
    }
}

/// The known word that was most likely meant, if one is near enough.
///
/// Spelling conventions do not count as a difference: `rpmLimit` and `rpm-limit` are both `rpm_limit`.
pub fn nearest<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let written = plain(written);
    let most = (written.chars().count() / 3).clamp(1, 4);
    known
        .into_iter()
        .map(|word| (strsim::damerau_levenshtein(&written, &plain(word)), word))
        .filter(|(distance, _)| *distance <= most)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, word)| word)
}

/// `; did you mean "x"?`, or nothing.
pub(crate) fn did_you_mean<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    nearest(written, known).map_or_else(String::new, |word| format!("; did you mean \"{word}\"?"))
}

/// Letters and digits only, all small.
fn plain(word: &str) -> String {
    word.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}
