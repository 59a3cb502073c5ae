//! What a value may be: anywhere at all, and for one model.

use roundtable_domain::{Network, Params, ResponseFormat, Timeouts};
use roundtable_providers::check_network;

use crate::error::EngineError;

/// Most texts to stop at that are kept; no provider takes more.
const MOST_STOPS: usize = 64;

/// Numbers with the least and the most that any provider takes, where they name an end.
const NUMBERS: &[(&str, f64, f64)] = &[
    ("temperature", 0.0, f64::MAX),
    ("top_p", 0.0, 1.0),
    ("presence_penalty", -2.0, 2.0),
    ("frequency_penalty", -2.0, 2.0),
    ("max_tokens", 1.0, f64::MAX),
    ("top_k", 1.0, f64::MAX),
];

/// Refuses what no provider takes, so that it is not kept: the message names value and range. What one model takes is held
/// against it when it is asked.
pub(crate) fn check_anywhere(params: &Params, timeouts: &Timeouts) -> Result<(), EngineError> {
    let numbers = [
        params.temperature,
        params.top_p,
        params.presence_penalty,
        params.frequency_penalty,
        params.max_tokens.map(f64::from),
        params.top_k.map(f64::from),
    ];
    for ((name, least, most), value) in NUMBERS.iter().zip(numbers) {
        let Some(value) = value else { continue };
        if !(*least..=*most).contains(&value) {
            let range =
                if *most < f64::MAX { format!("{least} to {most}") } else { format!("at least {least}") };
            return refused(format!(
                "the value {value} of {name} is none that models take; they take {range}"
            ));
        }
    }
    check_stop(&params.stop)?;
    check_format(&params.response_format)?;
    let network = Network { timeouts: *timeouts, ..Network::default() };
    check_network(&network).map_err(|error| EngineError::BadSetting(error.to_string()))
}

fn check_stop(stop: &[String]) -> Result<(), EngineError> {
    if stop.iter().any(String::is_empty) {
        return refused("a text to stop at cannot be empty".to_owned());
    }
    if stop.len() > MOST_STOPS {
        return refused(format!(
            "there are {} texts to stop at, and models take at most {MOST_STOPS}",
            stop.len()
        ));
    }
    Ok(())
}

fn check_format(format: &ResponseFormat) -> Result<(), EngineError> {
    let ResponseFormat::JsonSchema { name, schema } = format else { return Ok(()) };
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    if name.is_empty() || !name.chars().all(allowed) {
        return refused("the name of a JSON schema has letters, digits, _ and - only".to_owned());
    }
    if !schema.is_object() {
        return refused("a JSON schema is an object".to_owned());
    }
    Ok(())
}

fn refused<T>(problem: String) -> Result<T, EngineError> {
    Err(EngineError::BadSetting(problem))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn problem(params: &Params) -> String {
        check_anywhere(params, &Timeouts::default()).unwrap_err().to_string()
    }

    #[test]
    fn what_no_model_takes_is_refused_with_the_range() {
        let params = Params { top_p: Some(2.5), ..Params::default() };
        assert_eq!(problem(&params), "the value 2.5 of top_p is none that models take; they take 0 to 1");
        let cold = Params { temperature: Some(-0.5), ..Params::default() };
        assert_eq!(
            problem(&cold),
            "the value -0.5 of temperature is none that models take; they take at least 0"
        );
        assert!(problem(&Params { temperature: Some(f64::NAN), ..Params::default() }).contains("NaN"));
        assert!(problem(&Params { max_tokens: Some(0), ..Params::default() }).contains("0 of max_tokens"));
        assert!(problem(&Params { stop: vec![String::new()], ..Params::default() }).contains("empty"));
        let format = ResponseFormat::JsonSchema { name: "a b".into(), schema: json!({}) };
        assert!(problem(&Params { response_format: format, ..Params::default() }).contains("name"));
        let all = Params { temperature: Some(2.0), top_p: Some(0.0), seed: Some(-1), ..Params::default() };
        assert!(check_anywhere(&all, &Timeouts::default()).is_ok());
    }

    #[test]
    fn no_wait_is_no_wait() {
        let waits = Timeouts { total_ms: Some(0), ..Timeouts::default() };
        let error = check_anywhere(&Params::default(), &waits).unwrap_err();
        assert!(error.to_string().contains("total timeout"), "{error}");
    }
}
