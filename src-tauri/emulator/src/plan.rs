//! What will be sent, as data: the wires write it, the server keeps its schedule.

mod draft;
mod reaction;

use std::time::Duration;

use serde_json::Value;

use crate::ask::Ask;
use crate::behaviour::MANY_SCRIPTS;
use crate::dice::Dice;
use crate::failure::Failure;
use crate::models::{self, DemoModel};
use crate::{Behaviour, Pace};
use draft::Draft;

/// Why an answer ended.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Finish {
    Stop,
    StopSequence(String),
    Length,
    Tool,
    Refusal,
    ContentFilter,
}

/// One thing that happens on a stream.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Beat {
    /// The role frame or message start.
    Open,
    /// A frame without a word, on the wires that have no opening of their own: their servers send an empty piece there.
    Nothing,
    Reasoning(String),
    Text(String),
    Refusal(String),
    Tool {
        name: String,
        arguments: Value,
    },
    KeepAlive,
    /// Finish reason, usage and terminal.
    Finish(Finish),
    /// An error inside the stream.
    Fail(Failure),
    /// The connection is reset.
    Cut,
    /// Nothing more, for ever.
    Hang,
}

/// A beat and how long after the one before.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Step {
    pub(crate) after: Duration,
    pub(crate) beat: Beat,
}

/// Counted by the emulator's rule; a plan knows them before it starts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Usage {
    pub(crate) input: u64,
    /// Reasoning included.
    pub(crate) output: u64,
    pub(crate) reasoning: u64,
}

/// How bytes are cut on their way out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Pieces {
    /// One write an event.
    #[default]
    Whole,
    /// This many bytes.
    Of(usize),
    /// Inside every multi-byte character.
    InsideCharacters,
}

/// An answer to be performed, streaming or not.
pub(crate) struct Performance {
    pub(crate) served: String,
    pub(crate) usage: Usage,
    pub(crate) report_usage: bool,
    pub(crate) crlf: bool,
    pub(crate) pieces: Pieces,
    pub(crate) steps: Box<dyn Iterator<Item = Step> + Send>,
}

/// The whole reaction to a request.
pub(crate) enum Plan {
    /// An error reply with its own status.
    Refuse(Failure),
    /// An error's body under HTTP 200.
    OkError(Failure),
    /// 200 and no byte.
    Empty,
    /// A page that no API would send.
    Page {
        status: u16,
        location: Option<String>,
        html: &'static str,
    },
    /// No reply at all.
    Close,
    /// No reply yet, for ever.
    Wait,
    Perform(Performance),
}

const BAD_GATEWAY: &str = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n\
    <center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n";
const WEB_SITE: &str = "<!doctype html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>Sign in</title></head>\n\
    <body><h1>Sign in</h1><p>This is a web page, not an API.</p></body>\n</html>\n";

/// Decides what happens. `model` is the voice that would answer normally.
pub(crate) fn plan(ask: &Ask, behaviour: Behaviour, model: &DemoModel, pace: Pace, seed: u64) -> Plan {
    let too_long = ask.input_tokens() > model.context_window;
    if too_long && !matches!(behaviour, Behaviour::Burst { .. }) {
        return Plan::Refuse(Failure::ContextLength {
            tokens: ask.input_tokens(),
            limit: model.context_window,
        });
    }
    match refusal(ask, &behaviour, model) {
        Some(plan) => plan,
        None => Plan::Perform(perform(ask, behaviour, model, pace, seed)),
    }
}

/// The behaviours in which no answer is begun.
fn refusal(ask: &Ask, behaviour: &Behaviour, model: &DemoModel) -> Option<Plan> {
    let named = || ask.model.clone();
    Some(Plan::Refuse(match behaviour {
        Behaviour::Status429(form) => Failure::RateLimited(*form),
        Behaviour::QuotaExceeded => Failure::Quota,
        Behaviour::Status402 => Failure::Payment,
        Behaviour::Status500 => Failure::Internal,
        Behaviour::Status503 => Failure::Unavailable,
        Behaviour::Status529 => Failure::Overloaded,
        Behaviour::Unauthorized => Failure::InvalidKey,
        Behaviour::Forbidden => Failure::Permission { model: named() },
        Behaviour::ModelNotFound => Failure::ModelNotFound { model: named() },
        Behaviour::ContextLength => Failure::ContextLength {
            tokens: model.context_window + ask.input_tokens(),
            limit: model.context_window,
        },
        Behaviour::PayloadTooLarge => Failure::TooLarge,
        Behaviour::PromptBlocked => Failure::PromptBlocked,
        Behaviour::Status502Html => {
            return Some(Plan::Page { status: 502, location: None, html: BAD_GATEWAY });
        }
        Behaviour::Redirect { location } => {
            return Some(Plan::Page { status: 302, location: Some(location.clone()), html: "" });
        }
        Behaviour::HtmlOk => return Some(Plan::Page { status: 200, location: None, html: WEB_SITE }),
        Behaviour::EmptyBody => return Some(Plan::Empty),
        Behaviour::ErrorBodyOk => return Some(Plan::OkError(Failure::Overloaded)),
        Behaviour::ClosedBeforeHeaders => return Some(Plan::Close),
        Behaviour::NoReply => return Some(Plan::Wait),
        _ => return None,
    }))
}

