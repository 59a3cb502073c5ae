//! JSON Schemas as `output_config.format` takes them: a part of the standard
//! (<https://platform.claude.com/docs/en/build-with-claude/structured-outputs>). What it has no word for is dropped from the
//! schema, which then says less than was asked, and every object is closed, which the API requires.

use serde_json::{Map, Value};

/// Keywords that are answered with a 400.
const REFUSED: [&str; 16] = [
    "$schema",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "maxItems",
    "uniqueItems",
    "contains",
    "minProperties",
    "maxProperties",
    "patternProperties",
    "propertyNames",
    "not",
];

/// Keywords whose values hold schemas under names of the caller's choice.
const NAMED: [&str; 3] = ["properties", "$defs", "definitions"];

/// The schema in the API's subset.
pub(super) fn subset(schema: &Value) -> Value {
    match schema {
        Value::Object(fields) => Value::Object(object(fields)),
        Value::Array(schemas) => Value::Array(schemas.iter().map(subset).collect()),
        other => other.clone(),
    }
}

fn object(fields: &Map<String, Value>) -> Map<String, Value> {
    let mut kept = Map::new();
    for (name, value) in fields {
        let value = match (name.as_str(), value) {
            (name, _) if REFUSED.contains(&name) => continue,
            ("minItems", count) if count.as_u64().is_some_and(|count| count > 1) => continue,
            (name, Value::Object(schemas)) if NAMED.contains(&name) => {
                let schemas = schemas.iter().map(|(name, schema)| (name.clone(), subset(schema)));
                Value::Object(schemas.collect())
            }
            ("items" | "anyOf" | "allOf" | "oneOf" | "prefixItems", value) => subset(value),
            (_, value) => value.clone(),
        };
        // The API knows alternatives by one name only.
        let name = if name == "oneOf" && !fields.contains_key("anyOf") { "anyOf" } else { name };
        kept.insert(name.to_owned(), value);
    }
    if kept.get("type").is_some_and(|kind| kind == "object") {
        kept.insert("additionalProperties".to_owned(), Value::Bool(false));
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn objects_are_closed_and_refused_words_dropped_but_never_a_property_of_that_name() {
        let asked = json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "type": "object",
            "properties": {
                "minimum": {"type": "number", "minimum": 3},
                "tags": {"type": "array", "minItems": 2, "maxItems": 5, "items": {"type": "object", "properties": {}}},
                "either": {"oneOf": [{"type": "string", "maxLength": 2}, {"type": "null"}]}
            },
            "required": ["minimum"]
        });
        assert_eq!(
            subset(&asked),
            json!({
                "type": "object",
                "properties": {
                    "minimum": {"type": "number"},
                    "tags": {"type": "array",
                        "items": {"type": "object", "properties": {}, "additionalProperties": false}},
                    "either": {"anyOf": [{"type": "string"}, {"type": "null"}]}
                },
                "required": ["minimum"],
                "additionalProperties": false
            })
        );
    }
}
