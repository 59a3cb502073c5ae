//! What a choice knows of a prompt. Nothing of its text is kept.

use jiff::tz::TimeZone;
use roundtable_domain::{ConversationId, ModelRef, Params, Part, ResponseFormat, UnixMs};
use roundtable_router::choose::{
    AttachmentKind, LocalTime, Needs, Prompt, PromptReading, Spent, Weekday, read_prompt,
};
use roundtable_store::{LaneTurn, LedgerFilter, PastAnswer};

use crate::ask::Tools;
use crate::attachments::kind_of;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::tokens;
use crate::view::AttachmentKind as FileKind;

/// How long providers keep a prompt's beginning in their caches at least, in milliseconds.
const CACHE_LIFE_MS: i64 = 5 * 60 * 1_000;

/// The answer that costs are compared for, where nobody asks for a shorter one, in tokens.
const EXPECTED_ANSWER: u64 = 600;

/// A prompt, as far as choosing looks at it.
#[derive(Clone, Debug, Default)]
pub(crate) struct PromptFacts<'a> {
    /// The latest message.
    pub(crate) text: &'a str,
    /// What comes with it.
    pub(crate) attachments: Vec<AttachmentKind>,
    /// The prompt with its history, in tokens by rule of thumb.
    pub(crate) tokens: u64,
    /// Tools are offered; several at once are wanted.
    pub(crate) tools: bool,
    pub(crate) parallel_tools: bool,
    /// The answer has to keep to a schema.
    pub(crate) json_schema: bool,
    /// The longest answer that was asked for, in tokens.
    pub(crate) max_output_tokens: Option<u64>,
    /// Who answered the turn before.
    pub(crate) previous: Option<Previous>,
    /// Where it is asked, for what has been spent there; `None` outside of conversations.
    pub(crate) conversation: Option<ConversationId>,
    /// The conversation's tags.
    pub(crate) tags: &'a [String],
}

/// The answer of the turn before.
#[derive(Clone, Debug)]
pub(crate) struct Previous {
    /// Who gave it.
    pub(crate) model: ModelRef,
    /// So many tokens of the prompt are still in its provider's cache, and until when.
    pub(crate) warm: Option<(u64, UnixMs)>,
}

impl<'a> PromptFacts<'a> {
    /// A text with files and nothing before it.
    pub(crate) fn of_text(text: &'a str, attachments: Vec<AttachmentKind>) -> Self {
        Self { text, attachments, tokens: tokens::estimate_text(text), ..Self::default() }
    }

    /// A lane's next request: its history, then this message.
    pub(crate) fn of_lane(
        message: &'a Spoken,
        tools: &Tools,
        params: &Params,
        system: Option<&str>,
        history: &[LaneTurn],
    ) -> Self {
        let answers = history.iter().rev().filter_map(|turn| turn.answer.as_ref());
        let said = |turn: &LaneTurn| {
            let answer = turn.answer.as_ref().map_or(0, |run| tokens::estimate_text(&run.text));
            tokens::estimate_text(&turn.turn.text) + answer
        };
        Self {
            text: &message.text,
            attachments: message.attachments.clone(),
            tokens: message.tokens
                + system.map_or(0, tokens::estimate_text)
                + history.iter().map(said).sum::<u64>(),
            tools: !tools.definitions.is_empty(),
            parallel_tools: tools.parallel == Some(true),
            json_schema: matches!(params.response_format, ResponseFormat::JsonSchema { .. }),
            max_output_tokens: params.max_tokens.map(u64::from),
            previous: answers.filter(|run| !run.text.is_empty()).find_map(Previous::of),
            conversation: None,
            tags: &[],
        }
    }

    /// What it was read as.
    pub(super) fn reading(&self) -> PromptReading {
        read_prompt(self.text, self.tokens, &self.attachments)
    }

    /// What it requires of whoever answers it.
    pub(super) fn needs(&self) -> Needs {
        let comes = |kind| self.attachments.contains(&kind);
        Needs {
            input_tokens: self.tokens,
            output_tokens: self.expected_answer(),
            max_output_tokens: self.max_output_tokens,
            vision: comes(AttachmentKind::Image),
            pdf: comes(AttachmentKind::Pdf),
            audio_input: comes(AttachmentKind::Audio),
            tools: self.tools,
            parallel_tools: self.parallel_tools,
            json_schema: self.json_schema,
            ..Needs::default()
        }
    }

    /// How long the answer is expected to be, in tokens.
    pub(super) fn expected_answer(&self) -> u64 {
        self.max_output_tokens.map_or(EXPECTED_ANSWER, |most| most.min(EXPECTED_ANSWER))
    }

