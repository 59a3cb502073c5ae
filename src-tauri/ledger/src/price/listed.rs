//! Prices as public lists write them: JSON numbers, plain or with an exponent, per token or per million tokens.

use super::{PriceError, TokenPrice};

/// What a listed number is a price of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Per {
    /// One token, or one request.
    One,
    /// A million tokens.
    Million,
}

impl Per {
    /// Powers of ten from a dollar of this unit to a pico-dollar of one.
    const fn shift(self) -> i32 {
        match self {
            Self::One => 12,
            Self::Million => 6,
        }
    }
}

/// Digits from which a number is taken for the outcome of binary arithmetic (`2.9999999999999997e-07`) and not for a price
/// that somebody wrote down.
const NOISY_DIGITS: usize = 15;

/// Reads the text of a JSON number, or of a number in quotes, as it stands: no float is made of it on the way.
pub(crate) fn listed_price(text: &str, per: Per) -> Result<TokenPrice, PriceError> {
    let pico = u64::try_from(pico(text, per)?).map_err(|_| PriceError::TooDear(text.to_owned()))?;
    TokenPrice::from_pico_per_token(pico).ok_or_else(|| PriceError::TooDear(text.to_owned()))
}

/// The same in pico-dollars, whatever they are for.
pub(crate) fn pico(text: &str, per: Per) -> Result<u128, PriceError> {
    let not_decimal = || PriceError::NotDecimal(text.to_owned());
    let plain = text.trim().trim_matches('"');
    if let Some(rest) = plain.strip_prefix('-') {
        let is_zero =
            rest.starts_with(['0', '.']) && !rest.contains(|digit: char| ('1'..='9').contains(&digit));
        return if is_zero { Ok(0) } else { Err(PriceError::Negative(text.to_owned())) };
    }
    let (number, exponent) = match plain.split_once(['e', 'E']) {
        Some((number, exponent)) => (number, exponent.parse::<i32>().map_err(|_| not_decimal())?),
        None => (plain, 0),
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let digits = format!("{whole}{fraction}");
    if digits.is_empty() || digits.len() > 30 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(not_decimal());
    }
    let mantissa: u128 = digits.parse().map_err(|_| not_decimal())?;
    if mantissa == 0 {
        return Ok(0);
    }
    let places = i32::try_from(fraction.len()).map_err(|_| not_decimal())?;
    let power = exponent.saturating_sub(places).saturating_add(per.shift());
    let ten = |power: u32| 10_u128.checked_pow(power);
    match u32::try_from(power) {
        Ok(power) => ten(power)
            .and_then(|factor| mantissa.checked_mul(factor))
            .ok_or_else(|| PriceError::TooDear(text.to_owned())),
        Err(_) => ten(power.unsigned_abs())
            .and_then(|divisor| whole_pico(mantissa, divisor))
            .ok_or_else(|| PriceError::TooFine(text.to_owned())),
    }
}

/// `mantissa / divisor` where that is exact, or so close that only binary arithmetic can have made the difference.
fn whole_pico(mantissa: u128, divisor: u128) -> Option<u128> {
    let (quotient, rest) = (mantissa / divisor, mantissa % divisor);
    if rest == 0 {
        return Some(quotient);
    }
    let up = divisor - rest;
    let (nearest, difference) = if up < rest { (quotient + 1, up) } else { (quotient, rest) };
    let is_noise = mantissa.ilog10() as usize + 1 >= NOISY_DIGITS
        && difference.checked_mul(1_000_000_000).is_some_and(|scaled| scaled <= mantissa);
    is_noise.then_some(nearest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listed_number_is_read_as_it_stands() {
        for (text, per, expected) in [
            ("3e-06", Per::One, "3"),
            ("8.3333e-08", Per::One, "0.083333"),
            ("0.00000055", Per::One, "0.55"),
            ("\"1.5E-7\"", Per::One, "0.15"),
            ("0", Per::One, "0"),
            ("-0.0", Per::One, "0"),
            ("0.075", Per::Million, "0.075"),
            ("22.50", Per::Million, "22.5"),
            ("1e+1", Per::Million, "10"),
            ("150", Per::Million, "150"),
            ("2.9999999999999997e-07", Per::One, "0.3"),
            ("0.30000000000000004", Per::Million, "0.3"),
        ] {
            assert_eq!(listed_price(text, per).unwrap().usd_per_mtok(), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_exact_price_is_refused() {
        for (text, per) in [("1e-13", Per::One), ("0.0000001", Per::Million), ("1.23456789e-07", Per::One)] {
            assert!(matches!(listed_price(text, per), Err(PriceError::TooFine(_))), "{text}");
        }
        for text in ["-1e-6", "-0.1", "-5"] {
            assert!(matches!(listed_price(text, Per::One), Err(PriceError::Negative(_))), "{text}");
        }
        for text in ["3", "1e30", "9e2147483647", "99999999999999999999"] {
            assert!(matches!(listed_price(text, Per::One), Err(PriceError::TooDear(_))), "{text}");
        }
        for text in ["", "NaN", "Infinity", "\"free\"", "true", "{}", "1e", "1e99999999999", ".", "٣"] {
            assert!(matches!(listed_price(text, Per::One), Err(PriceError::NotDecimal(_))), "{text}");
        }
        assert!(matches!(listed_price("1e-2147483648", Per::One), Err(PriceError::TooFine(_))));
    }
}
