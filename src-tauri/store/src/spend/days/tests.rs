use proptest::prelude::*;

use super::*;

/// Days with these quarter hours in them: each has cost a thousand and the number of the quarter hour.
fn days_with(quarters: &[i64]) -> SpendDays {
    let mut days: BTreeMap<i64, Vec<QuarterCost>> = BTreeMap::new();
    for &quarter in quarters {
        let cell =
            QuarterCost { quarter, subject: quarter % 2, cost: 1_000 + quarter, requests: 1, unpriced: 0 };
        days.entry(quarter.div_euclid(QUARTERS_A_DAY)).or_default().push(cell);
    }
    let page = |(day, quarters)| (day, Arc::new(Day::of(vec![], quarters)));
    SpendDays::new(days.into_iter().map(page).collect())
}

/// How often each quarter hour with anything in it is counted.
fn counted(days: &SpendDays, of: &[i64], first: i64, last: i64) -> Vec<(i64, i64)> {
    let ((column, first_day, last_day), parts) = days.plan(Stretch { column: 7, first, last });
    assert!(column == 7 && parts.iter().all(|part| part.column == 7));
    let times = |quarter: i64| {
        let day = quarter.div_euclid(QUARTERS_A_DAY);
        let within = parts.iter().filter(|part| (part.first..part.last).contains(&quarter));
        let beside: i64 = within.map(|part| if part.taken_off { -1 } else { 1 }).sum();
        beside + i64::from((first_day..last_day).contains(&day))
    };
    of.iter().map(|quarter| (*quarter, times(*quarter))).filter(|(_, times)| *times != 0).collect()
}

proptest! {
    /// Whatever is in the days, and wherever a stretch begins and ends: each quarter hour within is counted once, and no other.
    #[test]
    fn no_quarter_is_lost_or_counted_twice(
        mut of in proptest::collection::vec(-200..700_i64, 0..120),
        first in -150..500_i64,
        long in 1..400_i64,
    ) {
        of.sort_unstable();
        of.dedup();
        let (days, last) = (days_with(&of), first + long);
        let expected: Vec<(i64, i64)> =
            of.iter().filter(|quarter| (first..last).contains(quarter)).map(|quarter| (*quarter, 1)).collect();
        prop_assert_eq!(counted(&days, &of, first, last), expected.clone());
        let cost: i128 = expected.iter().map(|(quarter, _)| 1_000 + i128::from(*quarter)).sum();
        prop_assert_eq!(days.cost((first, last), |_| true), cost);
        let hours: i128 = days.hours((first, last), -18, |_| true).iter().map(|hour| hour.cost).sum();
        prop_assert_eq!(hours, cost);
        let apart = days.cost((first, last), |subject| subject == 0) + days.cost((first, last), |subject| subject != 0);
        prop_assert_eq!(apart, cost);
    }
}

#[test]
fn a_day_is_read_whole_and_of_its_ends_the_shorter_part() {
    let all: Vec<i64> = (0..480).collect();
    let days = days_with(&all);
    let of = |first, last| days.plan(Stretch { column: 0, first, last });
    let part = |first, last, taken_off| Part { column: 0, first, last, taken_off };
    assert_eq!(of(0, 96), ((0, 0, 1), vec![]));
    assert_eq!(of(20, 30), ((0, 0, 0), vec![part(20, 30, false)]), "as it is");
    assert_eq!(of(4, 200), ((0, 0, 2), vec![part(0, 4, true), part(192, 200, false)]));
    assert_eq!(of(90, 280), ((0, 1, 3), vec![part(90, 96, false), part(280, 288, true)]));
    assert_eq!(of(90, 102), ((0, 1, 1), vec![part(90, 102, false)]), "over midnight");
}

#[test]
fn what_is_still_to_come_of_a_day_is_no_reason_to_read_quarter_hours() {
    let days = days_with(&[100, 110, 130]);
    let of = |first, last| days.plan(Stretch { column: 0, first, last });
    assert_eq!(of(96, 131), ((0, 1, 2), vec![]));
    assert_eq!(of(99, 150), ((0, 1, 2), vec![]));
    assert_eq!(of(96, 130).1.len(), 1, "there is something after it");
    assert_eq!(of(300, 310).1, vec![], "nothing at all");
}
