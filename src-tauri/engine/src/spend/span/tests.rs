//! Ranges and columns, where clocks are put forward and back, and where they stand at odd quarters.

use jiff::civil::date;
use proptest::prelude::*;

use super::*;
use crate::view::SpendDay;

const ZONES: [&str; 8] = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "America/St_Johns",
];

fn moment(zone: &str, at: &str) -> Moment {
    let zone = TimeZone::get(zone).unwrap();
    let now: jiff::civil::DateTime = at.parse().unwrap();
    let now = now.to_zoned(zone.clone()).unwrap().timestamp().as_millisecond();
    Moment::new(UnixMs(now), &zone)
}

fn local(moment: &Moment, quarter: i64) -> String {
    zoned(quarter, moment.zone()).strftime("%a %Y-%m-%d %H:%M").to_string()
}

#[test]
fn ranges_begin_where_the_users_days_begin() {
    let moment = moment("Asia/Kathmandu", "2026-11-21T00:05");
    let begins = |range| local(&moment, moment.span(range, None).first);
    assert_eq!(begins(SpendRange::Today), "Sat 2026-11-21 00:00");
    assert_eq!(begins(SpendRange::Week), "Mon 2026-11-16 00:00");
    assert_eq!(begins(SpendRange::Month), "Sun 2026-11-01 00:00");
    assert_eq!(begins(SpendRange::Year), "Thu 2026-01-01 00:00");
    assert_eq!(begins(SpendRange::Days { days: 1 }), "Sat 2026-11-21 00:00");
    assert_eq!(begins(SpendRange::Days { days: 30 }), "Fri 2026-10-23 00:00");
    assert_eq!(local(&moment, moment.end()), "Sat 2026-11-21 00:15", "the quarter hour under way is in it");
    assert_eq!(begins(SpendRange::All), "Sat 2026-11-21 00:00", "of empty books there is today");
    let all = moment.span(SpendRange::All, Some((5, 9_000_000)));
    assert_eq!((all.first, all.last), (5, 9_000_001), "also what a clock that ran ahead has booked");
}

#[test]
fn a_day_on_which_the_clock_is_changed_is_one_column() {
    for (day, hours) in [("2026-03-29T23:50", 23), ("2026-10-25T23:50", 25)] {
        let moment = moment("Europe/Berlin", day);
        let span = moment.span(SpendRange::Days { days: 3 }, None);
        let (step, columns) = moment.columns(span, SpendStep::Day);
        assert_eq!((step, columns.len()), (SpendStep::Day, 3));
        assert_eq!(span.last - columns[2], hours * 4, "{day}");
        let today = moment.span(SpendRange::Today, None);
        assert_eq!(moment.columns(today, SpendStep::Auto).1.len(), usize::try_from(hours).unwrap(), "{day}");
    }
}

#[test]
fn steps_suit_the_range_and_never_end_in_too_many_columns() {
    let moment = moment("America/New_York", "2026-11-21T12:00");
    let columns = |range, step| {
        let (step, columns) = moment.columns(moment.span(range, Some((1_000_000, 1_900_000))), step);
        (step, columns.len())
    };
    assert_eq!(columns(SpendRange::Today, SpendStep::Auto), (SpendStep::Hour, 13));
    assert_eq!(columns(SpendRange::Month, SpendStep::Auto), (SpendStep::Day, 21));
    assert_eq!(columns(SpendRange::Days { days: 365 }, SpendStep::Auto).0, SpendStep::Week);
    assert_eq!(columns(SpendRange::All, SpendStep::Auto).0, SpendStep::Month);
    assert_eq!(
        columns(SpendRange::All, SpendStep::Hour).0,
        SpendStep::Month,
        "hours, days and weeks would be too many"
    );
    assert_eq!(columns(SpendRange::Year, SpendStep::Month), (SpendStep::Month, 11));
}

#[test]
fn a_day_that_was_left_out_begins_nothing() {
    // Samoa went from the 29th to the 31st of December 2011.
    let moment = moment("Pacific/Apia", "2012-01-02T12:00");
    let span = moment.span(SpendRange::Days { days: 5 }, None);
    let (_, columns) = moment.columns(span, SpendStep::Day);
    let begins: Vec<_> = columns.iter().map(|at| local(&moment, *at)).collect();
    assert_eq!(
        begins,
        ["Thu 2011-12-29 00:00", "Sat 2011-12-31 00:00", "Sun 2012-01-01 00:00", "Mon 2012-01-02 00:00"]
    );
}

