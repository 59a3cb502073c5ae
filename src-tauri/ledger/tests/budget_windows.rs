//! Windows of budgets: calendars, time zones and clocks that misbehave. The law: strictly forward, never a moment twice.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use jiff::Zoned;
use jiff::tz::TimeZone;
use proptest::prelude::*;
use roundtable_domain::UnixMs;
use roundtable_ledger::budget::{Period, Window, next_window, opening_windows, window_anew};

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap()
}

/// A moment written as people write it: `2026-03-29T01:30[Europe/Berlin]`.
fn at(text: &str) -> UnixMs {
    UnixMs(text.parse::<Zoned>().unwrap().timestamp().as_millisecond())
}

fn utc(text: &str) -> UnixMs {
    at(&format!("{text}[UTC]"))
}

fn opened(period: Period, name: &str, now: UnixMs) -> Window {
    next_window(period, &zone(name), now, None).unwrap()
}

/// The window's two ends in UTC, and how many hours are between them.
fn check(window: Window, starts_at: &str, ends_at: &str) {
    let shown = |at: UnixMs| jiff::Timestamp::from_millisecond(at.0).unwrap().to_string();
    assert_eq!(
        (shown(window.starts_at), shown(window.ends_at.unwrap())),
        (starts_at.to_owned(), ends_at.to_owned())
    );
}

#[test]
fn a_day_begins_at_the_users_midnight_and_a_week_on_monday() {
    let now = at("2026-11-21T20:15[Europe/Berlin]");
    check(opened(Period::Day, "Europe/Berlin", now), "2026-11-20T23:00:00Z", "2026-11-21T23:00:00Z");
    check(opened(Period::Week, "Europe/Berlin", now), "2026-11-15T23:00:00Z", "2026-11-22T23:00:00Z");
    check(opened(Period::Month, "Europe/Berlin", now), "2026-10-31T23:00:00Z", "2026-11-30T23:00:00Z");
    check(opened(Period::Day, "Asia/Kolkata", now), "2026-11-21T18:30:00Z", "2026-11-22T18:30:00Z");
    check(opened(Period::Day, "Asia/Kathmandu", now), "2026-11-21T18:15:00Z", "2026-11-22T18:15:00Z");
    check(opened(Period::Day, "Australia/Eucla", now), "2026-11-21T15:15:00Z", "2026-11-22T15:15:00Z");
    let monday = at("2026-11-23T00:00[Europe/Berlin]");
    assert_eq!(
        opened(Period::Week, "Europe/Berlin", monday).starts_at,
        monday,
        "the first moment belongs to the week"
    );
    let leap = at("2028-02-29T12:00[UTC]");
    check(opened(Period::Month, "UTC", leap), "2028-02-01T00:00:00Z", "2028-03-01T00:00:00Z");
}

#[test]
fn a_day_that_is_longer_or_shorter_is_one_day() {
    let hours = |name: &str, now: &str| {
        let window = opened(Period::Day, name, at(&format!("{now}[{name}]")));
        (window.ends_at.unwrap().0 - window.starts_at.0) * 10 / HOUR
    };
    assert_eq!(hours("Europe/Berlin", "2026-03-29T12:00"), 230);
    assert_eq!(hours("Europe/Berlin", "2026-10-25T12:00"), 250);
    assert_eq!(hours("Australia/Lord_Howe", "2026-10-04T12:00"), 235, "half an hour of daylight saving");
    assert_eq!(hours("Australia/Lord_Howe", "2026-04-05T12:00"), 245);
    assert_eq!(hours("America/Sao_Paulo", "2018-11-04T12:00"), 230, "midnight did not exist");
    assert_eq!(hours("America/Sao_Paulo", "2018-02-17T12:00"), 250, "the last hour came twice");
    assert_eq!(hours("Africa/Cairo", "2026-04-24T12:00"), 230);
    assert_eq!(hours("Africa/Cairo", "2026-10-29T12:00"), 250);
    assert_eq!(hours("Asia/Beirut", "2026-03-29T12:00"), 230);
    assert_eq!(hours("Asia/Beirut", "2026-10-24T12:00"), 250);
    assert_eq!(hours("Atlantic/Azores", "2026-10-25T12:00"), 250, "midnight came twice");
    assert_eq!(hours("Pacific/Apia", "2011-12-29T12:00"), 240, "the next day was left out");
    assert_eq!(hours("Pacific/Apia", "2011-12-31T12:00"), 240);
}

