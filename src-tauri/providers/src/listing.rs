//! What a provider says of its models when it lists them. What it does not say stays unknown: the catalogue fills in.

mod decimal;

pub(crate) use decimal::{per_million, plain};

use serde::{Deserialize, Serialize};

/// What a model is asked through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ModelKind {
    /// Messages in, a message out.
    Chat,
    /// Text in, its continuation out.
    Completion,
    /// Texts in, vectors out.
    Embedding,
    /// Speech, pictures, moderation, ranking.
    Other,
}

/// A model as a provider lists it. Stored as JSON; unknown facts are left out, and missing ones are unknown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ListedModel {
    /// The name to send.
    pub id: String,
    /// A name for people, where the provider gives one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What it is asked through; `None` where neither the provider nor the name tells.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<ModelKind>,
    /// Tokens that fit into prompt and answer together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub context_window: Option<u64>,
    /// The longest answer in tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_output: Option<u64>,
    /// Looks at pictures.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vision: Option<bool>,
    /// Reads PDF files.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pdf: Option<bool>,
    /// Hears sound.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audio: Option<bool>,
    /// Calls tools.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tools: Option<bool>,
    /// Reasons before it answers, or can be told to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reasoning: Option<bool>,
    /// Keeps to a JSON schema.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub json_schema: Option<bool>,
    /// What it costs, as the provider says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prices: Option<ListedPrices>,
    /// The announced day of retirement, `YYYY-MM-DD`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retirement_date: Option<String>,
}

/// Prices as exact decimal strings in US dollars, never negative; per million tokens unless the field says otherwise.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ListedPrices {
    /// Prompt tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input: Option<String>,
    /// Answer tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output: Option<String>,
    /// Prompt tokens read from the cache.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cached_input: Option<String>,
    /// Prompt tokens written to the cache.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache_write: Option<String>,
    /// Each request, beside its tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_request: Option<String>,
}

impl ListedPrices {
    /// `None` when nothing is priced.
    pub(crate) fn known(self) -> Option<Self> {
        (self != Self::default()).then_some(self)
    }
}

/// The day of a date or time in RFC 3339.
pub(crate) fn day(text: &str) -> Option<String> {
    let day: String = text.chars().take("YYYY-MM-DD".len()).collect();
    day.parse::<jiff::civil::Date>().ok().map(|date| date.to_string())
}

/// The kind a name gives away. `OpenAI` and most who imitate it list everything they have and say nothing of what it is.
pub fn kind_of_name(id: &str) -> Option<ModelKind> {
    let id = id.to_ascii_lowercase();
    let name = id.rsplit('/').next().unwrap_or(&id);
    let starts = |starts: &[&str]| starts.iter().any(|start| name.starts_with(start));
    if name.contains("embed") || starts(&["bge-", "gte-", "e5-", "all-minilm"]) {
        return Some(ModelKind::Embedding);
    }
    let other =
        ["whisper", "tts-", "dall-e", "gpt-image", "omni-moderation", "text-moderation", "sora-", "flux"];
    let spoken = ["-tts", "-transcribe", "-realtime", "rerank", "moderation"];
    if starts(&other) || spoken.iter().any(|mark| name.contains(mark)) {
        return Some(ModelKind::Other);
    }
    let completes = ["davinci-002", "babbage-002", "gpt-3.5-turbo-instruct"];
    starts(&completes).then_some(ModelKind::Completion)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listing_is_kept_as_json_and_older_ones_stay_readable() {
        let model = ListedModel {
            id: "m".into(),
            kind: Some(ModelKind::Embedding),
            tools: Some(false),
            prices: Some(ListedPrices { input: Some("0.15".into()), ..ListedPrices::default() }),
            ..ListedModel::default()
        };
        let json = serde_json::to_value(&model).unwrap();
        let expected =
            serde_json::json!({"id":"m","kind":"embedding","tools":false,"prices":{"input":"0.15"}});
        assert_eq!(json, expected, "what is not known is left out");
        assert_eq!(serde_json::from_value::<ListedModel>(json).unwrap(), model);
        let old = r#"{"name":null,"context_window":8192,"max_output":null}"#;
        assert_eq!(serde_json::from_str::<ListedModel>(old).unwrap().context_window, Some(8192));
    }

    #[test]
    fn names_give_away_what_is_no_chat_model_and_nothing_else() {
        for (name, kind) in [
            ("text-embedding-3-small", Some(ModelKind::Embedding)),
            ("nomic-ai/nomic-embed-text-v1.5", Some(ModelKind::Embedding)),
            ("whisper-1", Some(ModelKind::Other)),
            ("gpt-4o-mini-tts", Some(ModelKind::Other)),
            ("davinci-002", Some(ModelKind::Completion)),
            ("gpt-3.5-turbo-instruct-0914", Some(ModelKind::Completion)),
            ("gpt-4o-mini", None),
            ("llama-3.1-8b-instruct", None),
        ] {
            assert_eq!(kind_of_name(name), kind, "{name}");
        }
    }

    #[test]
    fn only_days_are_days() {
        assert_eq!(day("2026-05-01T00:00:00Z").as_deref(), Some("2026-05-01"));
        assert_eq!(day("2026-05-01").as_deref(), Some("2026-05-01"));
        assert_eq!(day("soon"), None);
    }
}
