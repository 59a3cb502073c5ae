//! Tools and forms of the answer that a request offers or demands, in the shapes of every API.

use serde_json::{Value, json};

/// A tool that may be called.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Tool {
    pub(crate) name: String,
    pub(crate) description: String,
    /// A JSON schema; null when there is none.
    pub(crate) parameters: Value,
}

/// Whether one may, must or must not be called.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum ToolChoice {
    #[default]
    Auto,
    None,
    Required,
    Named(String),
}

/// The form of the answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum Form {
    #[default]
    Text,
    /// Any JSON object.
    Object,
    /// JSON that fits this schema.
    Schema(Value),
}

/// Tools in any API's list: bare, under `function`, or under Gemini's `functionDeclarations`.
pub(crate) fn tools_of(list: &Value) -> Vec<Tool> {
    let listed = list.as_array().into_iter().flatten();
    listed
        .flat_map(|entry| {
            match entry.get("functionDeclarations").or_else(|| entry.get("function_declarations")) {
                Some(declarations) => tools_of(declarations),
                None => tool(entry.get("function").unwrap_or(entry)).into_iter().collect(),
            }
        })
        .collect()
}

fn tool(entry: &Value) -> Option<Tool> {
    let schemas = ["parameters", "input_schema", "parametersJsonSchema"];
    Some(Tool {
        name: entry.get("name")?.as_str()?.to_owned(),
        description: entry.get("description").and_then(Value::as_str).unwrap_or_default().to_owned(),
        parameters: schemas.iter().find_map(|name| entry.get(*name)).cloned().unwrap_or_default(),
    })
}

/// The choice in any API's words.
pub(crate) fn choice_of(choice: &Value) -> ToolChoice {
    let name = ["/function/name", "/name"].iter().find_map(|path| choice.pointer(path)?.as_str());
    let word =
        choice.as_str().or_else(|| choice.get("type")?.as_str()).or_else(|| choice.get("mode")?.as_str());
    match (word.unwrap_or_default().to_lowercase().as_str(), name) {
        ("none", _) => ToolChoice::None,
        ("function" | "tool", Some(name)) => ToolChoice::Named(name.to_owned()),
        ("required" | "any", _) => match choice.pointer("/allowedFunctionNames/0").and_then(Value::as_str) {
            Some(name) => ToolChoice::Named(name.to_owned()),
            None => ToolChoice::Required,
        },
        _ => ToolChoice::Auto,
    }
}

/// `OpenAI`'s `response_format` or `text.format`.
pub(crate) fn form_of(format: &Value) -> Form {
    match format.get("type").and_then(Value::as_str) {
        Some("json_object") => Form::Object,
        Some("json_schema") => {
            let schema = format.pointer("/json_schema/schema").or_else(|| format.get("schema"));
            schema.cloned().map_or(Form::Object, Form::Schema)
        }
        _ => Form::Text,
    }
}

/// A JSON value that fits a simple schema: every property is there, of its type, with a word of the prompt where words go.
pub(crate) fn fill(schema: &Value, words: &[String]) -> Value {
    Filling { root: schema, words }.value(schema, "", 0)
}

/// How deep a schema is followed: one that refers to itself would never end.
const DEEPEST: usize = 6;

struct Filling<'a> {
    root: &'a Value,
    words: &'a [String],
}

