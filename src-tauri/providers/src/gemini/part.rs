//! Parts of a candidate, as they come.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::Number;
use serde_json::value::RawValue;

/// One part. Read by hand, because the name of an unknown field is what tells the part's kind.
#[derive(Debug, Default)]
pub(super) struct Part<'a> {
    pub(super) text: Option<String>,
    /// Whether the text is a thought.
    pub(super) thought: bool,
    pub(super) signature: Option<String>,
    pub(super) call: Option<FunctionCall<'a>>,
    /// The field that holds anything else: `inlineData`, `executableCode`, `toolCall`.
    pub(super) other: Option<String>,
}

/// `functionCall`, whole or a piece of one (Vertex, `streamFunctionCallArguments`).
#[derive(Debug, Default, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FunctionCall<'a> {
    pub(super) name: Option<String>,
    pub(super) id: Option<String>,
    #[serde(borrow)]
    pub(super) args: Option<&'a RawValue>,
    pub(super) partial_args: Option<Vec<PartialArg>>,
    #[serde(default)]
    pub(super) will_continue: bool,
}

/// One piece of an argument.
#[derive(Debug, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PartialArg {
    pub(super) json_path: String,
    pub(super) string_value: Option<String>,
    pub(super) number_value: Option<Number>,
    pub(super) bool_value: Option<bool>,
}

impl<'de: 'a, 'a> Deserialize<'de> for Part<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(PartVisitor(PhantomData))
    }
}

struct PartVisitor<'a>(PhantomData<&'a ()>);

impl<'de: 'a, 'a> Visitor<'de> for PartVisitor<'a> {
    type Value = Part<'a>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a part of a candidate")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut part = Part::default();
        while let Some(Key(key)) = map.next_key()? {
            match &*key {
                "text" => part.text = map.next_value()?,
                "thought" => part.thought = map.next_value::<Option<bool>>()?.unwrap_or(false),
                "thoughtSignature" => part.signature = map.next_value()?,
                "functionCall" => part.call = map.next_value()?,
                // About a part, not one of their own.
                "videoMetadata" | "mediaResolution" | "partMetadata" => {
                    map.next_value::<IgnoredAny>()?;
                }
                _ => {
                    if map.next_value::<Option<IgnoredAny>>()?.is_some() {
                        part.other = Some(key.into_owned());
                    }
                }
            }
        }
        Ok(part)
    }
}

/// A field name, borrowed where it has no escapes.
#[derive(serde::Deserialize)]
pub(super) struct Key<'a>(#[serde(borrow)] pub(super) Cow<'a, str>);
