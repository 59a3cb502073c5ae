//! Prices as text: shifted, never calculated with. A price that went through a float is another price.

use serde_json::Value;

/// More digits than any price has; more would only be an attack.
const MAX_DIGITS: usize = 40;

/// A price in dollars per million of what it is given per one of. `None` for anything but a non-negative decimal number:
/// `OpenRouter` says `-1` where the price depends on the model that is chosen.
pub(crate) fn per_million(value: &Value) -> Option<String> {
    shifted(value, 6)
}

/// A price in the unit it is given in, in plain notation.
pub(crate) fn plain(value: &Value) -> Option<String> {
    shifted(value, 0)
}

fn shifted(value: &Value, places: i32) -> Option<String> {
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    let lower = text.to_ascii_lowercase();
    let (mantissa, exponent) = match lower.split_once('e') {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (lower.as_str(), 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number || digits.len() > MAX_DIGITS || exponent.unsigned_abs() as usize > MAX_DIGITS {
        return None;
    }
    // How many of the digits stand before the point.
    let point = i32::try_from(whole.len()).ok()? + exponent + places;
    Some(written(&digits, point))
}

/// The digits with a point before position `point`, without zeros that say nothing.
fn written(digits: &str, point: i32) -> String {
    let length = i32::try_from(digits.len()).unwrap_or(i32::MAX);
    let at = |position: i32| {
        let index = usize::try_from(position).ok();
        index.and_then(|index| digits.chars().nth(index)).unwrap_or('0')
    };
    let whole: String = (0..point.max(0)).map(at).collect();
    let fraction: String = (point.min(0)..0).map(|_| '0').chain((point.max(0)..length).map(at)).collect();
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    match fraction.trim_end_matches('0') {
        "" => whole.to_owned(),
        fraction => format!("{whole}.{fraction}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn prices_move_by_six_places_and_lose_no_digit() {
        for (given, expected) in [
            (json!("0.00000015"), "0.15"),
            (json!("0.0000006"), "0.6"),
            (json!("0.000003"), "3"),
            (json!("0.000015"), "15"),
            (json!("0.0000000375"), "0.0375"),
            (json!("1.5e-7"), "0.15"),
            (json!(1e-7), "0.1"),
            (json!("0"), "0"),
            (json!("0.0"), "0"),
            (json!("2"), "2000000"),
            (json!("0.000000000000000000001"), "0.000000000000001"),
        ] {
            assert_eq!(per_million(&given).as_deref(), Some(expected), "{given}");
        }
        for (given, expected) in [(json!(0.18), "0.18"), (json!(3), "3"), (json!("0.880"), "0.88")] {
            assert_eq!(plain(&given).as_deref(), Some(expected), "{given}");
        }
    }

    #[test]
    fn what_is_no_price_is_none() {
        for nonsense in [
            json!("-1"),
            json!(-0.5),
            json!("free"),
            json!(""),
            json!("."),
            json!("NaN"),
            json!("1e999999999"),
            json!(null),
            json!({}),
        ] {
            assert_eq!(per_million(&nonsense), None, "{nonsense}");
        }
    }
}