impl Filling<'_> {
    fn value(&self, schema: &Value, name: &str, depth: usize) -> Value {
        let resolved = schema.get("$ref").and_then(Value::as_str);
        if let Some(target) = resolved.and_then(|path| self.root.pointer(path.strip_prefix('#')?)) {
            return if depth > DEEPEST { Value::Null } else { self.value(target, name, depth + 1) };
        }
        if let Some(fixed) =
            schema.get("const").or_else(|| schema.pointer("/enum/0")).or_else(|| schema.get("default"))
        {
            return fixed.clone();
        }
        for choice in ["anyOf", "oneOf", "allOf"] {
            if let Some(first) = schema.get(choice).and_then(|all| all.get(0)) {
                return self.value(first, name, depth + 1);
            }
        }
        let kind = schema.get("type").and_then(|kind| kind.as_str().or_else(|| kind.get(0)?.as_str()));
        let kind = kind.map(str::to_lowercase);
        match kind.as_deref() {
            Some("string") => json!(self.text(schema, name)),
            Some("integer") => json!(self.number(schema).unwrap_or(2)),
            Some("number") => self.number(schema).map_or_else(|| json!(2.5), |number| json!(number)),
            Some("boolean") => json!(true),
            Some("null") => Value::Null,
            Some("array") => self.list(schema, name, depth),
            _ if depth > DEEPEST => json!({}),
            _ => self.object(schema, depth),
        }
    }

    fn object(&self, schema: &Value, depth: usize) -> Value {
        let properties = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
        properties.map(|(name, schema)| (name.clone(), self.value(schema, name, depth + 1))).collect()
    }

    fn list(&self, schema: &Value, name: &str, depth: usize) -> Value {
        let least = schema.get("minItems").and_then(Value::as_u64).unwrap_or(1).clamp(1, 20);
        let items = schema.get("items").cloned().unwrap_or_else(|| json!({"type": "string"}));
        if depth > DEEPEST {
            return json!([]);
        }
        (0..least).map(|_| self.value(&items, name, depth + 1)).collect()
    }

    /// The first number of the prompt that the limits allow, else the least.
    fn number(&self, schema: &Value) -> Option<i64> {
        let limit = |name: &str| schema.get(name).and_then(Value::as_f64);
        let allowed = |number: &i64| {
            let number = f64::from(i32::try_from(*number).unwrap_or(i32::MAX));
            limit("minimum").is_none_or(|least| number >= least)
                && limit("maximum").is_none_or(|most| number <= most)
        };
        let said = self.words.iter().filter_map(|word| word.parse().ok()).find(allowed);
        said.or_else(|| schema.get("minimum").and_then(Value::as_i64))
    }

    fn text(&self, schema: &Value, name: &str) -> String {
        match schema.get("format").and_then(Value::as_str) {
            Some("date") => return "2026-01-01".to_owned(),
            Some("date-time") => return "2026-01-01T12:00:00Z".to_owned(),
            Some("email") => return "somebody@example.org".to_owned(),
            Some("uri" | "url") => return "https://example.org/".to_owned(),
            _ => {}
        }
        let name = name.to_lowercase();
        let is_place = ["city", "location", "place", "town", "where"].iter().any(|word| name.contains(word));
        let proper = |word: &&String| word.chars().next().is_some_and(char::is_uppercase);
        if is_place {
            // The first word of a sentence is capitalised whatever it names.
            return self.words.iter().skip(1).find(proper).cloned().unwrap_or_else(|| "Lisbon".to_owned());
        }
        if name.contains("date") || name.contains("day") {
            return "2026-01-01".to_owned();
        }
        match self.words.iter().max_by_key(|word| word.chars().count()) {
            Some(word) if !word.is_empty() => word.clone(),
            _ => "simulated".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn arguments_fit_their_schema_and_sound_like_the_prompt() {
        let schema = json!({"type": "object", "properties": {
            "city": {"type": "string"}, "days": {"type": "integer", "minimum": 1, "maximum": 7},
            "unit": {"enum": ["celsius", "fahrenheit"]}, "when": {"type": "string", "format": "date"},
            "tags": {"type": "array", "items": {"type": "string"}, "minItems": 2}, "sure": {"type": ["boolean", "null"]}
        }});
        let filled = fill(&schema, &words("Weather in Porto for 3 days"));
        assert_eq!(filled["city"], "Porto");
        assert_eq!((&filled["days"], &filled["unit"]), (&json!(3), &json!("celsius")));
        assert_eq!((&filled["when"], &filled["sure"]), (&json!("2026-01-01"), &json!(true)));
        assert_eq!(filled["tags"].as_array().map(Vec::len), Some(2));
    }

    #[test]
    fn a_schema_that_refers_to_itself_ends() {
        let schema = json!({"$defs": {"node": {"type": "object", "properties": {"next": {"$ref": "#/$defs/node"}}}}, "$ref": "#/$defs/node"});
        assert!(fill(&schema, &[]).is_object());
    }

    #[test]
    fn every_apis_offer_and_choice_are_read() {
        for list in [
            json!([{"type": "function", "function": {"name": "f", "parameters": {}}}]),
            json!([{"type": "function", "name": "f", "parameters": {}}]),
            json!([{"name": "f", "input_schema": {}}]),
            json!([{"functionDeclarations": [{"name": "f", "parameters": {}}]}]),
        ] {
            assert_eq!(tools_of(&list).first().map(|tool| tool.name.as_str()), Some("f"), "{list}");
        }
        let named = ToolChoice::Named("f".into());
        for (choice, wanted) in [
            (json!("required"), ToolChoice::Required),
            (json!({"type": "any"}), ToolChoice::Required),
            (json!({"mode": "ANY"}), ToolChoice::Required),
            (json!({"type": "function", "function": {"name": "f"}}), named.clone()),
            (json!({"type": "function", "name": "f"}), named.clone()),
            (json!({"type": "tool", "name": "f"}), named.clone()),
            (json!({"mode": "ANY", "allowedFunctionNames": ["f"]}), named),
            (json!({"mode": "NONE"}), ToolChoice::None),
            (Value::Null, ToolChoice::Auto),
        ] {
            assert_eq!(choice_of(&choice), wanted, "{choice}");
        }
    }
}