#[test]
fn any_two_moments_are_a_range_of_whole_quarter_hours() {
    let moment = moment("UTC", "2026-11-21T12:00");
    let between = |from, until| {
        let span = moment.span(SpendRange::Between { from: UnixMs(from), until: UnixMs(until) }, None);
        (span.first, span.last)
    };
    assert_eq!(between(QUARTER_MS, 2 * QUARTER_MS), (1, 2));
    assert_eq!(between(QUARTER_MS + 1, 2 * QUARTER_MS + 1), (1, 3), "what was begun is in it whole");
    assert_eq!(between(5 * QUARTER_MS, 0), (5, 6), "the wrong way round");
    assert_eq!(between(-9, i64::MIN), (0, 1));
}

#[test]
fn ranges_are_said_in_words() {
    let zone = TimeZone::get("Europe/Berlin").unwrap();
    let of = |words| range_of(words, &zone);
    assert_eq!(of("month"), Some(SpendRange::Month));
    assert_eq!(of("30d"), Some(SpendRange::Days { days: 30 }));
    let day = 86_400_000;
    let midnight = 1_763_679_600_000;
    assert_eq!(
        of("2025-11-21..2025-11-21"),
        Some(SpendRange::Between { from: UnixMs(midnight), until: UnixMs(midnight + day) }),
        "a day is whole"
    );
    assert_eq!(
        of("2025-11-20T23:00:00Z..2025-11-21"),
        Some(SpendRange::Between { from: UnixMs(midnight), until: UnixMs(midnight + day) })
    );
    for words in ["", "0d", "-3d", "lunch", "2026-11-21..", "2026-11-21..2026-11-20", "70000d"] {
        assert_eq!(of(words), None, "{words}");
    }
}

proptest! {
    /// Whatever the zone, the range and the step: columns begin with the range, ascend, and begin a day or an hour of the user's.
    #[test]
    fn columns_cut_a_range_without_a_gap(
        zone in 0..ZONES.len(),
        day in 0..1_500_i32,
        minute in 0..1_440_i64,
        days in 1..400_u16,
        step in 0..5_usize,
    ) {
        let zone = TimeZone::get(ZONES[zone]).unwrap();
        let now = date(2023, 1, 1).checked_add(day.days()).unwrap().at(0, 0, 0, 0).checked_add(minute.minutes()).unwrap();
        let now = now.to_zoned(zone.clone()).unwrap().timestamp().as_millisecond();
        let moment = Moment::new(UnixMs(now), &zone);
        let span = moment.span(SpendRange::Days { days }, None);
        let steps = [SpendStep::Auto, SpendStep::Hour, SpendStep::Day, SpendStep::Week, SpendStep::Month];
        let (step, columns) = moment.columns(span, steps[step]);
        prop_assert_ne!(step, SpendStep::Auto);
        prop_assert_eq!(columns[0], span.first);
        prop_assert!(columns.is_sorted_by(|a, b| a < b) && *columns.last().unwrap() < span.last);
        prop_assert!(columns.len() <= MOST_COLUMNS);
        for column in columns.iter().skip(1) {
            let here = zoned(*column, moment.zone());
            if step == SpendStep::Hour {
                prop_assert_eq!(here.minute(), 0, "{}", here);
            } else {
                prop_assert_eq!(here.date(), zoned(column - 1, moment.zone()).date().tomorrow().unwrap(), "{}", here);
            }
            if step == SpendStep::Week {
                prop_assert_eq!(here.weekday(), jiff::civil::Weekday::Monday);
            }
            if step == SpendStep::Month {
                prop_assert_eq!(here.day(), 1);
            }
        }
        let parts = moment.even_parts(span);
        let mut at = span.first;
        for (part, ahead) in parts {
            prop_assert_eq!(part.first, at);
            for quarter in [part.first, i64::midpoint(part.first, part.last), part.last - 1] {
                let here = zoned(quarter, moment.zone());
                let hour = ((quarter + ahead).div_euclid(4) + 72).rem_euclid(168);
                let expected = i64::from(here.weekday().to_monday_zero_offset()) * 24 + i64::from(here.hour());
                prop_assert_eq!(hour, expected, "{}", here);
            }
            at = part.last;
        }
        prop_assert_eq!(at, span.last);
    }
}

