//! When: a range of time and the columns it is cut into, in the user's time zone. Pure.
//!
//! Everything begins and ends with a quarter hour of UTC, which is also where days and hours of every time zone in use begin. What is
//! under way ends with the quarter hour that is under way.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _, Zoned};
use roundtable_domain::UnixMs;
use roundtable_store::{QUARTER_MS, Stretch};

use crate::view::{SpendRange, SpendStep};

/// More columns than these no chart shows; a wider step is taken instead.
const MOST_COLUMNS: usize = 800;

/// How many days a range is for `auto` to cut it into hours, days or weeks.
const MOST_DAYS_IN_HOURS: i64 = 3;
const MOST_DAYS_IN_DAYS: i64 = 62;
const MOST_DAYS_IN_WEEKS: i64 = 62 * 7;

const QUARTERS_A_DAY: i64 = 96;

/// A moment, and the time zone it is looked at in.
#[derive(Clone, Debug)]
pub(super) struct Moment {
    now: Zoned,
}

/// A range: quarter hours from `first` on and before `last`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) first: i64,
    pub(super) last: i64,
}

impl Moment {
    pub(super) fn new(now: UnixMs, zone: &TimeZone) -> Self {
        Self { now: zoned(now.0.div_euclid(QUARTER_MS), zone) }
    }

    pub(super) fn zone(&self) -> &TimeZone {
        self.now.time_zone()
    }

    /// The zone's IANA name, or what it calls itself.
    pub(super) fn zone_name(&self) -> String {
        let zone = self.zone();
        zone.iana_name().map_or_else(|| self.now.strftime("%:z").to_string(), str::to_owned)
    }

    pub(super) fn today(&self) -> Date {
        self.now.date()
    }

    /// The first quarter hour of a day.
    pub(super) fn begin_of(&self, day: Date) -> i64 {
        day.to_zoned(self.zone().clone()).map_or(0, |begin| quarter_of(&begin))
    }

    /// The first quarter hour that has not begun.
    pub(super) fn end(&self) -> i64 {
        quarter_of(&self.now) + 1
    }

    /// The quarter hours of a range. `all`: those of the books.
    pub(super) fn span(&self, range: SpendRange, all: Option<(i64, i64)>) -> Span {
        let today = self.today();
        let since = |day: Date| Span { first: self.begin_of(day), last: self.end() };
        match range {
            SpendRange::Today => since(today),
            SpendRange::Week => since(monday_of(today)),
            SpendRange::Month => since(today.first_of_month()),
            SpendRange::Yesterday | SpendRange::LastMonth | SpendRange::Dates { .. } => {
                self.whole_days(range).map_or_else(|| since(today), |(first, after)| self.days(first, after))
            }
            SpendRange::Year => since(today.first_of_year()),
            SpendRange::Days { days } => {
                let back = i64::from(days.clamp(1, 3_660)) - 1;
                since(today.checked_sub(back.days()).unwrap_or(today))
            }
            SpendRange::All => all.map_or_else(
                || since(today),
                |(first, last)| Span {
                    first: first.min(self.begin_of(today)),
                    last: self.end().max(last + 1),
                },
            ),
            SpendRange::Between { from, until } => {
                let first = from.0.max(0).div_euclid(QUARTER_MS);
                let last =
                    until.0.max(0).div_euclid(QUARTER_MS) + i64::from(until.0.rem_euclid(QUARTER_MS) > 0);
                Span { first, last: last.max(first + 1) }
            }
        }
    }

    /// The first day of a range of whole days that are over or named, and the day after its last.
    fn whole_days(&self, range: SpendRange) -> Option<(Date, Date)> {
        let today = self.today();
        let month = today.first_of_month();
        match range {
            SpendRange::Yesterday => Some((today.yesterday().ok()?, today)),
            SpendRange::LastMonth => Some((month.checked_sub(1.month()).ok()?, month)),
            SpendRange::Dates { first, last } => Some((first.0, last.0.max(first.0).tomorrow().ok()?)),
            _ => None,
        }
    }

    fn days(&self, first: Date, after: Date) -> Span {
        let first = self.begin_of(first);
        Span { first, last: self.begin_of(after).max(first + 1) }
    }

