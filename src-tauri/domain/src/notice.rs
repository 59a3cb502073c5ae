//! What is left out or changed when a request is sent, as a code with what stands in its sentence.
//!
//! The words are not here: the engine has the English ones, the window's catalogue those of every language it speaks.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use ts_rs::TS;

use crate::time::UnixMs;

/// Something a person should know of a request before its answer is judged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct Notice {
    /// Ready to show in English.
    pub text: String,
    /// The same for windows that speak another language; `None`: only the text says it, as in what older versions have stored.
    pub saying: Option<NoticeSaying>,
}

/// Which sentence, and what stands in it.
#[expect(
    missing_docs,
    reason = "`provider` and `model` are always names for people, `count` is how many of what is left out"
)]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "code", rename_all = "snake_case")]
#[ts(export)]
pub enum NoticeSaying {
    /// The provider takes no pictures here.
    PicturesOmitted { provider: String },
    /// The provider takes only pictures that are attached.
    WebPicturesOmitted { provider: String },
    /// The provider takes no files of this type here.
    FilesOmitted { provider: String, media_type: String },
    /// The provider takes no tools here.
    ToolsOmitted { provider: String },
    /// The provider decides by itself whether tools are called.
    ToolChoiceOmitted { provider: String },
    /// The provider cannot be held to a form of the answer.
    AnswerFormOmitted { provider: String },
    /// The provider does not take a setting for this model. `setting`: its name on the wire.
    SettingOmitted { provider: String, setting: String },
    /// Instructions become part of the first message.
    InstructionsMoved { provider: String },
    /// Items of the history that only another provider knows.
    OtherItemsOmitted { provider: String },
    /// Pictures the model does not see.
    PicturesUnseen { model: String, count: u32 },
    /// PDF files the model does not read.
    DocumentsUnread { model: String, count: u32 },
    /// Recordings the model does not hear.
    SoundUnheard { model: String, count: u32 },
    /// Another provider answers from now on.
    TakenOver { model: String },
    /// The oldest messages, because the conversation outgrew the model.
    OldestOmitted { model: String, count: u32 },
    /// The prompt by itself is probably too long; both in tokens.
    PromptTight {
        model: String,
        #[ts(type = "number")]
        tokens: u64,
        #[ts(type = "number")]
        window: u64,
    },
    /// The prompt by itself is certainly too long: nothing is sent. Both in tokens.
    PromptTooLong {
        model: String,
        #[ts(type = "number")]
        tokens: u64,
        #[ts(type = "number")]
        window: u64,
    },
    /// There is no key for the provider.
    KeyMissing {
        provider: String,
        /// The environment variable it may also be set by.
        variable: Option<String>,
    },
    /// There is no key for the provider where somebody has moved it to.
    KeyMissingElsewhere {
        provider: String,
        /// The environment variable it may also be set by.
        variable: Option<String>,
        /// What moves it.
        moved_by: String,
        /// Its address now; keys of another are not sent there.
        address: String,
    },
    /// A value said for many models, brought to the nearest this model takes.
    WishAdjusted {
        /// Who says it: a profile's name, a variable, a group's rung.
        origin: String,
        /// The name of the value.
        setting: String,
        /// As it was said.
        asked: String,
        /// As it is sent.
        used: String,
        /// What is wrong with it, in English.
        reason: String,
    },
    /// A value said for many models that this model does not take at all.
    WishOmitted {
        /// Who says it: a profile's name, a variable, a group's rung.
        origin: String,
        /// The name of the value.
        setting: String,
        /// As it was said.
        asked: String,
        /// What is wrong with it, in English.
        reason: String,
    },
    /// A routing file is wrong; what it said earlier is in force.
    EarlierFileInForce {
        /// Its path in the folder.
        file: String,
        /// The first wrong line, from 1; `None`: it cannot be used at all.
        line: Option<u32>,
        /// When it was last right; `None`: earlier in this run of the program.
        as_of: Option<UnixMs>,
    },
    /// A routing file is wrong and not in force.
    FileNotInForce {
        /// Its path in the folder.
        file: String,
        /// The first wrong line, from 1; `None`: it cannot be used at all.
        line: Option<u32>,
    },
}

impl From<String> for Notice {
    /// A finished sentence, which is shown as it is.
    fn from(text: String) -> Self {
        Self { text, saying: None }
    }
}

impl<'de> Deserialize<'de> for Notice {
    /// Older versions have stored the sentence alone; of a code that only a newer one knows, its English text is kept.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Stored {
            Sentence(String),
            Notice {
                text: String,
                #[serde(default)]
                saying: Value,
            },
        }
        Ok(match Stored::deserialize(deserializer)? {
            Stored::Sentence(text) => Self::from(text),
            Stored::Notice { text, saying } => Self { text, saying: serde_json::from_value(saying).ok() },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let saying = NoticeSaying::OldestOmitted { model: "Poet".into(), count: 2 };
        let notice = Notice { text: "Two are left out.".into(), saying: Some(saying) };
        let written = serde_json::to_value(&notice).unwrap();
        assert_eq!(
            written["saying"],
            serde_json::json!({"code": "oldest_omitted", "model": "Poet", "count": 2})
        );
        assert_eq!(serde_json::from_value::<Notice>(written).unwrap(), notice);
    }

    #[test]
    fn sentences_of_older_versions_and_codes_of_newer_ones_keep_their_text() {
        let stored = r#"["Left out.", {"text": "Sung.", "saying": {"code": "sung", "pitch": 3}}, {"text": "Said.", "saying": null}]"#;
        let read: Vec<Notice> = serde_json::from_str(stored).unwrap();
        assert_eq!(read, ["Left out.", "Sung.", "Said."].map(|text| Notice::from(text.to_owned())));
    }
}