/// Walks through days in steps and gives the windows that were opened.
fn walk(period: Period, name: &str, from: UnixMs, days: i64, step: i64) -> Vec<Window> {
    let zone = zone(name);
    let mut windows: Vec<Window> = Vec::new();
    let mut now = from;
    while now.0 < from.0 + days * DAY {
        windows.extend(next_window(period, &zone, now, windows.last()));
        assert!(windows.last().unwrap().starts_at <= now && now < windows.last().unwrap().ends_at.unwrap());
        now.0 += step;
    }
    windows
}

#[test]
fn day_follows_day_without_gap_or_overlap_through_every_change_of_the_clock() {
    for (name, from) in [
        ("Europe/Berlin", utc("2026-03-27T00:00")),
        ("Europe/Berlin", utc("2026-10-23T00:00")),
        ("Australia/Lord_Howe", utc("2026-04-03T00:00")),
        ("America/Sao_Paulo", utc("2018-11-01T00:00")),
        ("America/Sao_Paulo", utc("2018-02-15T00:00")),
        ("Africa/Cairo", utc("2026-04-22T00:00")),
        ("Africa/Cairo", utc("2026-10-27T00:00")),
        ("Asia/Beirut", utc("2026-03-26T00:00")),
        ("Atlantic/Azores", utc("2026-10-23T00:00")),
        ("America/St_Johns", utc("2006-10-27T00:00")),
        ("America/St_Johns", utc("2006-03-31T00:00")),
        ("Pacific/Apia", utc("2011-12-28T00:00")),
        ("Asia/Kathmandu", utc("2026-03-27T00:00")),
    ] {
        let windows = walk(Period::Day, name, from, 5, HOUR / 60);
        assert!((5..=6).contains(&windows.len()), "{name}: {} days in five", windows.len());
        for pair in windows.windows(2) {
            assert_eq!(pair[0].ends_at, Some(pair[1].starts_at), "{name}: nothing between two days");
        }
    }
}

#[test]
fn an_evening_that_comes_twice_is_not_a_day_that_comes_twice() {
    // At a minute past midnight the clock went back to a minute past eleven: Sunday had begun, and it was Saturday again.
    let st_johns = zone("America/St_Johns");
    let sunday = UnixMs(utc("2006-10-29T02:30:00").0);
    let first = opened(Period::Day, "America/St_Johns", sunday);
    let an_hour_later = UnixMs(sunday.0 + HOUR / 2);
    assert_eq!(next_window(Period::Day, &st_johns, an_hour_later, Some(&first)), None);
    let fresh = opened(Period::Day, "America/St_Johns", an_hour_later);
    assert_eq!(fresh, first, "whoever starts then has the same day");
}

#[test]
fn a_clock_that_was_set_back_opens_nothing() {
    let now = utc("2026-11-21T00:30");
    let utc_zone = TimeZone::UTC;
    for period in [Period::Day, Period::Week, Period::Month, Period::Rolling { days: 7 }, Period::Total] {
        let open = opened(period, "UTC", now);
        for back in [HOUR, DAY, 30 * DAY, 4000 * DAY] {
            assert_eq!(
                next_window(period, &utc_zone, UnixMs(now.0 - back), Some(&open)),
                None,
                "{period:?}, {back}"
            );
        }
    }
}

#[test]
fn a_clock_that_ran_ahead_and_was_set_back_goes_on_in_what_it_opened() {
    let today = opened(Period::Day, "UTC", utc("2026-11-21T12:00"));
    let ahead = next_window(Period::Day, &TimeZone::UTC, utc("2026-11-22T12:00"), Some(&today)).unwrap();
    check(ahead, "2026-11-22T00:00:00Z", "2026-11-23T00:00:00Z");
    for later in ["2026-11-21T13:00", "2026-11-21T23:59", "2026-11-22T00:00", "2026-11-22T23:59"] {
        assert_eq!(next_window(Period::Day, &TimeZone::UTC, utc(later), Some(&ahead)), None, "{later}");
    }
    let after = next_window(Period::Day, &TimeZone::UTC, utc("2026-11-23T00:00"), Some(&ahead)).unwrap();
    check(after, "2026-11-23T00:00:00Z", "2026-11-24T00:00:00Z");
    // Unless the user says so: what is left of the day is opened again.
    let anew = window_anew(Period::Day, &TimeZone::UTC, utc("2026-11-21T13:00")).unwrap();
    check(anew, "2026-11-21T13:00:00Z", "2026-11-22T00:00:00Z");
    let rolling = window_anew(Period::Rolling { days: 7 }, &TimeZone::UTC, utc("2026-11-21T13:00")).unwrap();
    assert_eq!(rolling, anew, "and of a rolling period no day before");
    let tomorrow = utc("2026-11-22T09:00");
    let next = next_window(Period::Rolling { days: 7 }, &TimeZone::UTC, tomorrow, Some(&rolling)).unwrap();
    assert_eq!(next.counts_from, anew.starts_at, "also when the next day comes");
}

