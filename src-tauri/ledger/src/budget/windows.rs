//! Windows of time: days, weeks and months of the user's calendar, which only ever move forward.
//!
//! The law: a window that is open stays open until its end has passed, and the next one begins no earlier than it ended. So
//! whatever clock and time zone do, no moment is in two windows and none is opened twice; a window may be shorter than its
//! calendar's, or longer than people expect, but what it holds is never forgotten before its end.

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use roundtable_domain::UnixMs;
use roundtable_domain::budget::{Period, Window};

/// What clocks may say: the years of the calendar that are certain to have a next month. A clock outside is taken for the nearest.
const CLOCK_MS: std::ops::RangeInclusive<i64> = -62_000_000_000_000..=253_000_000_000_000;

/// The window to open now, or `None` while the open one goes on. Its `counts_from` never goes back either.
pub fn next_window(period: Period, zone: &TimeZone, now: UnixMs, open: Option<&Window>) -> Option<Window> {
    let Some(open) = open else { return window_at(period, zone, now) };
    let ended = open.ends_at.filter(|end| *end <= now)?;
    let next = window_at(period, zone, now)?;
    let starts_at = next.starts_at.max(ended);
    let counts_from = match period {
        Period::Rolling { .. } => next.counts_from.max(open.counts_from),
        _ => starts_at,
    };
    // A clock beyond the calendar's end opens its last window and no other.
    Some(Window { starts_at, counts_from, ..next })
        .filter(|next| next.ends_at.is_none_or(|end| end > starts_at))
}

/// The windows a budget begins with, oldest first, the last one open: the calendar's own, and for a rolling period one for each
/// of its days. The balance of each is counted from the books. A total counts everything there ever was.
pub fn opening_windows(period: Period, zone: &TimeZone, now: UnixMs) -> Vec<Window> {
    let Some(open) = window_at(period, zone, now) else { return Vec::new() };
    let Period::Rolling { days } = period else { return vec![open] };
    let mut windows = earlier_days(zone, days, open.starts_at).unwrap_or_default();
    windows.push(open);
    for window in &mut windows {
        window.counts_from = open.counts_from;
    }
    windows
}

/// The window to begin anew with, because the user says so: from now on until the calendar's next. It is what opens a period again
/// that a wrong clock has closed. `None` for a clock without any sense.
pub fn window_anew(period: Period, zone: &TimeZone, now: UnixMs) -> Option<Window> {
    let open = window_at(period, zone, now)?;
    Some(Window { starts_at: now, counts_from: now, ..open })
        .filter(|anew| anew.ends_at.is_none_or(|end| end > now))
}

/// The window of the calendar that `now` is in.
fn window_at(period: Period, zone: &TimeZone, now: UnixMs) -> Option<Window> {
    if period == Period::Total {
        return Some(Window { starts_at: UnixMs(0), ends_at: None, counts_from: UnixMs(0) });
    }
    let now = UnixMs(now.0.clamp(*CLOCK_MS.start(), *CLOCK_MS.end()));
    let mut first = first_day(period, local_day(zone, now)?)?;
    let mut next = following(period, first)?;
    // Where a clock is set back over midnight, the evening comes twice: the day that has begun once is the one that goes on.
    while midnight(zone, next)? <= now {
        (first, next) = (next, following(period, next)?);
    }
    let starts_at = midnight(zone, first)?.min(now);
    let counts_from = match period {
        Period::Rolling { days } => {
            midnight(zone, first.checked_sub(i64::from(days.saturating_sub(1)).days()).ok()?)?
        }
        _ => starts_at,
    };
    Some(Window { starts_at, ends_at: Some(midnight(zone, next)?), counts_from })
}

/// The `days - 1` days before the one that begins at `today`. A day that was left out in this zone has no window.
fn earlier_days(zone: &TimeZone, days: u16, today: UnixMs) -> Option<Vec<Window>> {
    let mut windows = Vec::with_capacity(usize::from(days));
    let mut ends_at = today;
    let mut day = local_day(zone, today)?;
    for _ in 1..days {
        day = day.yesterday().ok()?;
        let starts_at = midnight(zone, day)?;
        if starts_at < ends_at {
            windows.push(Window { starts_at, ends_at: Some(ends_at), counts_from: starts_at });
            ends_at = starts_at;
        }
    }
    windows.reverse();
    Some(windows)
}

fn local_day(zone: &TimeZone, at: UnixMs) -> Option<Date> {
    Some(Timestamp::from_millisecond(at.0).ok()?.to_zoned(zone.clone()).date())
}

/// The first moment of a day; of one that does not exist (a zone that moved over the date line), of the next one.
fn midnight(zone: &TimeZone, day: Date) -> Option<UnixMs> {
    let moment = day.to_zoned(zone.clone()).ok()?.start_of_day().ok()?;
    Some(UnixMs(moment.timestamp().as_millisecond()))
}

fn first_day(period: Period, day: Date) -> Option<Date> {
    match period {
        Period::Week => {
            let since_monday = i64::from(day.weekday().since(Weekday::Monday));
            day.checked_sub(since_monday.days()).ok()
        }
        Period::Month => Some(day.first_of_month()),
        Period::Day | Period::Rolling { .. } | Period::Total => Some(day),
    }
}

fn following(period: Period, first: Date) -> Option<Date> {
    match period {
        Period::Week => first.checked_add(7.days()).ok(),
        Period::Month => first.checked_add(1.month()).ok(),
        Period::Day | Period::Rolling { .. } | Period::Total => first.tomorrow().ok(),
    }
}