fn perform(ask: &Ask, behaviour: Behaviour, model: &DemoModel, pace: Pace, seed: u64) -> Performance {
    let normal = || {
        if let Some((name, arguments)) = reaction::called_tool(ask) {
            return Draft::tool(ask, name, arguments);
        }
        let answer = models::answer(ask, model, seed);
        let noticed = reaction::noticed(ask);
        let text = match reaction::formed(ask) {
            Some(json) => json,
            None if noticed.is_empty() => answer.text,
            None => format!("{noticed}\n{}", answer.text),
        };
        Draft::answer(ask, answer.reasoning.as_deref(), &text)
    };
    let fixed = |text: &str| Draft::answer(ask, None, text);
    let draft = match behaviour {
        Behaviour::Reply { text, reasoning } => Draft::answer(ask, reasoning.as_deref(), &text),
        Behaviour::Burst { tokens, tokens_per_second, token } => {
            return burst(ask, tokens, tokens_per_second, token);
        }
        Behaviour::ToolCall { name, arguments } => Draft::tool(ask, name, arguments),
        Behaviour::Refusal { text } => Draft::refusal(ask, &text),
        Behaviour::ContentFilter { after_tokens } => {
            normal().cut(after_tokens, Some(Beat::Finish(Finish::ContentFilter)))
        }
        Behaviour::ErrorFirstEvent => normal().only(vec![Beat::Fail(Failure::Overloaded)]),
        Behaviour::QuotaAfterRole => {
            normal().only(vec![Beat::Open, Beat::Nothing, Beat::Fail(Failure::Quota)])
        }
        Behaviour::ErrorMidStream { after_tokens } => {
            normal().cut(after_tokens, Some(Beat::Fail(Failure::Overloaded)))
        }
        Behaviour::CleanEof { after_tokens } => normal().cut(after_tokens, None),
        Behaviour::SocketCut { after_tokens } => normal().cut(after_tokens, Some(Beat::Cut)),
        Behaviour::Stall { after_tokens } => normal().cut(after_tokens, Some(Beat::Hang)),
        Behaviour::PingsForever { every_ms } => return pings(ask, Duration::from_millis(every_ms.max(1))),
        Behaviour::SlowTokens { ms_per_token } => {
            Draft { every: Some(Duration::from_millis(ms_per_token)), ..normal() }
        }
        Behaviour::HugeLine { mebibytes } => {
            normal().only(vec![Beat::Open, Beat::Text(huge_text(mebibytes)), Beat::Finish(Finish::Stop)])
        }
        Behaviour::CrlfLineEnds => Draft { crlf: true, ..normal() },
        Behaviour::SplitBytes { piece } => Draft { pieces: Pieces::Of(piece.max(1)), ..normal() },
        Behaviour::SplitUtf8 => Draft { pieces: Pieces::InsideCharacters, ..fixed(MANY_SCRIPTS) },
        Behaviour::UsageMissing => Draft { report_usage: false, ..normal() },
        Behaviour::WrongModel { served } => Draft { served, ..normal() },
        _ => normal(),
    };
    let mut dice = Dice::new(seed, &["pace", ask.prompt()]);
    draft.into_performance(model, pace, &mut dice)
}

fn burst(ask: &Ask, tokens: u64, tokens_per_second: u32, token: String) -> Performance {
    let gap = match tokens_per_second {
        0 => Duration::ZERO,
        rate => Duration::from_secs(1) / rate,
    };
    let now = |beat| Step { after: Duration::ZERO, beat };
    let numbered = (0..tokens).map(move |i| Step { after: gap, beat: Beat::Text(format!("{token}{i} ")) });
    let steps = std::iter::once(now(Beat::Open)).chain(numbered).chain([now(Beat::Finish(Finish::Stop))]);
    let usage = Usage { input: ask.input_tokens(), output: tokens, reasoning: 0 };
    Performance {
        served: ask.model_id().to_owned(),
        usage,
        report_usage: true,
        crlf: false,
        pieces: Pieces::Whole,
        steps: Box::new(steps),
    }
}

fn pings(ask: &Ask, every: Duration) -> Performance {
    let now = |beat| Step { after: Duration::ZERO, beat };
    let open = [now(Beat::Open), now(Beat::Nothing)];
    let ping = std::iter::repeat_with(move || Step { after: every, beat: Beat::KeepAlive });
    Performance {
        served: ask.model_id().to_owned(),
        usage: Usage { input: ask.input_tokens(), output: 0, reasoning: 0 },
        report_usage: true,
        crlf: false,
        pieces: Pieces::Whole,
        steps: Box::new(open.into_iter().chain(ping)),
    }
}

/// Numbered words, so that a lost part of the line shows.
fn huge_text(mebibytes: usize) -> String {
    let size = mebibytes * 1024 * 1024;
    let mut text = String::with_capacity(size + 16);
    let mut word = 0_usize;
    while text.len() < size {
        text.extend([format!("word{word} ")]);
        word += 1;
    }
    text.truncate(size);
    text
}
