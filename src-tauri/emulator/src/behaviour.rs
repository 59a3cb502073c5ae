//! What a model does instead of answering normally.

use serde_json::{Value, json};

/// How a 429 tells when to come back. Each API has its own habit; all of them occur behind gateways.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum RetryAfter {
    /// No hint anywhere.
    None,
    /// `retry-after: 2`.
    Seconds(u64),
    /// `retry-after: 1.5`.
    Float(f64),
    /// `retry-after: Sun, 06 Nov 1994 08:49:37 GMT`, this many seconds from now.
    HttpDate(u64),
    /// `retry-after-ms: 350`, with a `retry-after` rounded up to whole seconds beside it, as `OpenAI` and Azure send it.
    Milliseconds(u64),
    /// Only in the message: `Please try again in 1.2s`.
    BodyHint(f64),
    /// Only in the body, as Gemini's `google.rpc.RetryInfo`: `"retryDelay": "34.4s"`. Other wires carry it as an
    /// extra `details` member, as gateways in front of Gemini do.
    RetryInfo(f64),
    /// Only in the headers of limits, as `OpenAI` names them: of 60 requests a minute none is left, and all are back in so many
    /// seconds.
    Exhausted(u64),
}

/// One scripted behaviour. "After n tokens" counts pieces of text or reasoning that were sent.
///
/// A request that does not stream gets the nearest thing the API can do: an error in the middle becomes a 500, a clean
/// end without the terminal becomes JSON that stops half way, pings become the empty lines some servers send before a body.
#[derive(Clone, Debug, PartialEq)]
pub enum Behaviour {
    /// The model's own answer: for queues in which only the third request fails.
    Normal,
    /// Exactly this text, after this reasoning.
    Reply {
        /// The answer.
        text: String,
        /// Sent before it, as the wire's reasoning.
        reasoning: Option<String>,
    },
    /// `tokens` pieces, piece i being `token` followed by i and a space, at a given rate.
    Burst {
        /// How many pieces.
        tokens: u64,
        /// Pieces a second; 0 = as fast as the reader takes them.
        tokens_per_second: u32,
        /// Put before each number: a reader sees a dropped or a swapped piece.
        token: String,
    },
    /// One tool call and no text.
    ToolCall {
        /// The tool's name.
        name: String,
        /// Its arguments.
        arguments: Value,
    },
    /// The wire's refusal with this explanation.
    Refusal {
        /// What the model says.
        text: String,
    },
    /// 429, come back later.
    Status429(RetryAfter),
    /// No credit left in a form that must not be retried: 429 `insufficient_quota` at `OpenAI`.
    QuotaExceeded,
    /// 402 in each wire's form (Gemini has none: `RESOURCE_EXHAUSTED` without a delay).
    Status402,
    /// 500.
    Status500,
    /// 502 with a proxy's HTML page.
    Status502Html,
    /// 503.
    Status503,
    /// 529, Anthropic's "Overloaded"; other wires use the same number.
    Status529,
    /// 401 (Gemini: 400 with `API_KEY_INVALID`).
    Unauthorized,
    /// 403.
    Forbidden,
    /// 404 for the model.
    ModelNotFound,
    /// 400: the prompt does not fit.
    ContextLength,
    /// 413.
    PayloadTooLarge,
    /// The filter stops the answer after this many tokens.
    ContentFilter {
        /// Sent before it stops.
        after_tokens: usize,
    },
    /// The filter refuses the prompt: an error at `OpenAI` and Anthropic, `promptFeedback` at Gemini.
    PromptBlocked,
    /// 302 to this address.
    Redirect {
        /// The `location` header.
        location: String,
    },
    /// HTTP 200 and the stream's first event is an error.
    ErrorFirstEvent,
    /// The opening frame, which says nothing yet, and then that the account is out of credit: what a gateway sends whose
    /// upstream refuses late.
    QuotaAfterRole,
    /// An error event after some text; the stream closes without its terminal.
    ErrorMidStream {
        /// Sent before it.
        after_tokens: usize,
    },
    /// The opening frame, then only pings or comments, for ever.
    PingsForever {
        /// Milliseconds between two.
        every_ms: u64,
    },
    /// The stream ends properly on HTTP's level, without the API's terminal.
    CleanEof {
        /// Sent before it.
        after_tokens: usize,
    },
    /// The connection is reset (TCP RST) in the middle of the body.
    SocketCut {
        /// Sent before it.
        after_tokens: usize,
    },
    /// The connection is closed after the request was read, before one byte of a reply.
    ClosedBeforeHeaders,
    /// The request is read, and not one byte of a reply ever comes.
    NoReply,
    /// The normal answer, slowly, whatever the emulator's pace.
    SlowTokens {
        /// Milliseconds between two tokens.
        ms_per_token: u64,
    },
    /// The answer stops and the connection stays open, silent, for ever.
    Stall {
        /// Sent before it.
        after_tokens: usize,
    },
    /// One event with a data line of this size.
    HugeLine {
        /// Mebibytes of text in it.
        mebibytes: usize,
    },
    /// The normal answer with CRLF line ends.
    CrlfLineEnds,
    /// The normal answer, written in pieces of this many bytes, each flushed on its own.
    SplitBytes {
        /// At least 1.
        piece: usize,
    },
    /// An answer in several scripts, cut inside every character that has more than one byte.
    SplitUtf8,
    /// 200 with an HTML page: the base URL of a web site.
    HtmlOk,
    /// 200, the right content type, no byte.
    EmptyBody,
    /// 200 with an error's JSON as the whole body, also when a stream was asked for.
    ErrorBodyOk,
    /// The normal answer without any usage.
    UsageMissing,
    /// The normal answer, under another model's name.
    WrongModel {
        /// What the reply says answered.
        served: String,
    },
}

