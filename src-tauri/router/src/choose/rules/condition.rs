//! Conditions of a rule, and what they are asked about.

use std::cell::OnceCell;

use regex::Regex;
use roundtable_domain::PicoUsd;
use serde::{Deserialize, Serialize};

use crate::choose::language::Language;
use crate::choose::reading::{PromptReading, begins_word, ends_word};
use crate::choose::task::{AttachmentKind, Complexity, TaskKind};

/// Minutes of a day.
const DAY: u16 = 24 * 60;

/// A prompt as rules see it.
#[derive(Clone, Copy, Debug)]
pub struct Prompt<'a> {
    /// The latest message.
    pub text: &'a str,
    /// What it was read as.
    pub reading: PromptReading,
    /// The whole prompt with its history, in tokens.
    pub tokens: u64,
    /// What comes with it.
    pub attachments: &'a [AttachmentKind],
    /// The conversation's tags.
    pub tags: &'a [String],
    /// Where the user is.
    pub local_time: LocalTime,
    /// What has been spent.
    pub spent: Spent,
}

/// A prompt that several rules are asked about: its text in small letters is made once, and only if one needs it.
pub(super) struct Asked<'a> {
    prompt: &'a Prompt<'a>,
    lower: OnceCell<String>,
}

impl<'a> Asked<'a> {
    pub(super) const fn new(prompt: &'a Prompt<'a>) -> Self {
        Self { prompt, lower: OnceCell::new() }
    }

    fn lower(&self) -> &str {
        self.lower.get_or_init(|| self.prompt.text.to_lowercase())
    }
}

/// The user's own day and hour; the engine knows the time zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LocalTime {
    /// The day.
    pub weekday: Weekday,
    /// Minutes since midnight, from 0 to 1439.
    pub minute: u16,
}

/// A day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "days speak for themselves")]
pub enum Weekday {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

impl Weekday {
    const fn before(self) -> Self {
        match self {
            Self::Monday => Self::Sunday,
            Self::Tuesday => Self::Monday,
            Self::Wednesday => Self::Tuesday,
            Self::Thursday => Self::Wednesday,
            Self::Friday => Self::Thursday,
            Self::Saturday => Self::Friday,
            Self::Sunday => Self::Saturday,
        }
    }
}

/// What has been spent so far; `None`: not known, which fulfils no condition.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spent {
    /// In this conversation.
    pub conversation: Option<PicoUsd>,
    /// Today.
    pub day: Option<PicoUsd>,
    /// This month.
    pub month: Option<PicoUsd>,
}

/// Conditions as they stand in a file. All that are given have to hold; what is not given always holds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Conditions {
    /// The kind of work is one of these.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub task: Vec<TaskKind>,
    /// It is as hard as one of these.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub complexity: Vec<Complexity>,
    /// It is written in one of these languages, by their ISO 639-1 codes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub language: Vec<Language>,
    /// The whole prompt has at least so many tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_tokens: Option<u64>,
    /// The whole prompt has at most so many tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_tokens: Option<u64>,
    /// One of these comes with it: `image`, `pdf`, `audio`, `text`, `any`, `none`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<AttachmentCondition>,
    /// One of these words or phrases is in it, in small letters or capitals.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub keywords: Vec<String>,
    /// This regular expression is found in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub regex: Option<String>,
    /// The conversation has one of these tags.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// It is this time of day, where the user is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<TimeOfDay>,
    /// It is one of these days. With a time that goes past midnight, the day on which it began.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub weekdays: Vec<Weekday>,
    /// More than this has been spent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost_so_far: Option<CostSoFar>,
}

/// What comes with a prompt, as a condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttachmentCondition {
    /// A picture.
    Image,
    /// A PDF file.
    Pdf,
    /// Sound.
    Audio,
    /// A text file.
    Text,
    /// Anything.
    Any,
    /// Nothing.
    None,
}

/// A time of day, from and to, as `HH:MM`; the end is outside. `22:00` to `06:00` goes past midnight.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TimeOfDay {
    /// The beginning.
    pub from: String,
    /// The end.
    pub to: String,
}

/// Spending above any of these amounts, in dollars.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CostSoFar {
    /// In this conversation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conversation_over: Option<PicoUsd>,
    /// Today.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub day_over: Option<PicoUsd>,
    /// This month.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub month_over: Option<PicoUsd>,
}

impl Conditions {
    /// Whether nothing is asked.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether all hold. `regex` is the compiled form of the one that is asked for.
    pub(super) fn hold(&self, regex: Option<&Regex>, asked: &Asked<'_>) -> bool {
        let prompt = asked.prompt;
        let Prompt { reading, tokens, .. } = *prompt;
        // The cheapest first: the text is looked at only if all the rest holds.
        is_one_of(&self.task, &reading.task)
            && is_one_of(&self.complexity, &reading.complexity)
            && (self.language.is_empty()
                || reading.language.is_some_and(|language| self.language.contains(&language)))
            && self.min_tokens.is_none_or(|least| tokens >= least)
            && self.max_tokens.is_none_or(|most| tokens <= most)
            && (self.attachments.is_empty()
                || self.attachments.iter().any(|kind| kind.is_with(prompt.attachments)))
            && (self.tags.is_empty() || prompt.tags.iter().any(|tag| has_tag(&self.tags, tag)))
            && self.is_time(prompt.local_time)
            && self.cost_so_far.is_none_or(|limit| limit.is_passed(prompt.spent))
            && (self.keywords.is_empty() || has_keyword(&self.keywords, asked.lower()))
            && regex.is_none_or(|regex| regex.is_match(prompt.text))
    }