#[test]
fn a_journey_makes_a_day_longer_or_shorter_and_never_another() {
    let tokyo = opened(Period::Day, "Asia/Tokyo", at("2026-11-21T09:00[Asia/Tokyo]"));
    let noon = at("2026-11-21T12:00[Asia/Tokyo]");
    let honolulu = zone("Pacific/Honolulu");
    assert_eq!(
        next_window(Period::Day, &honolulu, noon, Some(&tokyo)),
        None,
        "yesterday in Honolulu is not opened"
    );
    let over = tokyo.ends_at.unwrap();
    let rest = next_window(Period::Day, &honolulu, over, Some(&tokyo)).unwrap();
    check(rest, "2026-11-21T15:00:00Z", "2026-11-22T10:00:00Z");

    let home = opened(Period::Day, "Pacific/Honolulu", at("2026-11-21T09:00[Pacific/Honolulu]"));
    assert_eq!(
        next_window(Period::Day, &zone("Asia/Tokyo"), at("2026-11-22T09:00[Asia/Tokyo]"), Some(&home)),
        None
    );
    let over = home.ends_at.unwrap();
    let rest = next_window(Period::Day, &zone("Asia/Tokyo"), over, Some(&home)).unwrap();
    check(rest, "2026-11-22T10:00:00Z", "2026-11-22T15:00:00Z");
}

#[test]
fn a_rolling_period_counts_today_and_the_days_before() {
    let berlin = zone("Europe/Berlin");
    let now = at("2026-03-30T08:00[Europe/Berlin]");
    let windows = opening_windows(Period::Rolling { days: 3 }, &berlin, now);
    assert_eq!(windows.len(), 3);
    check(windows[0], "2026-03-27T23:00:00Z", "2026-03-28T23:00:00Z");
    check(windows[1], "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z");
    check(windows[2], "2026-03-29T22:00:00Z", "2026-03-30T22:00:00Z");
    assert!(windows.iter().all(|window| window.counts_from == windows[0].starts_at));
    let tomorrow =
        next_window(Period::Rolling { days: 3 }, &berlin, UnixMs(now.0 + DAY), windows.last()).unwrap();
    assert_eq!(tomorrow.counts_from, windows[1].starts_at, "the oldest day goes when a new one comes");
    assert_eq!(opening_windows(Period::Rolling { days: 366 }, &berlin, now).len(), 366);
    assert_eq!(
        opening_windows(Period::Rolling { days: 1 }, &berlin, now),
        [opened(Period::Day, "Europe/Berlin", now)]
    );
}

#[test]
fn a_day_that_was_left_out_has_no_window() {
    let apia = zone("Pacific/Apia");
    let windows = opening_windows(Period::Rolling { days: 3 }, &apia, at("2011-12-31T12:00[Pacific/Apia]"));
    assert_eq!(windows.len(), 2, "the twenty-ninth and the thirty-first");
    assert_eq!(windows[0].starts_at, windows[0].counts_from);
}

#[test]
fn a_total_counts_everything_and_a_new_one_from_now() {
    let now = utc("2026-11-21T12:00");
    let open = opened(Period::Total, "UTC", now);
    assert_eq!((open.starts_at, open.ends_at), (UnixMs(0), None));
    assert_eq!(opening_windows(Period::Total, &TimeZone::UTC, now), [open]);
    assert_eq!(next_window(Period::Total, &TimeZone::UTC, UnixMs(i64::MAX), Some(&open)), None);
    let anew = window_anew(Period::Total, &TimeZone::UTC, now).unwrap();
    assert_eq!((anew.starts_at, anew.ends_at), (now, None));
}

