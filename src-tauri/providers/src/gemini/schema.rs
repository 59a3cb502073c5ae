//! JSON Schemas as `parametersJsonSchema` and `responseJsonSchema` take them
//! (<https://ai.google.dev/api/generate-content#FIELDS.response_json_schema>).

use serde_json::{Value, json};

/// The schema in the words of the API, which knows most of the standard: `const` is an `enum` of one, and `$schema`, which
/// says nothing about the value, is left out.
pub(super) fn subset(schema: &Value) -> Value {
    match schema {
        Value::Object(fields) => {
            let is_schema_of_properties = |name: &str| matches!(name, "properties" | "$defs" | "definitions");
            let kept =
                fields.iter().filter(|(name, _)| *name != "$schema").map(|(name, value)| match value {
                    _ if name == "const" => ("enum".to_owned(), json!([value])),
                    Value::Object(schemas) if is_schema_of_properties(name) => {
                        let schemas = schemas.iter().map(|(name, schema)| (name.clone(), subset(schema)));
                        (name.clone(), Value::Object(schemas.collect()))
                    }
                    _ if matches!(name.as_str(), "enum" | "default" | "example" | "examples") => {
                        (name.clone(), value.clone())
                    }
                    _ => (name.clone(), subset(value)),
                });
            Value::Object(kept.collect())
        }
        Value::Array(schemas) => Value::Array(schemas.iter().map(subset).collect()),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_constant_is_a_choice_of_one_but_a_property_may_have_that_name() {
        let asked = json!({"$schema": "https://x.example", "type": "object", "properties": {
            "const": {"const": 5}, "any": {"anyOf": [{"const": "a"}, {"enum": [{"const": 1}]}]}}});
        let expected = json!({"type": "object", "properties": {
            "const": {"enum": [5]}, "any": {"anyOf": [{"enum": ["a"]}, {"enum": [{"const": 1}]}]}}});
        assert_eq!(subset(&asked), expected);
    }
}