/// The answer of [`Behaviour::SplitUtf8`]: characters of two, three and four bytes, and a joined emoji.
pub(crate) const MANY_SCRIPTS: &str = "Simulated answer in many scripts. Grüße aus Köln, çà et là; Привет, мир. \
     你好,世界。こんにちは。 नमस्ते दुनिया. שלום. 🦀 🎉 👩‍🔬 – ½ × ∑ √2 ≈ 1.414 …";

type Fault = (&'static str, &'static str, fn() -> Behaviour);

#[rustfmt::skip]
const FAULTS: &[Fault] = &[
    ("fault-429-seconds", "429, retry-after in whole seconds", || Behaviour::Status429(RetryAfter::Seconds(2))),
    ("fault-429-float", "429, retry-after: 1.5", || Behaviour::Status429(RetryAfter::Float(1.5))),
    ("fault-429-date", "429, retry-after as an HTTP date", || Behaviour::Status429(RetryAfter::HttpDate(3))),
    ("fault-429-ms", "429, retry-after-ms: 350", || Behaviour::Status429(RetryAfter::Milliseconds(350))),
    ("fault-429-hint", "429, the delay only in the message", || Behaviour::Status429(RetryAfter::BodyHint(1.2))),
    ("fault-429-retryinfo", "429, the delay only in Gemini's RetryInfo", || Behaviour::Status429(RetryAfter::RetryInfo(1.4))),
    ("fault-429-none", "429, no delay anywhere", || Behaviour::Status429(RetryAfter::None)),
    ("fault-quota", "no credit left, not to be retried", || Behaviour::QuotaExceeded),
    ("fault-402", "402, payment required", || Behaviour::Status402),
    ("fault-500", "500", || Behaviour::Status500),
    ("fault-502-html", "502 with a proxy's HTML page", || Behaviour::Status502Html),
    ("fault-503", "503", || Behaviour::Status503),
    ("fault-529", "529, overloaded", || Behaviour::Status529),
    ("fault-401", "the key is refused", || Behaviour::Unauthorized),
    ("fault-403", "the key may not use this model", || Behaviour::Forbidden),
    ("fault-404", "no such model", || Behaviour::ModelNotFound),
    ("fault-context", "400, the prompt does not fit", || Behaviour::ContextLength),
    ("fault-413", "413, the request is too large", || Behaviour::PayloadTooLarge),
    ("fault-filter", "the content filter stops the answer", || Behaviour::ContentFilter { after_tokens: 12 }),
    ("fault-blocked", "the content filter refuses the prompt", || Behaviour::PromptBlocked),
    ("fault-refusal", "the model refuses", || Behaviour::Refusal { text: "I can't help with that. (Simulated refusal.)".into() }),
    ("fault-redirect", "302 to a sign-in page", || Behaviour::Redirect { location: "/login".into() }),
    ("fault-first-event", "HTTP 200, the first event is an error", || Behaviour::ErrorFirstEvent),
    ("fault-role-quota", "the opening frame, then no credit left", || Behaviour::QuotaAfterRole),
    ("fault-midstream", "an error event after 20 tokens", || Behaviour::ErrorMidStream { after_tokens: 20 }),
    ("fault-pings", "the opening frame, then pings for ever", || Behaviour::PingsForever { every_ms: 1000 }),
    ("fault-eof", "ends after 20 tokens without the terminal", || Behaviour::CleanEof { after_tokens: 20 }),
    ("fault-cut", "the connection is reset after 20 tokens", || Behaviour::SocketCut { after_tokens: 20 }),
    ("fault-closed", "the connection closes before the headers", || Behaviour::ClosedBeforeHeaders),
    ("fault-silent", "no byte of a reply, for ever", || Behaviour::NoReply),
    ("fault-slow", "four tokens a second", || Behaviour::SlowTokens { ms_per_token: 250 }),
    ("fault-stall", "silent for ever after 20 tokens", || Behaviour::Stall { after_tokens: 20 }),
    ("fault-huge", "one event with a line of 2 MiB", || Behaviour::HugeLine { mebibytes: 2 }),
    ("fault-crlf", "CRLF line ends", || Behaviour::CrlfLineEnds),
    ("fault-bytes", "written one byte at a time", || Behaviour::SplitBytes { piece: 1 }),
    ("fault-utf8", "cut inside every multi-byte character", || Behaviour::SplitUtf8),
    ("fault-html", "200 with an HTML page instead of JSON", || Behaviour::HtmlOk),
    ("fault-empty", "200 with an empty body", || Behaviour::EmptyBody),
    ("fault-200-error", "200 with an error as its body", || Behaviour::ErrorBodyOk),
    ("fault-no-usage", "the answer carries no usage", || Behaviour::UsageMissing),
    ("fault-wrong-model", "another model than the one asked answers", || Behaviour::WrongModel { served: "swift-mini".into() }),
    ("fault-tool", "one tool call, no text", || Behaviour::ToolCall { name: "get_weather".into(), arguments: json!({"city": "Lisbon", "days": 2}) }),
    ("fault-burst", "5,000 numbered tokens as fast as they are read", || Behaviour::Burst { tokens: 5_000, tokens_per_second: 0, token: "t".into() }),
];

/// The models that misbehave on purpose: name and what it does. Every request to one of them gets the fault.
pub fn fault_models() -> Vec<(&'static str, &'static str)> {
    FAULTS.iter().map(|(name, description, _)| (*name, *description)).collect()
}

/// The behaviour behind a `fault-…` name.
pub(crate) fn fault_named(model: &str) -> Option<Behaviour> {
    FAULTS.iter().find(|(name, ..)| *name == model).map(|(.., make)| make())
}
