//! Money in words, for tables of a terminal (UI.md, "Money in words").

use roundtable_domain::{PicoUsd, Provenance};

/// A hundredth of a cent, in pico-dollars.
const SMALLEST_SHOWN: u64 = 100_000_000;
const PICO_PER_USD: u64 = 1_000_000_000_000;
const PICO_PER_CENT: u64 = PICO_PER_USD / 100;

/// `$12.34`; below a dollar two significant digits (`$0.0061`); below a hundredth of a cent `<$0.0001`; a known zero is
/// `$0.00`; an estimate carries `~`; an unknown amount is `unpriced`. Rounds half up.
pub fn format_usd(amount: Option<PicoUsd>, provenance: Option<Provenance>) -> String {
    let Some(amount) = amount else { return "unpriced".to_owned() };
    let about = if provenance == Some(Provenance::Estimated) { "~" } else { "" };
    let minus = if amount.as_pico() < 0 { "-" } else { "" };
    let pico = amount.as_pico().unsigned_abs();
    if pico > 0 && pico < SMALLEST_SHOWN {
        return format!("{about}<{minus}$0.0001");
    }
    // The unit of the second significant digit, between a ten-thousandth of a cent and a cent.
    let mut unit = PICO_PER_CENT;
    while pico > 0 && pico < 10 * unit {
        unit /= 10;
    }
    let places = if unit == PICO_PER_CENT { 2 } else { 2 + (PICO_PER_CENT / unit).ilog10() as usize };
    let rounded = (pico + unit / 2) / unit * unit;
    let fraction = rounded % PICO_PER_USD / unit;
    format!("{about}{minus}${}.{fraction:0places$}", rounded / PICO_PER_USD)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_reads_as_people_write_it() {
        let show = |text: &str| format_usd(Some(text.parse().unwrap()), Some(Provenance::Computed));
        for (amount, shown) in [
            ("12.344", "$12.34"),
            ("12.345", "$12.35"),
            ("1", "$1.00"),
            ("0.999", "$1.00"),
            ("0.42", "$0.42"),
            ("0.0061", "$0.0061"),
            ("0.00613", "$0.0061"),
            ("0.0996", "$0.100"),
            ("0.0001", "$0.00010"),
            ("0.00009", "<$0.0001"),
            ("0", "$0.00"),
            ("9000000", "$9000000.00"),
        ] {
            assert_eq!(show(amount), shown, "{amount}");
        }
    }

    #[test]
    fn estimates_and_unknowns_are_told_apart() {
        assert_eq!(format_usd(Some("0.5".parse().unwrap()), Some(Provenance::Estimated)), "~$0.50");
        assert_eq!(format_usd(None, None), "unpriced");
    }
}
