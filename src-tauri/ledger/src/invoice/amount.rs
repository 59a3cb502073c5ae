//! Amounts as exports write them, and how far they are rounded.

use std::str::FromStr as _;

use roundtable_domain::PicoUsd;
use rust_decimal::Decimal;
use serde_json::Value;

use super::{InvoiceError, InvoiceLine, wrong};

/// No export is rounded to whole dollars or tenths: fewer digits are those of an even amount.
const FEWEST_PLACES: i64 = 2;

/// From here on digits are exact, but for the last one, where floating point was summed on the way.
const EXACT_PLACES: i64 = 8;

/// An amount that was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Amount {
    usd: PicoUsd,
    /// Half of the last place it is written to.
    rounding: PicoUsd,
}

impl Amount {
    /// A decimal number of dollars. An empty text says nothing.
    pub(super) fn of_text(text: &str, name: &str, row: u64) -> Result<Option<Self>, InvoiceError> {
        let text = text.trim().trim_start_matches('$');
        if text.is_empty() {
            return Ok(None);
        }
        let usd = PicoUsd::from_str(text).map_err(|_| wrong(row, name, text))?;
        Ok(Some(Self { usd, rounding: half_of_place(places(text)) }))
    }

    /// The same of JSON: as text, or as a number, which is written as short as it can be and therefore exact.
    pub(super) fn of_json(value: &Value, name: &str, at: u64) -> Result<Option<Self>, InvoiceError> {
        match value {
            Value::Null => Ok(None),
            Value::String(text) => Self::of_text(text, name, at),
            Value::Number(number) => {
                let read = Self::of_text(&number.to_string(), name, at)?;
                Ok(read.map(|amount| Self { rounding: half_of_place(EXACT_PLACES), ..amount }))
            }
            other => Err(wrong(at, name, &other.to_string())),
        }
    }

    pub(super) fn is_zero(self) -> bool {
        self.usd == PicoUsd::ZERO
    }

    /// Both together; `None` beyond what the books can hold. A file rounds all its amounts alike: the one with more digits says how.
    pub(super) fn plus(self, other: Self) -> Option<Self> {
        let usd = self.usd.checked_add(other.usd)?;
        Some(Self { usd, rounding: self.rounding.min(other.rounding) })
    }

    /// It was read as dollars and is cents.
    pub(super) fn of_cents(self, name: &str, at: u64) -> Result<Self, InvoiceError> {
        let hundredth = |amount: PicoUsd| {
            PicoUsd::from_usd(amount.to_usd() / Decimal::ONE_HUNDRED)
                .map_err(|_| wrong(at, name, &amount.to_string()))
        };
        Ok(Self { usd: hundredth(self.usd)?, rounding: hundredth(self.rounding)? })
    }
}

impl InvoiceLine {
    /// The same line with this amount.
    pub(super) fn charged(self, amount: Option<Amount>) -> Self {
        let rounding = amount.map_or(PicoUsd::ZERO, |amount| amount.rounding);
        Self { usd: amount.map(|amount| amount.usd), rounding, ..self }
    }
}

/// How many digits stand behind the point, were the exponent written out.
fn places(text: &str) -> i64 {
    let (digits, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let behind = digits.split_once('.').map_or(0, |(_, behind)| behind.len());
    i64::try_from(behind).unwrap_or(i64::MAX).saturating_sub(exponent.parse().unwrap_or(0))
}

fn half_of_place(places: i64) -> PicoUsd {
    let places = places.clamp(FEWEST_PLACES, EXACT_PLACES);
    let zeros = u32::try_from(11_i64.saturating_sub(places)).unwrap_or(0);
    PicoUsd::from_pico(5 * 10_i64.pow(zeros))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_rounded_to_the_last_digit_it_is_written_with() {
        for (text, rounding) in [
            ("0.05", "0.005"),
            ("12", "0.005"),
            ("0.5", "0.005"),
            ("0.0003", "0.00005"),
            ("1.5E-4", "0.000005"),
            ("0.00383598", "0.000000005"),
            ("0.003835980000000000000000000000", "0.000000005"),
        ] {
            let amount = Amount::of_text(text, "amount", 2).unwrap().unwrap();
            assert_eq!(amount.rounding, rounding.parse().unwrap(), "{text}");
        }
    }

    #[test]
    fn a_number_of_json_is_exact_however_short_it_is() {
        let amount = Amount::of_json(&serde_json::json!(0.06), "amount", 1).unwrap().unwrap();
        assert_eq!(amount.rounding, "0.000000005".parse().unwrap());
        let cents = Amount::of_text("123.45", "amount", 1).unwrap().unwrap().of_cents("amount", 1).unwrap();
        assert_eq!((cents.usd, cents.rounding), ("1.2345".parse().unwrap(), "0.00005".parse().unwrap()));
    }
}
