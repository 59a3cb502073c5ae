//! The form an answer has to take.

use std::borrow::Cow;

use roundtable_domain::ResponseFormat;
use serde_json::{Value, json};

use crate::dialect::{Dialect, JsonForms};
use crate::draft::Draft;
use crate::wire::Omission;

/// What is sent of it.
pub(crate) enum Form<'a> {
    /// Any JSON object.
    Object,
    /// JSON of a schema.
    Schema {
        /// The schema's name.
        name: &'a str,
        /// The schema.
        schema: Cow<'a, Value>,
        /// Whether the API can be told to keep to it exactly.
        strict: bool,
    },
}

/// The form to send; `None` when any text will do, or when the dialect has no field for it. A schema falls back to an
/// object where there are no schemas, and an object to a schema that allows any; only the former loses something.
pub(crate) fn form<'a>(draft: &mut Draft, dialect: &Dialect, asked: &'a ResponseFormat) -> Option<Form<'a>> {
    match (asked, dialect.json) {
        (ResponseFormat::Text, _) => None,
        (_, JsonForms::None) => {
            draft.omit(Omission::ResponseFormat);
            None
        }
        (ResponseFormat::JsonObject, JsonForms::Object | JsonForms::Both) => Some(Form::Object),
        (ResponseFormat::JsonObject, JsonForms::Schema) => Some(Form::Schema {
            name: "object",
            schema: Cow::Owned(json!({"type": "object"})),
            strict: false,
        }),
        (ResponseFormat::JsonSchema { .. }, JsonForms::Object) => {
            draft.omit(Omission::ResponseFormat);
            Some(Form::Object)
        }
        (ResponseFormat::JsonSchema { name, schema }, JsonForms::Schema | JsonForms::Both) => {
            Some(Form::Schema { name, schema: Cow::Borrowed(schema), strict: is_strict(schema) })
        }
    }
}

/// Whether a schema is of the kind that `strict` takes: every object closed, and all of its properties required
/// (<https://platform.openai.com/docs/guides/structured-outputs>). Others are refused with a 400 when `strict` is set.
fn is_strict(schema: &Value) -> bool {
    match schema {
        Value::Object(object) => {
            let is_strict_object =
                object.get("properties").and_then(Value::as_object).is_none_or(|properties| {
                    let required: Vec<&str> = object
                        .get("required")
                        .and_then(Value::as_array)
                        .map(|names| names.iter().filter_map(Value::as_str).collect())
                        .unwrap_or_default();
                    object.get("additionalProperties") == Some(&Value::Bool(false))
                        && properties.keys().all(|name| required.contains(&name.as_str()))
                });
            let is_open = object.get("type") == Some(&json!("object")) && !object.contains_key("properties");
            is_strict_object && !is_open && object.values().all(is_strict)
        }
        Value::Array(items) => items.iter().all(is_strict),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_closed_schemas_are_strict() {
        let closed = json!({"type":"object","properties":{"a":{"type":"string"}},"required":["a"],
            "additionalProperties":false});
        assert!(is_strict(&closed));
        let nested = json!({"type":"array","items":{"type":"object","properties":{"b":{}}}});
        assert!(!is_strict(&nested), "an open object anywhere");
        let optional = json!({"type":"object","properties":{"a":closed,"b":{}},"required":["a"],
            "additionalProperties":false});
        assert!(!is_strict(&optional), "a property that is not required");
        assert!(!is_strict(&json!({"type":"object"})));
    }
}
