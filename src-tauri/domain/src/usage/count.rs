//! Reading counts and words out of untrusted JSON.

use std::str::FromStr;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde_json::Value;

/// A token count at a path. Negative numbers are 0 (a background reply was recorded with -9), fractions are cut off,
/// anything that is not a number is unknown.
pub(super) fn count(raw: &Value, path: &[&str]) -> Option<u64> {
    let Value::Number(number) = at(raw, path)? else { return None };
    if let Some(whole) = number.as_u64() {
        return Some(whole);
    }
    let text = number.to_string();
    let decimal = Decimal::from_str(&text).or_else(|_| Decimal::from_scientific(&text)).ok()?;
    if decimal.is_sign_negative() { Some(0) } else { decimal.trunc().to_u64() }
}

/// The first count that is known.
pub(super) fn first(raw: &Value, paths: &[&[&str]]) -> Option<u64> {
    paths.iter().find_map(|path| count(raw, path))
}

/// The sum of what is known; unknown when nothing is.
pub(super) fn sum(parts: &[Option<u64>]) -> Option<u64> {
    parts.iter().flatten().copied().reduce(u64::saturating_add)
}

/// A word at a path, in lower case.
pub(super) fn word(raw: &Value, path: &[&str]) -> Option<String> {
    at(raw, path)?.as_str().map(str::to_lowercase)
}

pub(super) fn at<'a>(raw: &'a Value, path: &[&str]) -> Option<&'a Value> {
    path.iter().try_fold(raw, |value, key| value.get(key))
}