    /// The stretch of time a range is compared with. A period that is under way is compared with the same part of the one before, as far
    /// as the clock on the wall has come; days with as many days; any other stretch with the same length of time before it. `None`: there
    /// is nothing before all of the books.
    pub(super) fn before(&self, range: SpendRange, span: Span) -> Option<Span> {
        let today = self.today();
        let monday = monday_of(today);
        let (month, year) = (today.first_of_month(), today.first_of_year());
        let under_way = |began: Date, before: Date| {
            let into = began.until(zoned(span.last, self.zone()).date()).ok()?.get_days();
            Some(self.part(span, before, before.checked_add(into.days()).ok()?))
        };
        match range {
            SpendRange::All => None,
            SpendRange::Today => under_way(today, today.yesterday().ok()?),
            SpendRange::Week => under_way(monday, monday.checked_sub(7.days()).ok()?),
            SpendRange::Month => under_way(month, month.checked_sub(1.month()).ok()?),
            SpendRange::Year => {
                let until = zoned(span.last, self.zone()).date().checked_sub(1.year()).ok()?;
                Some(self.part(span, year.checked_sub(1.year()).ok()?, until))
            }
            SpendRange::Days { .. } => {
                let began = zoned(span.first, self.zone()).date();
                let days = began.until(today).ok()?.get_days() + 1;
                under_way(began, began.checked_sub(days.days()).ok()?)
            }
            SpendRange::LastMonth => {
                Some(self.days(month.checked_sub(2.months()).ok()?, month.checked_sub(1.month()).ok()?))
            }
            SpendRange::Yesterday | SpendRange::Dates { .. } => {
                let (first, after) = self.whole_days(range)?;
                let days = first.until(after).ok()?.get_days();
                let began = first.checked_sub(days.days()).ok()?;
                if (span.first + 1..span.last).contains(&self.end()) {
                    let now = Span { last: self.end(), ..span };
                    let into = first.until(today).ok()?.get_days();
                    return Some(self.part(now, began, began.checked_add(into.days()).ok()?));
                }
                Some(self.days(began, first))
            }
            SpendRange::Between { .. } => {
                let first = span.first - (span.last - span.first);
                let last = span.last.min(self.end()).max(span.first + 1);
                Some(Span { first, last: first + (last - span.first) })
            }
        }
    }

    /// From a day on until another has come as far as the last day of the span has, and no further than the span's beginning.
    fn part(&self, span: Span, first: Date, last_day: Date) -> Span {
        let time = zoned(span.last, self.zone()).time();
        let last = last_day
            .to_datetime(time)
            .to_zoned(self.zone().clone())
            .map_or(span.first, |last| quarter_of(&last));
        let first = self.begin_of(first);
        Span { first, last: last.clamp(first, span.first.max(first)) }
    }

    /// The width of a column, and where each column of a span begins.
    pub(super) fn columns(&self, span: Span, step: SpendStep) -> (SpendStep, Vec<i64>) {
        let mut step = if step == SpendStep::Auto { usual_step(span) } else { step };
        loop {
            let columns = self.cut(span, step);
            match wider(step) {
                Some(wider) if columns.len() > MOST_COLUMNS => step = wider,
                _ => return (step, columns),
            }
        }
    }

    /// Stops as soon as there are too many.
    fn cut(&self, span: Span, step: SpendStep) -> Vec<i64> {
        let mut columns = Vec::new();
        let mut at = span.first;
        while at < span.last {
            columns.push(at);
            if columns.len() > MOST_COLUMNS && step != SpendStep::Month {
                break;
            }
            // A zone that cannot say when the next begins has no more columns.
            at = self.next(at, step).filter(|next| *next > at).unwrap_or(span.last);
        }
        columns
    }

    /// Where the column after this one begins.
    fn next(&self, at: i64, step: SpendStep) -> Option<i64> {
        let here = zoned(at, self.zone());
        let date = here.date();
        let day = match step {
            SpendStep::Hour => {
                let into = i64::from(here.minute()) / 15;
                return Some(at + 4 - into);
            }
            SpendStep::Auto | SpendStep::Day => date.tomorrow().ok()?,
            SpendStep::Week => monday_of(date).checked_add(7.days()).ok()?,
            SpendStep::Month => date.last_of_month().tomorrow().ok()?,
        };
        Some(self.begin_of(day))
    }

