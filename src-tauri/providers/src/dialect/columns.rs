//! What can differ between servers of one wire: the types of the table's columns.

use roundtable_domain::ReasoningEffort;

/// How a key is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Auth {
    /// `authorization: Bearer …`.
    Bearer,
    /// `x-api-key: …`.
    XApiKey,
    /// `x-goog-api-key: …`.
    XGoogApiKey,
    /// `api-key: …` (Azure).
    ApiKey,
    /// Needs no key. One that is given anyway is sent as a bearer: people put proxies before local servers.
    None,
}

/// How a server is made to report usage while it streams.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UsageOption {
    /// `stream_options: {include_usage: true}`.
    StreamOptions,
    /// `usage: {include: true}`, which also reports the cost (`OpenRouter`).
    UsageInclude,
    /// It always does, or refuses unknown fields.
    Nothing,
}

/// The name of the field that limits the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MaxTokens {
    /// `max_tokens`.
    MaxTokens,
    /// `max_completion_tokens`: `OpenAI`'s reasoning models refuse the other.
    MaxCompletionTokens,
}

/// An effort and the server's word for it.
pub type Level = (ReasoningEffort, &'static str);

/// How a server is told to think hard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reasoning {
    /// Not at all.
    None,
    /// `reasoning_effort`, as the first entry says that is about the model; a model without one takes no effort.
    Effort(&'static [Thinker]),
    /// `reasoning: {effort}`, or `reasoning: {max_tokens}` (`OpenRouter`, Vercel).
    Object,
    /// `enable_thinking: bool` and `thinking_budget` (`DashScope`, `SiliconFlow`).
    EnableThinking,
    /// `thinking: {type: "enabled" | "disabled"}`, with a `reasoning_effort` beside it where there are levels.
    ThinkingType {
        /// Beginnings of the names of models that take the switch; all when empty.
        models: &'static [&'static str],
        /// The levels, from the least.
        levels: &'static [Level],
    },
}

/// What a request may think on top of the longest answer it allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ThinkingApart {
    /// Nothing: the limit of the answer covers it, or it is turned off.
    Nothing,
    /// So many tokens at most, as the request says.
    Tokens(u32),
    /// As many as the model can: the server takes no limit for it, or none is sent.
    Unlimited,
}

/// What a family of models makes of an effort.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Thinker {
    /// Beginnings of the models' names, without the maker's before a slash. An empty text means every model, and one that
    /// ends with `$` is a whole name.
    pub models: &'static [&'static str],
    /// The levels it has, from the least; none when it takes no effort.
    pub levels: &'static [Level],
    /// Whether its reasoning comes sealed and has to be asked for (`include: ["reasoning.encrypted_content"]`).
    pub sealed: bool,
}

/// Which of the model's earlier reasoning is sent back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replay {
    /// None of it.
    Nothing,
    /// `reasoning_details`, verbatim (`OpenRouter`).
    Details,
    /// `reasoning_content`, but only on messages that call tools: without it the next step fails or starts over.
    ContentWithToolCalls,
    /// The same, and an empty one where there is none: a call without the field is refused (`DeepSeek`, Moonshot).
    ContentWithEveryToolCall,
}

/// How tools are offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tools {
    /// Whether and how the model can be told what to call.
    pub choice: Choice,
    /// Whether `parallel_tool_calls` is taken.
    pub parallel: bool,
}

/// What `tool_choice` may say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// There are no tools at all.
    NoTools,
    /// The model always chooses itself.
    Auto,
    /// Some of it.
    Words {
        /// The word for "at least one"; `None` where there is none.
        required: Option<&'static str>,
        /// Whether a tool can be named.
        named: bool,
    },
}

/// Which forms an answer can be held to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JsonForms {
    /// None.
    None,
    /// `json_object` alone.
    Object,
    /// `json_schema` alone.
    Schema,
    /// Both.
    Both,
}

/// Which pictures are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Images {
    /// None.
    None,
    /// Those in the request.
    Bytes,
    /// Those in the request and those on the web.
    BytesAndUrls,
}

/// How documents are taken. Plain text is no document: it becomes part of the message everywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Documents {
    /// Not at all.
    None,
    /// `{type: "file", file: {filename, file_data}}` (`input_file` in Responses), of these media types; of any when empty.
    File(&'static [&'static str]),
    /// `{type: "document_url", document_url}` (Mistral).
    DocumentUrl,
}

/// How sound is taken. The Responses API takes none anywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audio {
    /// Not at all.
    None,
    /// `{type: "input_audio", input_audio: {data, format}}`.
    Base64,
    /// The same with a data URL in `data` (`DashScope`).
    DataUrl,
}

/// What may stand beside text in a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Media {
    /// Pictures.
    pub images: Images,
    /// Documents.
    pub documents: Documents,
    /// Sound.
    pub audio: Audio,
    /// Whether a message of text alone may be a list of texts; else they are joined by blank lines.
    pub lists: bool,
}

/// Which ids of tool calls are taken. A call that another provider's model made may have any.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallIds {
    /// Any up to this many characters.
    UpTo(usize),
    /// Exactly nine letters and digits (Mistral).
    Nine,
}