fn day(day: &str) -> SpendDay {
    SpendDay::try_from(day.to_owned()).unwrap()
}

#[test]
fn a_period_under_way_is_compared_with_the_same_part_of_the_one_before() {
    let before = |at: &str, range| {
        let moment = moment("Europe/Berlin", at);
        let span = moment.span(range, None);
        let before = moment.before(range, span)?;
        Some((local(&moment, before.first), local(&moment, before.last)))
    };
    let part = |first: &str, last: &str| Some((first.to_owned(), last.to_owned()));
    // A Tuesday, ten in the morning; the quarter hour under way is in it.
    let now = "2026-11-17T09:59";
    assert_eq!(before(now, SpendRange::Today), part("Mon 2026-11-16 00:00", "Mon 2026-11-16 10:00"));
    assert_eq!(before(now, SpendRange::Week), part("Mon 2026-11-09 00:00", "Tue 2026-11-10 10:00"));
    assert_eq!(before(now, SpendRange::Month), part("Thu 2026-10-01 00:00", "Sat 2026-10-17 10:00"));
    assert_eq!(before(now, SpendRange::Year), part("Wed 2025-01-01 00:00", "Mon 2025-11-17 10:00"));
    assert_eq!(
        before(now, SpendRange::Days { days: 7 }),
        part("Wed 2026-11-04 00:00", "Tue 2026-11-10 10:00")
    );
    assert_eq!(before(now, SpendRange::All), None);
    assert_eq!(
        before("2026-03-31T09:59", SpendRange::Month),
        part("Sun 2026-02-01 00:00", "Sun 2026-03-01 00:00"),
        "a shorter month is over by then"
    );
    assert_eq!(
        before("2026-11-16T23:55", SpendRange::Week),
        part("Mon 2026-11-09 00:00", "Tue 2026-11-10 00:00"),
        "the last quarter hour of a day"
    );
    let november = SpendRange::Dates { first: day("2026-11-01"), last: day("2026-11-30") };
    assert_eq!(
        before("2026-11-10T09:59", november),
        part("Fri 2026-10-02 00:00", "Sun 2026-10-11 10:00"),
        "as far as its days have come"
    );
    let between =
        |from: i64, until: i64| SpendRange::Between { from: begin_ms(from), until: begin_ms(until) };
    let moment = moment("UTC", now);
    let span = moment.span(between(800, 900), None);
    assert_eq!(moment.before(between(800, 900), span), Some(Span { first: 700, last: 800 }));
}

#[test]
fn days_that_are_named_are_whole() {
    let moment = moment("Europe/Berlin", "2026-11-02T08:00");
    let whole = |range| {
        let span = moment.span(range, None);
        let before = moment.before(range, span).unwrap();
        let local = |quarter| local(&moment, quarter);
        (local(span.first), local(span.last), local(before.first), local(before.last))
    };
    let of = |first: &str, last: &str, before: &str| {
        (
            format!("{first} 00:00"),
            format!("{last} 00:00"),
            format!("{before} 00:00"),
            format!("{first} 00:00"),
        )
    };
    assert_eq!(whole(SpendRange::Yesterday), of("Sun 2026-11-01", "Mon 2026-11-02", "Sat 2026-10-31"));
    assert_eq!(whole(SpendRange::LastMonth), of("Thu 2026-10-01", "Sun 2026-11-01", "Tue 2026-09-01"));
    let dates = SpendRange::Dates { first: day("2026-10-24"), last: day("2026-10-25") };
    assert_eq!(whole(dates), of("Sat 2026-10-24", "Mon 2026-10-26", "Thu 2026-10-22"));
    let backwards = SpendRange::Dates { first: day("2026-10-24"), last: day("2026-10-01") };
    assert_eq!(moment.span(backwards, None).first, moment.begin_of(date(2026, 10, 24)), "one day at least");
    assert_eq!(serde_json::to_value(dates).unwrap()["last"], "2026-10-25");
    assert!(serde_json::from_str::<SpendRange>(r#"{"kind":"dates","first":"2026-10","last":"x"}"#).is_err());
    assert_eq!(range_of("last-month", moment.zone()), Some(SpendRange::LastMonth));
}
