//! Amounts between prices and books.

use std::fmt;
use std::str::FromStr;

use roundtable_domain::PicoUsd;
use rust_decimal::Decimal;

use crate::price::decimal;

/// Decimals of a pico-dollar.
const PLACES: usize = 12;

/// A non-negative amount in pico-dollars, wide enough for any count at any price.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Pico(i128);

impl Pico {
    pub(crate) const ZERO: Self = Self(0);

    pub(crate) fn new(pico: i128) -> Self {
        Self(pico.max(0))
    }

    pub(crate) fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// The amount as the books hold it; `None` beyond about 9.2 million dollars.
    pub(crate) fn in_books(self) -> Option<PicoUsd> {
        PicoUsd::from_pico_i128(self.0).ok()
    }
}

impl fmt::Display for Pico {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&decimal(self.0.unsigned_abs(), PLACES))
    }
}

/// A decimal text as the books hold it, rounded half-even.
pub(crate) fn books(usd: &str) -> Option<PicoUsd> {
    PicoUsd::from_str(usd).ok()
}

/// The exact sum of two decimal texts.
pub(crate) fn add_decimals(one: &str, other: &str) -> Option<String> {
    let sum = Decimal::from_str_exact(one).ok()?.checked_add(Decimal::from_str_exact(other).ok()?)?;
    Some(sum.normalize().to_string())
}