    /// The prompt as rules see it.
    pub(super) fn as_rules_see_it(&self, reading: PromptReading, at: UnixMs, spent: Spent) -> Prompt<'_> {
        Prompt {
            text: self.text,
            reading,
            tokens: self.tokens,
            attachments: &self.attachments,
            tags: self.tags,
            local_time: local_time(at),
            spent,
        }
    }
}

/// What the user says, counted once for all lanes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Spoken {
    pub(crate) text: String,
    pub(crate) attachments: Vec<AttachmentKind>,
    /// Words and files, in tokens by rule of thumb.
    pub(crate) tokens: u64,
}

impl Spoken {
    /// A prompt's words and parts.
    pub(crate) fn new(text: &str, message: &roundtable_domain::Message, parts: &[Part]) -> Self {
        Self {
            text: text.to_owned(),
            attachments: parts.iter().filter_map(attachment_kind).collect(),
            tokens: tokens::estimate_messages(std::slice::from_ref(message)),
        }
    }
}

/// The kind of file a part is; `None` for one that is none.
fn attachment_kind(part: &Part) -> Option<AttachmentKind> {
    match part {
        Part::Image { .. } | Part::ImageUrl { .. } => Some(AttachmentKind::Image),
        Part::File { blob } => Some(file_kind(&blob.media_type)),
        _ => None,
    }
}

/// What a file is to rules, by its type.
pub(super) fn file_kind(media_type: &str) -> AttachmentKind {
    match kind_of(media_type) {
        FileKind::Text => AttachmentKind::Text,
        FileKind::Image => AttachmentKind::Image,
        FileKind::Audio => AttachmentKind::Audio,
        FileKind::Document => AttachmentKind::Pdf,
    }
}

impl Previous {
    fn of(answer: &PastAnswer) -> Option<Self> {
        let model = ModelRef { provider: answer.provider.clone()?, model: answer.model_requested.clone()? };
        // A provider that has read or written its cache once does so again.
        let caches = answer.usage.cached_input.unwrap_or(0) > 0 || answer.usage.cache_write.unwrap_or(0) > 0;
        let warm = answer
            .finished_at
            .filter(|_| caches)
            .map(|at| (answer.usage.input.unwrap_or(0), UnixMs(at.0.saturating_add(CACHE_LIFE_MS))));
        Some(Self { model, warm })
    }
}

impl Engine {
    /// What has been spent, for rules that ask: in the conversation, today and this month, where the user is. What cannot be
    /// read is not known, which fulfils no condition.
    pub(super) async fn spent(&self, conversation: Option<ConversationId>, at: UnixMs) -> Spent {
        let (day, month) = beginnings(at);
        let since = async |since: UnixMs, conversation: Option<ConversationId>| {
            let filter = LedgerFilter {
                since: Some(since),
                conversation,
                simulated: Some(false),
                ..LedgerFilter::default()
            };
            let totals: Result<_, EngineError> = self.ledger_totals(&filter).await;
            totals.ok().map(|totals| totals.real)
        };
        Spent {
            conversation: match conversation {
                Some(id) => since(UnixMs(0), Some(id)).await,
                None => None,
            },
            day: since(day, None).await,
            month: since(month, None).await,
        }
    }
}

fn zoned(at: UnixMs) -> jiff::Zoned {
    jiff::Timestamp::from_millisecond(at.0).unwrap_or_default().to_zoned(TimeZone::system())
}

/// When the day and the month began, where the user is.
pub(super) fn beginnings(at: UnixMs) -> (UnixMs, UnixMs) {
    let now = zoned(at);
    let start = |day: jiff::civil::Date| {
        let begun = day.to_zoned(now.time_zone().clone());
        UnixMs(begun.map_or(at.0, |begun| begun.timestamp().as_millisecond()))
    };
    (start(now.date()), start(now.date().first_of_month()))
}

pub(super) fn local_time(at: UnixMs) -> LocalTime {
    let now = zoned(at);
    let minute = i32::from(now.hour()) * 60 + i32::from(now.minute());
    LocalTime { weekday: weekday(now.weekday()), minute: u16::try_from(minute).unwrap_or(0) }
}

const fn weekday(day: jiff::civil::Weekday) -> Weekday {
    use jiff::civil::Weekday as Day;
    match day {
        Day::Monday => Weekday::Monday,
        Day::Tuesday => Weekday::Tuesday,
        Day::Wednesday => Weekday::Wednesday,
        Day::Thursday => Weekday::Thursday,
        Day::Friday => Weekday::Friday,
        Day::Saturday => Weekday::Saturday,
        Day::Sunday => Weekday::Sunday,
    }
}
