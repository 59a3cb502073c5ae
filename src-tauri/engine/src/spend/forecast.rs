//! What it comes to by the end: pure, in whole pico-dollars.
//!
//! The pace is that of the 28 days before today. A working week is not even, so each day that is still to come is taken to cost what
//! the same day of the week has cost on average: four of each stand in 28 days. Where the books do not go back that far, every day
//! is taken to cost the mean of the days since the first with spend. Of today, what is missing to such a day is added.

/// How far back the pace is looked at.
pub(super) const PACE_DAYS: usize = 28;

/// Fewer days with spend than these say nothing.
const FEWEST_DAYS: usize = 3;

/// What is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pace<'a> {
    /// The days before today, oldest first, [`PACE_DAYS`] of them.
    pub(super) days: &'a [i128],
    /// Today so far.
    pub(super) today: i128,
    /// Spent so far, today included.
    pub(super) so_far: i128,
    /// Whole days after today that are still to come.
    pub(super) to_come: usize,
}

/// Pico-dollars by the end; `None`: too few days with spend.
pub(super) fn forecast(pace: &Pace<'_>) -> Option<i128> {
    let spent_on = pace.days.iter().chain([&pace.today]).filter(|day| **day > 0).count();
    if spent_on < FEWEST_DAYS {
        return None;
    }
    let begun = pace.days.iter().position(|day| *day != 0).unwrap_or(pace.days.len());
    let known = pace.days.get(begun..).unwrap_or_default();
    let whole_weeks = begun < 7 && pace.days.len() == PACE_DAYS;
    // What the day so many days after today usually costs, times 28.
    let usual = |after: usize| -> i128 {
        if whole_weeks {
            let same = pace.days.iter().skip(after % 7).step_by(7);
            same.sum::<i128>() * 7
        } else if known.is_empty() {
            pace.today * 28
        } else {
            known.iter().sum::<i128>() * 28 / i128::try_from(known.len()).unwrap_or(1)
        }
    };
    let rest_of_today = (usual(0) - pace.today * 28).max(0);
    let to_come: i128 = (1..=pace.to_come).map(usual).sum();
    Some(pace.so_far + (rest_of_today + to_come).max(0) / 28)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_working_week_goes_on_as_a_working_week() {
        // Twenty-eight days ago was the same day of the week as today: five days at 10, two at nothing.
        let week = [10, 10, 10, 10, 10, 0, 0];
        let days: Vec<i128> = week.iter().cycle().take(PACE_DAYS).copied().collect();
        let pace = |today, so_far, to_come| Pace { days: &days, today, so_far, to_come };
        assert_eq!(forecast(&pace(0, 40, 0)), Some(50), "today is a working day and has not begun");
        assert_eq!(forecast(&pace(25, 65, 0)), Some(65), "what was spent today is not taken back");
        assert_eq!(forecast(&pace(10, 50, 6)), Some(90), "four working days and a weekend");
        assert_eq!(forecast(&pace(10, 50, 7)), Some(100));
    }

    #[test]
    fn few_days_go_on_as_they_are_and_fewer_say_nothing() {
        let mut days = [0; PACE_DAYS];
        days[26] = 30;
        assert_eq!(forecast(&Pace { days: &days, today: 0, so_far: 30, to_come: 5 }), None, "one day");
        assert_eq!(forecast(&Pace { days: &days, today: 6, so_far: 36, to_come: 5 }), None, "two");
        days[27] = 10;
        // Two days at 20 on average, and today is short of that by 14.
        assert_eq!(forecast(&Pace { days: &days, today: 6, so_far: 46, to_come: 5 }), Some(46 + 14 + 100));
    }
}
