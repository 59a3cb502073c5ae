//! A variable's text as a value. The error says what is wanted instead, in words that follow “but”.

use roundtable_domain::ReasoningEffort;
use serde_json::{Value, json};

/// A number with or without a fraction.
pub(super) fn decimal(text: &str) -> Result<Value, &'static str> {
    let number: f64 = text.parse().map_err(|_| "it has to be a number such as 0.7")?;
    if number.is_finite() { Ok(json!(number)) } else { Err("it has to be a number such as 0.7") }
}

/// A whole number from 1.
pub(super) fn count(text: &str) -> Result<Value, &'static str> {
    match text.parse::<u32>() {
        Ok(number) if number > 0 => Ok(json!(number)),
        _ => Err("it has to be a whole number from 1"),
    }
}

/// A whole number.
pub(super) fn integer(text: &str) -> Result<Value, &'static str> {
    text.parse::<i64>().map(|number| json!(number)).map_err(|_| "it has to be a whole number")
}

/// Seconds, as milliseconds.
pub(super) fn seconds(text: &str) -> Result<Value, &'static str> {
    const WANTED: &str = "it has to be a number of seconds from 0.001, such as 90 or 2.5";
    let seconds = text.trim_end_matches('s').trim_end().parse::<f64>().map_err(|_| WANTED)?;
    let wait = std::time::Duration::try_from_secs_f64(seconds).map_err(|_| WANTED)?;
    match u64::try_from(wait.as_millis()) {
        // JavaScript's whole numbers end at 2^53, and a year is longer than anybody waits.
        Ok(wait_ms @ 1..=31_536_000_000) => Ok(json!(wait_ms)),
        _ => Err(WANTED),
    }
}

/// Texts to stop at: a JSON list, or one text as it stands.
pub(super) fn stop(text: &str) -> Result<Value, &'static str> {
    if !text.starts_with('[') {
        return Ok(json!([text]));
    }
    let texts: Vec<String> = serde_json::from_str(text)
        .map_err(|_| "it has to be one text, or a JSON list of texts such as [\"END\"]")?;
    Ok(json!(texts))
}

/// How hard to think.
pub(super) fn effort(text: &str) -> Result<Value, &'static str> {
    let word = match text.to_ascii_lowercase().as_str() {
        "none" => "off".to_owned(),
        "xhigh" => "max".to_owned(),
        word => word.to_owned(),
    };
    serde_json::from_value::<ReasoningEffort>(json!(word))
        .map(|effort| json!(effort))
        .map_err(|_| "it has to be one of off, minimal, low, medium, high, max")
}
