//! Money as integers. One US dollar per million tokens is exactly 1,000,000 pico-dollars per token, so every list price
//! with up to six decimals and every token count multiply without rounding.

use std::fmt;
use std::str::FromStr;

use rust_decimal::{Decimal, RoundingStrategy};

/// Pico-dollars in one US dollar.
const PICO_PER_USD: i64 = 1_000_000_000_000;

/// An amount in pico-dollars (10⁻¹² USD). An `i64` holds about 9.2 million dollars either way.
///
/// Serialised as the exact decimal number of dollars in a string (`"0.0037215"`), because JavaScript's numbers are not exact.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, ts_rs::TS)]
#[ts(as = "String")]
pub struct PicoUsd(i64);

/// Why an amount could not be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// The text is not a decimal number.
    #[error("\"{0}\" is not a decimal number of dollars, for example 0.25")]
    NotDecimal(String),
    /// The amount does not fit.
    #[error("the amount is larger than the books can hold (about 9.2 million dollars)")]
    TooLarge,
}

impl PicoUsd {
    /// Nothing. Not the same as unknown, which is `None`.
    pub const ZERO: Self = Self(0);

    /// An amount from a count of pico-dollars.
    pub const fn from_pico(pico: i64) -> Self {
        Self(pico)
    }

    /// The count of pico-dollars.
    pub const fn as_pico(self) -> i64 {
        self.0
    }

    /// An amount from an `i128` intermediate.
    pub fn from_pico_i128(pico: i128) -> Result<Self, MoneyError> {
        i64::try_from(pico).map(Self).map_err(|_| MoneyError::TooLarge)
    }

    /// Rounds a decimal number of dollars half-even to whole pico-dollars.
    pub fn from_usd(usd: Decimal) -> Result<Self, MoneyError> {
        let pico = usd
            .checked_mul(Decimal::from(PICO_PER_USD))
            .ok_or(MoneyError::TooLarge)?
            .round_dp_with_strategy(0, RoundingStrategy::MidpointNearestEven);
        i64::try_from(pico).map(Self).map_err(|_| MoneyError::TooLarge)
    }

    /// The exact number of dollars.
    pub fn to_usd(self) -> Decimal {
        Decimal::from_i128_with_scale(i128::from(self.0), 12).normalize()
    }

    /// The sum, or `None` when it does not fit.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// The difference, or `None` when it does not fit.
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }
}

impl fmt::Display for PicoUsd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_usd().fmt(f)
    }
}

impl FromStr for PicoUsd {
    type Err = MoneyError;

    /// Parses a plain or exponent decimal number of dollars, rounding half-even beyond the twelfth decimal.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let usd = Decimal::from_str_exact(text)
            .or_else(|_| Decimal::from_str(text))
            .or_else(|_| Decimal::from_scientific(text))
            .map_err(|_| MoneyError::NotDecimal(text.to_owned()))?;
        Self::from_usd(usd)
    }
}

impl serde::Serialize for PicoUsd {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for PicoUsd {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_every_digit_and_no_more() {
        assert_eq!("0.0037215".parse::<PicoUsd>().unwrap().as_pico(), 3_721_500_000);
        assert_eq!(PicoUsd::from_pico(3_721_500_000).to_string(), "0.0037215");
        assert_eq!(PicoUsd::from_pico(1).to_string(), "0.000000000001");
        assert_eq!(PicoUsd::ZERO.to_string(), "0");
        assert_eq!(PicoUsd::from_pico(-2 * PICO_PER_USD).to_string(), "-2");
    }

    #[test]
    fn rounds_half_to_even_below_a_pico_dollar() {
        assert_eq!("0.0000000000005".parse::<PicoUsd>().unwrap().as_pico(), 0);
        assert_eq!("0.0000000000015".parse::<PicoUsd>().unwrap().as_pico(), 2);
        assert_eq!("1.5e-12".parse::<PicoUsd>().unwrap().as_pico(), 2);
    }

    #[test]
    fn refuses_what_is_no_amount() {
        assert!(matches!("ten".parse::<PicoUsd>(), Err(MoneyError::NotDecimal(_))));
        assert_eq!("99999999".parse::<PicoUsd>(), Err(MoneyError::TooLarge));
    }

    proptest::proptest! {
        #[test]
        fn text_and_amount_are_one(pico: i64) {
            let amount = PicoUsd::from_pico(pico);
            proptest::prop_assert_eq!(amount.to_string().parse::<PicoUsd>().unwrap(), amount);
        }
    }
}