    /// The stretches of a span during which the clock on the wall stays as far ahead of UTC, and how many quarter hours that is.
    pub(super) fn even_parts(&self, span: Span) -> Vec<(Span, i64)> {
        let mut parts = Vec::new();
        let mut first = span.first;
        while first < span.last {
            let here = zoned(first, self.zone());
            let ahead = i64::from(here.offset().seconds()).div_euclid(QUARTER_MS / 1_000);
            let change = self.zone().following(here.timestamp()).next();
            let until = change.map_or(span.last, |change| {
                let at = change.timestamp().as_millisecond();
                at.div_euclid(QUARTER_MS) + i64::from(at.rem_euclid(QUARTER_MS) > 0)
            });
            let last = until.clamp(first + 1, span.last);
            parts.push((Span { first, last }, ahead));
            first = last;
        }
        parts
    }
}

impl Span {
    pub(super) fn from(self) -> UnixMs {
        UnixMs(self.first.saturating_mul(QUARTER_MS))
    }

    pub(super) fn until(self) -> UnixMs {
        UnixMs(self.last.saturating_mul(QUARTER_MS))
    }

    /// As the stretch of a column.
    pub(super) fn stretch(self, column: u32) -> Stretch {
        Stretch { column, first: self.first, last: self.last }
    }
}

/// Columns as stretches, from where each begins to where the next one does; the last ends at `last`.
pub(super) fn columns_between(begins: &[i64], last: i64) -> Vec<Stretch> {
    let ends = begins.iter().skip(1).copied().chain([last]);
    (0..)
        .zip(begins.iter().copied().zip(ends))
        .map(|(column, (first, last))| Stretch { column, first, last })
        .collect()
}

/// A range in words; `None`: it is none.
pub(super) fn range_of(words: &str, zone: &TimeZone) -> Option<SpendRange> {
    Some(match words {
        "today" => SpendRange::Today,
        "week" => SpendRange::Week,
        "month" => SpendRange::Month,
        "yesterday" => SpendRange::Yesterday,
        "last-month" => SpendRange::LastMonth,
        "year" => SpendRange::Year,
        "all" => SpendRange::All,
        _ => match words.split_once("..") {
            Some((from, until)) => {
                let (from, until) = (begin_ms_of(from, 0, zone)?, begin_ms_of(until, 1, zone)?);
                if from >= until {
                    return None;
                }
                SpendRange::Between { from, until }
            }
            None => {
                SpendRange::Days { days: words.strip_suffix('d')?.parse().ok().filter(|days| *days > 0)? }
            }
        },
    })
}

/// A moment, or the beginning of the day that comes so many days after the one that is named.
fn begin_ms_of(words: &str, days_after: i64, zone: &TimeZone) -> Option<UnixMs> {
    if let Ok(moment) = words.parse::<Timestamp>() {
        return Some(UnixMs(moment.as_millisecond()));
    }
    let day = words.parse::<Date>().ok()?.checked_add(days_after.days()).ok()?;
    Some(UnixMs(day.to_zoned(zone.clone()).ok()?.timestamp().as_millisecond()))
}

/// When a quarter hour begins.
pub(super) fn begin_ms(quarter: i64) -> UnixMs {
    UnixMs(quarter.saturating_mul(QUARTER_MS))
}

pub(super) fn zoned(quarter: i64, zone: &TimeZone) -> Zoned {
    let at = Timestamp::from_millisecond(quarter.saturating_mul(QUARTER_MS)).unwrap_or(Timestamp::UNIX_EPOCH);
    at.to_zoned(zone.clone())
}

fn quarter_of(at: &Zoned) -> i64 {
    at.timestamp().as_millisecond().div_euclid(QUARTER_MS)
}

fn monday_of(day: Date) -> Date {
    let since = i64::from(day.weekday().to_monday_zero_offset());
    day.checked_sub(since.days()).unwrap_or(day)
}

pub(super) fn sunday_of(day: Date) -> Date {
    monday_of(day).checked_add(6.days()).unwrap_or(day)
}

const fn usual_step(span: Span) -> SpendStep {
    let days = (span.last - span.first + QUARTERS_A_DAY - 1) / QUARTERS_A_DAY;
    if days <= MOST_DAYS_IN_HOURS {
        SpendStep::Hour
    } else if days <= MOST_DAYS_IN_DAYS {
        SpendStep::Day
    } else if days <= MOST_DAYS_IN_WEEKS {
        SpendStep::Week
    } else {
        SpendStep::Month
    }
}

const fn wider(step: SpendStep) -> Option<SpendStep> {
    match step {
        SpendStep::Auto | SpendStep::Hour => Some(SpendStep::Day),
        SpendStep::Day => Some(SpendStep::Week),
        SpendStep::Week => Some(SpendStep::Month),
        SpendStep::Month => None,
    }
}

#[cfg(test)]
mod tests;
