//! How old prices are.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use roundtable_domain::UnixMs;

use super::Catalogue;

/// Prices older than this should be looked at: providers change theirs every few months.
pub const STALE_AFTER_DAYS: u32 = 60;

/// The day of a time in UTC, `YYYY-MM-DD`.
pub fn day_of(at: UnixMs) -> String {
    date(at).to_string()
}

/// Whole days from a day (`YYYY-MM-DD`) to a time; 0 for one in the future, `None` where it is no day.
pub fn age_days(day: &str, now: UnixMs) -> Option<u32> {
    let day: Date = day.parse().ok()?;
    let days = date(now).since((jiff::Unit::Day, day)).ok()?.get_days();
    Some(u32::try_from(days).unwrap_or(0))
}

fn date(at: UnixMs) -> Date {
    Timestamp::from_millisecond(at.0).unwrap_or(Timestamp::UNIX_EPOCH).to_zoned(TimeZone::UTC).date()
}

impl Catalogue {
    /// The day of the newest list price, `YYYY-MM-DD`; `None` when nothing is priced. Invented prices and those the user has
    /// set say nothing about how fresh the lists are.
    pub fn newest_price_day(&self) -> Option<&str> {
        let prices = self.models.iter().filter_map(|facts| facts.price.as_ref());
        prices.filter(|price| !price.simulated).map(|price| price.date.as_str()).max()
    }
}
