//! Which values a model takes for a parameter, by provider and model, and what is wrong with those that are asked for.
//!
//! Used before sending: a value out of range is an error that names the range. A parameter a model does not take at all is
//! none ([`takes`]): its wire leaves it out and says so with [`Omission::Parameter`](crate::Omission::Parameter).
//!
//! The facts are rows of a table (`rows`), each with the page it is from. A server nobody has described is held to the
//! limits of the API it imitates.

mod rows;
#[cfg(test)]
mod tests;

use std::fmt;

use roundtable_domain::{Params, WireApi};

use crate::dialect::dialect;
use rows::{ROWS, Rule};

/// The values a model takes, both ends included.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ParameterRange {
    /// The least value.
    pub minimum: f64,
    /// The greatest value; `None` where the provider names none.
    pub maximum: Option<f64>,
}

impl fmt::Display for ParameterRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { minimum, maximum } = self;
        match maximum {
            #[expect(clippy::float_cmp, reason = "both ends are the same constant of the table or not")]
            Some(maximum) if maximum == minimum => write!(f, "only {minimum}"),
            Some(maximum) => write!(f, "{minimum} to {maximum}"),
            None => write!(f, "at least {minimum}"),
        }
    }
}

/// A value that would be refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParameterProblem {
    /// The parameter, by its name in [`Params`].
    pub name: String,
    /// What is wrong, with the values that are allowed, for people.
    pub message: String,
}

/// The values a model takes for a parameter of [`Params`]: for `stop` how many texts, for `max_tokens` and
/// `reasoning_tokens` tokens. `None` where nothing is known, and where the model does not take it at all.
pub fn range(dialect: &str, api: WireApi, model: &str, name: &str) -> Option<ParameterRange> {
    match rule(dialect, api, model, name)? {
        Rule::Between(minimum, maximum) => Some(ParameterRange { minimum, maximum: Some(maximum) }),
        Rule::AtLeast(minimum) => Some(ParameterRange { minimum, maximum: None }),
        Rule::Refused => None,
    }
}

/// Whether a model takes a parameter at all, as far as is known.
pub fn takes(dialect: &str, api: WireApi, model: &str, name: &str) -> bool {
    !matches!(rule(dialect, api, model, name), Some(Rule::Refused))
}

fn rule(dialect: &str, api: WireApi, model: &str, name: &str) -> Option<Rule> {
    let row = ROWS.iter().find(|row| row.is_about(dialect, api, model, name))?;
    Some(row.rule)
}

/// What is wrong with these parameters, in the order of [`Params`]. `max_output` is the model's longest answer in tokens,
/// where the catalogue or the provider knows it.
pub fn check(
    dialect: &str,
    api: WireApi,
    model: &str,
    max_output: Option<u64>,
    params: &Params,
) -> Vec<ParameterProblem> {
    let check = Check { dialect, api, model };
    let mut problems = Vec::new();
    let stops = u32::try_from(params.stop.len()).unwrap_or(u32::MAX);
    for (name, value) in [
        ("temperature", params.temperature),
        ("top_p", params.top_p),
        ("top_k", params.top_k.map(f64::from)),
        ("presence_penalty", params.presence_penalty),
        ("frequency_penalty", params.frequency_penalty),
        ("reasoning_tokens", params.reasoning_tokens.map(f64::from)),
    ] {
        problems.extend(value.and_then(|value| check.number(name, value)));
    }
    problems.extend(params.max_tokens.and_then(|tokens| check.length(tokens, max_output)));
    problems.extend(check.stop(stops));
    problems.extend(params.seed.and_then(|seed| check.seed(seed)));
    problems.extend(check.thinking_within_length(params));
    problems
}

/// What a value is held against.
#[derive(Clone, Copy)]
struct Check<'a> {
    dialect: &'a str,
    api: WireApi,
    model: &'a str,
}

impl Check<'_> {
    fn range(self, name: &str) -> Option<ParameterRange> {
        range(self.dialect, self.api, self.model, name)
    }

    fn number(self, name: &str, value: f64) -> Option<ParameterProblem> {
        if !value.is_finite() {
            return Some(problem(name, format!("{name} is not a number")));
        }
        let range = self.range(name)?;
        let fits = value >= range.minimum && range.maximum.is_none_or(|maximum| value <= maximum);
        (!fits).then(|| problem(name, format!("{name} is {value}, and {} takes {range}", self.whose())))
    }

    fn length(self, tokens: u32, max_output: Option<u64>) -> Option<ParameterProblem> {
        let name = "max_tokens";
        let longest = max_output.unwrap_or(u64::MAX);
        if tokens >= 1 && u64::from(tokens) <= longest {
            return None;
        }
        let range = max_output.map_or_else(|| "at least 1".to_owned(), |longest| format!("1 to {longest}"));
        Some(problem(name, format!("{name} is {tokens}, and {} takes {range}", self.whose())))
    }

    fn stop(self, texts: u32) -> Option<ParameterProblem> {
        let most = self.range("stop")?.maximum?;
        (f64::from(texts) > most).then(|| {
            problem("stop", format!("stop has {texts} texts, and {} takes at most {most}", self.whose()))
        })
    }

    /// Seeds are whole numbers, some of them too large for the floats of the table to tell apart.
    fn seed(self, seed: i64) -> Option<ParameterProblem> {
        let range = self.range("seed")?;
        #[expect(clippy::cast_precision_loss, reason = "the ends of the ranges are 32 bits wide at most")]
        let value = seed as f64;
        let fits = value >= range.minimum && range.maximum.is_none_or(|maximum| value <= maximum);
        (!fits).then(|| problem("seed", format!("seed is {seed}, and {} takes {range}", self.whose())))
    }

    /// Anthropic counts thinking into the length, and refuses a budget that leaves no room for an answer.
    fn thinking_within_length(self, params: &Params) -> Option<ParameterProblem> {
        let (budget, length) = params.reasoning_tokens.zip(params.max_tokens)?;
        let name = "reasoning_tokens";
        let counted = self.api == WireApi::AnthropicMessages && self.range(name).is_some();
        (counted && budget >= length).then(|| {
            let whose = self.whose();
            problem(
                name,
                format!("{name} is {budget}, and {whose} takes less than max_tokens, which is {length}"),
            )
        })
    }

    /// Whose limit it is, for a message.
    fn whose(self) -> String {
        let name = self.model.rsplit('/').next().unwrap_or(self.model);
        match dialect(self.dialect).filter(|row| row.base_url.is_some()) {
            Some(row) => format!("{name} at {}", row.name),
            None => format!("{name} behind this kind of API"),
        }
    }
}

fn problem(name: &str, message: String) -> ParameterProblem {
    ParameterProblem { name: name.to_owned(), message }
}
