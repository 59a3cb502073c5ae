//! Tools and values of a question, from the command line and its files.

use std::path::Path;

use roundtable_domain::{Params, ResponseFormat, Timeouts, ToolChoice, ToolDefinition};
use roundtable_engine::{Timers, Tools};
use serde_json::{Map, Value};

use crate::arguments::{Along, Values};
use crate::failure::Failure;
use crate::prompt;

/// The longest name of a schema that every provider takes.
const LONGEST_SCHEMA_NAME: usize = 64;

pub(super) fn tools(along: &Along) -> Result<Tools, Failure> {
    let Some(path) = &along.tools else { return Ok(Tools::default()) };
    let what = r#"an array of tools like {"name": "...", "description": "...", "parameters": {...}}"#;
    let definitions: Vec<ToolDefinition> = prompt::json_file(path, what)?;
    let choice = along.tool_choice.clone().map(|choice| choice.0).unwrap_or_default();
    if let ToolChoice::Named(name) = &choice
        && definitions.iter().all(|tool| tool.name != *name)
    {
        let names: Vec<&str> = definitions.iter().map(|tool| tool.name.as_str()).collect();
        let shown = path.display();
        return Err(Failure::Usage(format!("--tool-choice {name}: {shown} has {}", names.join(", "))));
    }
    Ok(Tools { definitions, choice, parallel: along.no_parallel_tools.then_some(false) })
}

/// What `--timeout` says: the whole answer, and the first piece of it no later.
pub(in crate::commands) fn timeouts(seconds: Option<u64>) -> Timeouts {
    let mut timeouts = Timeouts::default();
    if let Some(seconds) = seconds {
        let total_ms = seconds.saturating_mul(1_000);
        timeouts.total_ms = Some(total_ms);
        timeouts.first_delta_ms = Some(Timers::default().first_delta_ms.min(total_ms));
    }
    timeouts
}

pub(in crate::commands) fn params(values: &Values) -> Result<Params, Failure> {
    Ok(Params {
        temperature: values.temperature,
        top_p: values.top_p,
        max_tokens: values.max_tokens,
        stop: values.stop.clone(),
        seed: values.seed,
        top_k: values.top_k,
        presence_penalty: values.presence_penalty,
        frequency_penalty: values.frequency_penalty,
        reasoning_effort: values.effort.map(Into::into),
        reasoning_tokens: values.reasoning_tokens,
        response_format: response_format(values)?,
    })
}

fn response_format(values: &Values) -> Result<ResponseFormat, Failure> {
    if let Some(path) = &values.schema {
        let schema: Map<String, Value> = prompt::json_file(path, "a JSON schema")?;
        return Ok(ResponseFormat::JsonSchema { name: schema_name(path), schema: Value::Object(schema) });
    }
    Ok(if values.json_object { ResponseFormat::JsonObject } else { ResponseFormat::Text })
}

/// Providers want letters, digits, - and _.
fn schema_name(path: &Path) -> String {
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let plain = |one: char| if one.is_ascii_alphanumeric() || one == '-' { one } else { '_' };
    let name: String = stem.chars().map(plain).take(LONGEST_SCHEMA_NAME).collect();
    if name.is_empty() { "answer".to_owned() } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schema_is_named_after_its_file_in_letters_every_provider_takes() {
        assert_eq!(schema_name(Path::new("/a/city report.v2.json")), "city_report_v2");
        assert_eq!(schema_name(Path::new("/")), "answer");
        assert_eq!(schema_name(Path::new(&"x".repeat(90))).len(), LONGEST_SCHEMA_NAME);
    }
}
