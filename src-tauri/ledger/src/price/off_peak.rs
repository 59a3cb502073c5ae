//! Prices that depend on the hour (COSTS, section 2, time of day).

use jiff::Timestamp;
use jiff::civil::Weekday;
use jiff::tz::TimeZone;
use roundtable_domain::UnixMs;
use serde::{Deserialize, Serialize};

use super::RateSet;

/// Prices inside certain windows of the week. The price belongs to the time of the request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OffPeak {
    /// The windows.
    pub windows: Vec<Window>,
    /// The prices in them.
    #[serde(flatten)]
    pub rates: RateSet,
}

/// Hours of some weekdays, in UTC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// 1 is Monday, 7 is Sunday.
    pub weekdays: Vec<i8>,
    /// `["HH:MM-HH:MM"]`, from inclusive to exclusive; `00:00` as an end is midnight.
    pub hours_utc: Vec<String>,
}

impl OffPeak {
    /// Whether a request at this time falls into a window.
    pub(crate) fn applies(&self, at: UnixMs) -> bool {
        let Ok(time) = Timestamp::from_millisecond(at.0) else { return false };
        let time = time.to_zoned(TimeZone::UTC);
        let minute = u16::try_from(time.hour()).unwrap_or(0) * 60 + u16::try_from(time.minute()).unwrap_or(0);
        self.windows.iter().any(|window| window.holds(time.weekday(), minute))
    }
}

impl Window {
    fn holds(&self, weekday: Weekday, minute: u16) -> bool {
        self.weekdays.contains(&weekday.to_monday_one_offset())
            && self
                .hours_utc
                .iter()
                .filter_map(|hours| span(hours))
                .any(|(from, to)| (from..to).contains(&minute))
    }

    /// Whether every span can be read: the catalogue's test asks.
    #[cfg(test)]
    pub(crate) fn is_readable(&self) -> bool {
        self.hours_utc.iter().all(|hours| span(hours).is_some_and(|(from, to)| from < to))
    }
}

/// Minutes of the day, from inclusive to exclusive.
fn span(hours: &str) -> Option<(u16, u16)> {
    const MIDNIGHT: u16 = 24 * 60;
    let (from, to) = hours.split_once('-')?;
    let to = minute(to)?;
    Some((minute(from)?, if to == 0 { MIDNIGHT } else { to }))
}

fn minute(text: &str) -> Option<u16> {
    let (hour, minute) = text.split_once(':')?;
    let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
    (hour < 24 && minute < 60).then_some(hour * 60 + minute)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_are_utc_and_end_before_their_end() {
        let off_peak = OffPeak {
            windows: vec![
                Window {
                    weekdays: vec![1, 2, 3, 4, 5],
                    hours_utc: vec!["00:00-01:00".into(), "10:00-00:00".into()],
                },
                Window { weekdays: vec![6, 7], hours_utc: vec!["00:00-00:00".into()] },
            ],
            rates: RateSet::default(),
        };
        let applies = |text: &str| {
            let time: Timestamp = text.parse().unwrap();
            off_peak.applies(UnixMs(time.as_millisecond()))
        };
        assert!(applies("2026-11-18T00:59:59Z"), "Wednesday, first hour");
        assert!(!applies("2026-11-18T01:00:00Z"), "the end is outside");
        assert!(!applies("2026-11-18T02:00:00Z"), "peak");
        assert!(applies("2026-11-18T10:00:00Z") && applies("2026-11-18T23:59:00Z"));
        assert!(applies("2026-11-21T02:00:00Z") && applies("2026-11-22T02:00:00Z"), "weekend");
        assert!(!applies("2026-11-23T02:00:00Z"), "Monday");
    }
}