#[test]
fn a_clock_without_any_sense_opens_at_most_one_window() {
    for nonsense in [UnixMs(i64::MAX), UnixMs(i64::MIN)] {
        let open = opened(Period::Month, "Europe/Berlin", nonsense);
        let again = next_window(Period::Month, &zone("Europe/Berlin"), nonsense, Some(&open));
        assert_eq!(again, None);
        let end = window_anew(Period::Day, &TimeZone::UTC, UnixMs(i64::MAX));
        assert_eq!(end, None, "there is nothing after the calendar's end");
    }
}

const ZONES: [&str; 14] = [
    "UTC",
    "Europe/Berlin",
    "America/Sao_Paulo",
    "Africa/Cairo",
    "Asia/Beirut",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Australia/Eucla",
    "Pacific/Apia",
    "Pacific/Kiritimati",
    "Pacific/Honolulu",
    "America/St_Johns",
    "Atlantic/Azores",
    "America/Havana",
];

fn period() -> impl Strategy<Value = Period> {
    prop_oneof![
        Just(Period::Day),
        Just(Period::Week),
        Just(Period::Month),
        (1_u16..=40).prop_map(|days| Period::Rolling { days }),
    ]
}

/// How a clock moves on: mostly forward by minutes to days, at times back, at times far ahead.
fn leap() -> impl Strategy<Value = i64> {
    prop_oneof![
        6 => 0..3 * HOUR,
        3 => 0..3 * DAY,
        1 => Just(-HOUR),
        1 => Just(-DAY),
        1 => Just(DAY),
        1 => -40 * DAY..40 * DAY,
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Whatever the clock and the zone do, the windows that are opened go strictly forward, never overlap, hold the moment they
    /// were opened at, and what a rolling period has let go it never counts again.
    #[test]
    fn windows_only_ever_move_forward(
        period in period(),
        // Half the walks lie where the odd changes of the clock are: 1987 to 2026.
        start in prop_oneof![545_000_000_000_i64..1_795_000_000_000, 1_790_000_000_000_i64..1_800_000_000_000],
        steps in prop::collection::vec((leap(), 0..ZONES.len(), prop::bool::weighted(0.1)), 1..200),
    ) {
        let mut now = UnixMs(start);
        let mut zone_name = "Europe/Berlin";
        let mut opened: Vec<Window> = Vec::new();
        for (leap, other, moves) in steps {
            now.0 += leap;
            if moves {
                zone_name = ZONES[other];
            }
            let Some(next) = next_window(period, &zone(zone_name), now, opened.last()) else { continue };
            prop_assert!(next.starts_at <= now && now < next.ends_at.unwrap());
            prop_assert!(next.counts_from <= next.starts_at);
            if let Some(before) = opened.last() {
                prop_assert!(before.ends_at.unwrap() <= next.starts_at);
                prop_assert!(before.ends_at.unwrap() <= now, "nothing is closed before its end");
                prop_assert!(before.counts_from <= next.counts_from);
            }
            opened.push(next);
        }
    }

    /// A budget begins with windows that lie side by side up to the one that holds now.
    #[test]
    fn a_budget_begins_with_whole_days(
        days in 1_u16..=60,
        start in 545_000_000_000_i64..1_800_000_000_000,
        other in 0..ZONES.len(),
    ) {
        let now = UnixMs(start);
        let windows = opening_windows(Period::Rolling { days }, &zone(ZONES[other]), now);
        // Kiritimati went without the last day of 1994, Apia without the thirtieth of December 2011.
        prop_assert!((days - 1..=days).contains(&u16::try_from(windows.len()).unwrap()));
        prop_assert!(windows.len() == usize::from(days) || ["Pacific/Apia", "Pacific/Kiritimati"].contains(&ZONES[other]));
        prop_assert!(windows.last().is_some_and(|open| open.starts_at <= now && now < open.ends_at.unwrap()));
        for pair in windows.windows(2) {
            prop_assert_eq!(pair[0].ends_at, Some(pair[1].starts_at));
        }
        prop_assert!(windows[0].ends_at.unwrap() > windows[0].counts_from, "all of them count");
    }
}
