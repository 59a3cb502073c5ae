//! A price per token that multiplies without rounding.

use std::fmt;
use std::str::FromStr;

use serde::de::{Error as _, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Decimals of a price in dollars per million tokens: 0.000001 USD per million tokens is 1 pico-dollar per token.
const PLACES: usize = 6;
/// One dollar per million tokens, in pico-dollars per token.
const PICO_PER_USD_PER_MTOK: u64 = 1_000_000;
/// A million dollars per million tokens. Nothing costs as much; a typing error does.
const DEAREST: u64 = 1_000_000 * PICO_PER_USD_PER_MTOK;

/// Pico-dollars per token. Never negative; shown and stored as a decimal string of dollars per million tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TokenPrice(u64);

/// Why a text is no price.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PriceError {
    /// Not a decimal number.
    #[error("\"{0}\" is not a price; write dollars per million tokens as a decimal, for example \"0.25\"")]
    NotDecimal(String),
    /// More than six decimals cannot be multiplied exactly.
    #[error("\"{0}\" has more than six decimals; prices are dollars per million tokens, exact to 0.000001")]
    TooFine(String),
    /// Below zero.
    #[error("\"{0}\" is negative; a price is zero or more")]
    Negative(String),
    /// Beyond any real price.
    #[error("\"{0}\" is more than a million dollars per million tokens; is it per token instead?")]
    TooDear(String),
}

impl TokenPrice {
    /// A price from pico-dollars per token; `None` beyond a million dollars per million tokens.
    pub fn from_pico_per_token(pico: u64) -> Option<Self> {
        (pico <= DEAREST).then_some(Self(pico))
    }

    /// Pico-dollars per token.
    pub const fn pico_per_token(self) -> u64 {
        self.0
    }

    /// Dollars per million tokens, exact.
    pub fn usd_per_mtok(self) -> String {
        decimal(u128::from(self.0), PLACES)
    }

    /// What that many tokens cost, in pico-dollars. Cannot overflow: both factors are below 2⁶⁴.
    pub(crate) fn times(self, tokens: u64) -> i128 {
        i128::from(self.0) * i128::from(tokens)
    }

    /// The price times `percent` / 100, rounded up to a whole pico-dollar, and never beyond the dearest price there is.
    pub(crate) fn percent(self, percent: u64) -> Self {
        Self(self.0.saturating_mul(percent).div_ceil(100).min(DEAREST))
    }
}

/// Writes `number` × 10^-`places` without superfluous zeros.
pub(crate) fn decimal(number: u128, places: usize) -> String {
    let digits = format!("{number:0>width$}", width = places + 1);
    let (whole, fraction) = digits.split_at_checked(digits.len() - places).unwrap_or((&digits, ""));
    let fraction = fraction.trim_end_matches('0');
    if fraction.is_empty() { whole.to_owned() } else { format!("{whole}.{fraction}") }
}

impl fmt::Display for TokenPrice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.usd_per_mtok())
    }
}

impl FromStr for TokenPrice {
    type Err = PriceError;

    fn from_str(text: &str) -> Result<Self, PriceError> {
        let said = || text.to_owned();
        let plain = text.trim();
        let plain = match plain.strip_prefix('-') {
            Some(rest) if !rest.is_empty() => return Err(PriceError::Negative(said())),
            _ => plain,
        };
        let (whole, fraction) = plain.split_once('.').unwrap_or((plain, ""));
        let is_number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty()
            || !is_number(whole)
            || !is_number(fraction)
            || (plain.contains('.') && fraction.is_empty())
        {
            return Err(PriceError::NotDecimal(said()));
        }
        let fraction = fraction.trim_end_matches('0');
        if fraction.len() > PLACES {
            return Err(PriceError::TooFine(said()));
        }
        let pico: u64 =
            format!("{whole}{fraction:0<PLACES$}").parse().map_err(|_| PriceError::TooDear(said()))?;
        Self::from_pico_per_token(pico).ok_or_else(|| PriceError::TooDear(said()))
    }
}

impl Serialize for TokenPrice {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for TokenPrice {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = TokenPrice;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a decimal string of dollars per million tokens, for example \"0.25\"")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<TokenPrice, E> {
                text.parse().map_err(E::custom)
            }

            fn visit_u64<E: serde::de::Error>(self, whole: u64) -> Result<TokenPrice, E> {
                self.visit_str(&whole.to_string())
            }
        }
        deserializer.deserialize_any(Text).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_is_read_and_shown_exactly() {
        for (text, pico) in
            [("3", 3_000_000), ("0.083333", 83_333), ("22.50", 22_500_000), ("0", 0), ("0.000001", 1)]
        {
            let price: TokenPrice = text.parse().unwrap();
            assert_eq!(price.pico_per_token(), pico, "{text}");
            assert_eq!(price.usd_per_mtok().parse::<TokenPrice>().unwrap(), price, "{text}");
        }
        assert_eq!("22.50".parse::<TokenPrice>().unwrap().usd_per_mtok(), "22.5");
    }

    #[test]
    fn what_would_be_rounded_or_is_no_price_is_refused() {
        let read = |text: &str| text.parse::<TokenPrice>().unwrap_err();
        assert!(matches!(read("0.0000001"), PriceError::TooFine(_)));
        assert!(matches!(read("-1"), PriceError::Negative(_)));
        assert!(matches!(read("1000000.000001"), PriceError::TooDear(_)));
        assert!(matches!(read("99999999999999999999999"), PriceError::TooDear(_)));
        for text in ["", "ten", "NaN", "inf", "1e-6", "1.", ".5", "1.2.3", "-", "٣"] {
            assert!(matches!(read(text), PriceError::NotDecimal(_)), "{text}");
        }
    }

    #[test]
    fn a_json_number_with_a_fraction_is_refused_because_it_is_not_exact() {
        assert!(
            serde_json::from_str::<TokenPrice>("0.25").unwrap_err().to_string().contains("decimal string")
        );
        assert_eq!(serde_json::from_str::<TokenPrice>("3").unwrap(), "3".parse().unwrap());
    }

    #[test]
    fn a_percentage_is_rounded_up() {
        let percent = |text: &str| text.parse::<TokenPrice>().unwrap().percent(110).usd_per_mtok();
        assert_eq!(percent("5"), "5.5");
        assert_eq!(percent("0.000001"), "0.000002");
    }
}
