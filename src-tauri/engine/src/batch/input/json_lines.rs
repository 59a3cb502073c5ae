//! One JSON object a line.

use serde_json::{Map, Value};

use super::super::error::Mistake;
use super::{Row, Rows, targets};

pub(super) fn read(text: &str) -> Rows {
    let mut rows = Rows::default();
    for (line, text) in (1..).zip(text.lines()) {
        if !text.trim().is_empty() {
            rows.take(row(line, text).map(Some).map_err(|reason| Mistake::new(line, reason)));
        }
    }
    rows
}

fn row(line: u64, text: &str) -> Result<Row, String> {
    let mut members: Map<String, Value> =
        serde_json::from_str(text).map_err(|error| format!("it is no JSON object: {error}"))?;
    let prompt = match members.shift_remove("prompt") {
        Some(Value::String(prompt)) if !prompt.trim().is_empty() => prompt,
        Some(Value::String(_)) | None => return Err("there is no “prompt”".to_owned()),
        Some(_) => return Err("“prompt” has to be a text".to_owned()),
    };
    let id = match members.shift_remove("id") {
        None | Some(Value::Null) => None,
        Some(id @ (Value::String(_) | Value::Number(_))) => Some(id),
        Some(_) => return Err("“id” has to be a text or a number".to_owned()),
    };
    let system = match members.shift_remove("system") {
        None | Some(Value::Null) => None,
        Some(Value::String(system)) => Some(system).filter(|system| !system.trim().is_empty()),
        Some(_) => return Err("“system” has to be a text".to_owned()),
    };
    let to = match members.shift_remove("to") {
        None | Some(Value::Null) => Vec::new(),
        Some(to) => whom(&to).ok_or("“to” has to be a text or a list of texts")?,
    };
    Ok(Row { number: 0, line, id, prompt, system, to, fields: members })
}

fn whom(to: &Value) -> Option<Vec<String>> {
    match to {
        Value::String(text) => Some(targets(text)),
        Value::Array(list) => {
            let texts: Option<Vec<&str>> = list.iter().map(Value::as_str).collect();
            Some(texts?.into_iter().flat_map(targets).collect())
        }
        _ => None,
    }
}
