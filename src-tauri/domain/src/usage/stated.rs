//! Charges as providers state them (COSTS, section 3).
//!
//! A stated number reaches us through `f64`: `serde_json` reads it correctly rounded (its `float_roundtrip` feature) and
//! prints the shortest text that means the same `f64`. That is the text the provider sent, digit for digit, for every
//! number of up to 15 significant digits and for every number that was itself printed from an `f64`, which is how all
//! recorded providers make theirs. `arbitrary_precision` would keep longer texts too, but turns numbers inside tagged
//! enums into maps, so it is not used.

use serde_json::Value;

use super::count::{at, count};

/// A charge as a provider states it, in plain decimal dollars (`1.5e-06` becomes `0.0000015`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatedCost {
    /// What this provider charges.
    pub usd: String,
    /// Set for a bring-your-own-key call, where `usd` is the gateway's fee only.
    pub own_key: Option<OwnKey>,
}

/// What the upstream bills separately when the user's own key was used through a gateway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnKey {
    /// In plain decimal dollars; `None` when the gateway does not know it.
    pub upstream_usd: Option<String>,
}

/// Finds a stated charge by its shape: `OpenRouter` and Vercel (`cost` beside `cost_details` or `is_byok`), xAI (ticks),
/// Perplexity (an object with `total_cost`). A bare `cost` is believed from those gateways only, as its unit is unknown.
pub(super) fn read(provider: &str, raw: &Value) -> Option<StatedCost> {
    if let Some(ticks) = count(raw, &["cost_in_usd_ticks"]) {
        return plain_decimal(&format!("{ticks}e-10")).map(|usd| StatedCost { usd, own_key: None });
    }
    let cost = raw.get("cost")?;
    if cost.is_object() {
        return dollars(cost.get("total_cost")?).map(|usd| StatedCost { usd, own_key: None });
    }
    let gateway = matches!(provider, "openrouter" | "vercel-gateway" | "vercel");
    if !gateway && raw.get("cost_details").is_none() && raw.get("is_byok").is_none() {
        return None;
    }
    let own_key = (raw.get("is_byok").and_then(Value::as_bool) == Some(true)).then(|| OwnKey {
        upstream_usd: at(raw, &["cost_details", "upstream_inference_cost"]).and_then(dollars),
    });
    Some(StatedCost { usd: dollars(cost)?, own_key })
}

fn dollars(value: &Value) -> Option<String> {
    match value {
        Value::Number(number) => plain_decimal(&number.to_string()),
        Value::String(text) => plain_decimal(text),
        _ => None,
    }
}

/// Writes a JSON number without exponent and without superfluous zeros. `None` for negative numbers, and for exponents
/// that no amount of money has.
fn plain_decimal(text: &str) -> Option<String> {
    const MOST_PLACES: i32 = 60;
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let exponent: i32 = exponent.parse().ok()?;
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let point = i32::try_from(whole.len()).ok()?.checked_add(exponent)?;
    if !(-MOST_PLACES..=MOST_PLACES).contains(&point) {
        return None;
    }
    let (whole, fraction) = match usize::try_from(point) {
        Ok(point) => {
            let padded = format!("{digits:0<point$}");
            let (whole, fraction) = padded.split_at_checked(point)?;
            (whole.to_owned(), fraction.to_owned())
        }
        Err(_) => (String::new(), format!("{}{digits}", "0".repeat(usize::try_from(-point).ok()?))),
    };
    let whole = whole.trim_start_matches('0');
    let fraction = fraction.trim_end_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    Some(if fraction.is_empty() { whole.to_owned() } else { format!("{whole}.{fraction}") })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_stated_charge_keeps_every_digit() {
        for (sent, kept) in [
            ("1.5e-06", "0.0000015"),
            ("0.0004970133333333333", "0.0004970133333333333"),
            ("0", "0"),
            ("0.00", "0"),
            ("12", "12"),
            ("120", "120"),
            ("1e3", "1000"),
            ("1.25E+2", "125"),
        ] {
            assert_eq!(plain_decimal(sent).as_deref(), Some(kept), "{sent}");
            let parsed: Value = serde_json::from_str(sent).unwrap();
            assert_eq!(dollars(&parsed).as_deref(), Some(kept), "{sent} through a Value");
        }
    }

    #[test]
    fn what_is_no_charge_is_refused() {
        for text in ["-1", "", ".", "ten", "1e999", "1e-999", "NaN", "1.2.3"] {
            assert_eq!(plain_decimal(text), None, "{text}");
        }
    }

    #[test]
    fn a_bare_cost_of_unknown_unit_is_not_money() {
        assert_eq!(read("my-server", &json!({"cost": 0.5})), None);
        assert_eq!(read("openrouter", &json!({"cost": 0.5})).unwrap().usd, "0.5");
        assert_eq!(read("my-server", &json!({"cost": 0.5, "is_byok": false})).unwrap().usd, "0.5");
    }
}