    fn is_time(&self, now: LocalTime) -> bool {
        let Some((from, to)) = self.time.as_ref().and_then(TimeOfDay::minutes) else {
            return is_one_of(&self.weekdays, &now.weekday);
        };
        if from < to {
            return (from..to).contains(&now.minute) && is_one_of(&self.weekdays, &now.weekday);
        }
        let began_today = now.minute >= from && is_one_of(&self.weekdays, &now.weekday);
        began_today || (now.minute < to && is_one_of(&self.weekdays, &now.weekday.before()))
    }

    /// What can never be meant, with the key it is under.
    pub(super) fn mistakes(&self) -> Vec<(&'static str, String)> {
        let mut mistakes = Vec::new();
        if let (Some(least), Some(most)) = (self.min_tokens, self.max_tokens)
            && least > most
        {
            mistakes
                .push(("min_tokens", format!("{least} is more than max_tokens, {most}: this never holds")));
        }
        if self.keywords.iter().any(|word| word.trim().is_empty()) {
            mistakes.push(("keywords", "an empty word is in every prompt".to_owned()));
        }
        if self.tags.iter().any(|tag| tag.trim().is_empty()) {
            mistakes.push(("tags", "an empty tag is on no conversation".to_owned()));
        }
        if let Some(time) = &self.time {
            match time.minutes() {
                None => mistakes.push(("time", "write from and to as HH:MM, for example 22:00".to_owned())),
                Some((from, to)) if from == to => {
                    mistakes.push((
                        "time",
                        "from and to are the same: leave the time out for all day".to_owned(),
                    ));
                }
                Some(_) => {}
            }
        }
        if self.cost_so_far == Some(CostSoFar::default()) {
            mistakes.push(("cost_so_far", "give conversation_over, day_over or month_over".to_owned()));
        }
        mistakes
    }
}

impl AttachmentCondition {
    fn is_with(self, attachments: &[AttachmentKind]) -> bool {
        match self {
            Self::Image => attachments.contains(&AttachmentKind::Image),
            Self::Pdf => attachments.contains(&AttachmentKind::Pdf),
            Self::Audio => attachments.contains(&AttachmentKind::Audio),
            Self::Text => attachments.contains(&AttachmentKind::Text),
            Self::Any => !attachments.is_empty(),
            Self::None => attachments.is_empty(),
        }
    }
}

impl TimeOfDay {
    /// From and to in minutes since midnight, to up to 1440; `None`: one of them is no time.
    fn minutes(&self) -> Option<(u16, u16)> {
        let from = minute(&self.from).filter(|&from| from < DAY)?;
        let to = minute(&self.to)?;
        Some((from, if to == 0 { DAY } else { to }))
    }
}

impl CostSoFar {
    fn is_passed(self, spent: Spent) -> bool {
        [
            (self.conversation_over, spent.conversation),
            (self.day_over, spent.day),
            (self.month_over, spent.month),
        ]
        .into_iter()
        .any(|(over, spent)| over.zip(spent).is_some_and(|(over, spent)| spent > over))
    }
}

/// `HH:MM` in minutes; 24:00 is the end of the day.
fn minute(text: &str) -> Option<u16> {
    let (hours, minutes) = text.trim().split_once(':')?;
    let is_number =
        |text: &str| (1..=2).contains(&text.len()) && text.bytes().all(|digit| digit.is_ascii_digit());
    if !is_number(hours) || !is_number(minutes) {
        return None;
    }
    let (hours, minutes): (u16, u16) = (hours.parse().ok()?, minutes.parse().ok()?);
    ((hours < 24 && minutes < 60) || (hours == 24 && minutes == 0)).then_some(hours * 60 + minutes)
}

fn is_one_of<T: PartialEq>(wanted: &[T], found: &T) -> bool {
    wanted.is_empty() || wanted.contains(found)
}

fn has_tag(wanted: &[String], tag: &str) -> bool {
    wanted.iter().any(|wanted| wanted.trim().to_lowercase() == tag.trim().to_lowercase())
}

/// Whole words, where the script has words.
fn has_keyword(keywords: &[String], lower: &str) -> bool {
    keywords.iter().any(|keyword| {
        let keyword = keyword.trim().to_lowercase();
        lower
            .match_indices(keyword.as_str())
            .any(|(at, found)| begins_word(lower, at) && ends_word(lower, at + found.len()))
    })
}
