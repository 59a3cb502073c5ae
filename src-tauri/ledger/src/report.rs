//! What `roundtable-cli cost` prints.

use roundtable_domain::usage;
use roundtable_domain::{CostLine, Provenance, TokenUsage, UnixMs, WireApi};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::catalogue::Catalogue;
use crate::cost::{CostFlags, CostQuery, compute_cost};
use crate::price::{PriceConditions, PriceList};

/// An exact cost with everything it follows from. One JSON object; fields are only ever added.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CostReport {
    /// As given.
    pub provider: String,
    /// As given, in our own word (`openai`, `openai-responses`, `anthropic`, `gemini`, `ollama`).
    pub api: WireApi,
    /// As given.
    pub model: String,
    /// Exact decimal dollars with every digit; `null`: unpriced, or usage unknown.
    pub usd: Option<String>,
    /// `reported` by the provider, or `computed` from a price; `null` with an unknown amount.
    pub provenance: Option<Provenance>,
    /// The date of the catalogue's price; `null` for a given or a stated one.
    pub price_date: Option<String>,
    /// The price is invented (demo models).
    pub simulated: bool,
    /// Fees outside tokens may come on top (web search, containers).
    pub at_least: bool,
    /// The counts in the inclusive convention; `null` is not reported.
    pub usage: TokenUsage,
    /// Line by line. Amounts are `null` where the provider stated a total that list prices do not add up to.
    pub breakdown: Vec<CostLine>,
    /// The special prices it was charged at: long prompts, service tiers, hours. Of several calls, the longest prompt's.
    #[serde(default)]
    pub conditions: PriceConditions,
    /// Names in `--prices` and `--flags` that mean nothing here and changed nothing.
    pub ignored: Vec<String>,
}

/// What is wrong with the arguments.
#[derive(Debug, thiserror::Error)]
pub enum CostReportError {
    /// `--api`.
    #[error("--api {0} is not known; it is one of openai, openai-responses, anthropic, gemini, ollama")]
    Api(String),
    /// `--usage`.
    #[error("--usage is not a JSON object: {0}")]
    Usage(String),
    /// `--prices`.
    #[error("--prices cannot be read: {0}")]
    Prices(String),
    /// `--flags`.
    #[error("--flags cannot be read: {0}")]
    Flags(String),
}

const PRICE_NAMES: [&str; 16] = [
    "input",
    "output",
    "cache_read",
    "cache_write_5m",
    "cache_write_1h",
    "cache_write_12h",
    "audio_input",
    "audio_output",
    "reasoning_output",
    "per_request_usd",
    "tiers",
    "tier_ranges",
    "service_tiers",
    "off_peak",
    "date",
    "simulated",
];
const FLAG_NAMES: [&str; 3] = ["service_tier", "reasoning_outside", "audio"];

/// A usage object to be priced, as the texts of the command line. `usage`, `prices` and `flags` are JSON objects in the forms of
/// the recorded cost cases.
#[derive(Clone, Copy, Debug)]
pub struct CostQuestion<'a> {
    /// By the dialect's id, or its name here.
    pub provider: &'a str,
    /// The wire the usage object came from.
    pub api: &'a str,
    /// The model that served the request.
    pub model: &'a str,
    /// As the provider sent it.
    pub usage: &'a str,
    /// In dollars per million tokens; `None`: the catalogue's.
    pub prices: Option<&'a str>,
    /// What the usage object does not say.
    pub flags: Option<&'a str>,
    /// When the request was made: chooses among hours.
    pub at: UnixMs,
}

/// Prices one usage object.
pub fn cost_report(
    catalogue: &Catalogue,
    question: &CostQuestion<'_>,
) -> Result<CostReport, CostReportError> {
    let CostQuestion { provider, api, model, usage, prices, flags, at } = *question;
    let api = WireApi::parse(api).ok_or_else(|| CostReportError::Api(api.to_owned()))?;
    let usage = object(usage).map_err(CostReportError::Usage)?;
    let mut ignored = Vec::new();
    let given: Option<PriceList> = match prices {
        Some(text) => Some(known(text, &PRICE_NAMES, &mut ignored).map_err(CostReportError::Prices)?),
        None => None,
    };
    let flags: CostFlags = match flags {
        Some(text) => known(text, &FLAG_NAMES, &mut ignored).map_err(CostReportError::Flags)?,
        None => CostFlags::default(),
    };
    let price = given.as_ref().or_else(|| catalogue.price(provider, model));
    let query = CostQuery {
        api,
        provider,
        model,
        usage_raw: Some(&usage),
        price,
        flags: &flags,
        at,
        ..CostQuery::default()
    };
    let cost = compute_cost(&query);
    let reading = usage::read(api, provider, &usage);
    let tier = flags.service_tier.as_deref().map(str::to_lowercase).or(reading.service_tier);
    let prompt = reading.billed.iter().map(|call| call.tier_prompt).max().unwrap_or_default();
    // A stated charge is the provider's own: no price of the list made it.
    let listed = price.filter(|_| cost.provenance == Some(Provenance::Computed));
    let conditions = listed.map(|price| price.conditions(prompt, tier.as_deref(), at)).unwrap_or_default();
    Ok(CostReport {
        provider: provider.to_owned(),
        api,
        model: model.to_owned(),
        usd: cost.usd_exact,
        provenance: cost.provenance,
        price_date: cost.price_date,
        simulated: price.is_some_and(|price| price.simulated),
        at_least: cost.at_least,
        usage: reading.tokens,
        breakdown: cost.lines,
        conditions,
        ignored,
    })
}

fn object(text: &str) -> Result<Value, String> {
    match serde_json::from_str(text) {
        Ok(value @ Value::Object(_)) => Ok(value),
        Ok(_) => Err("it is JSON, but not an object in braces".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

/// Reads an object and notes the names it does not know; prices that are `null` are not published, as if absent.
fn known<T: serde::de::DeserializeOwned>(
    text: &str,
    names: &[&str],
    ignored: &mut Vec<String>,
) -> Result<T, String> {
    let mut value = object(text)?;
    if let Value::Object(fields) = &mut value {
        ignored.extend(fields.keys().filter(|name| !names.contains(&name.as_str())).cloned());
        fields.retain(|_, field| !field.is_null());
    }
    serde_json::from_value(value).map_err(|error| error.to_string())
}
