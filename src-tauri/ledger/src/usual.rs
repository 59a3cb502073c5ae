//! What is usually spent on a day, and from how much on a day is out of the ordinary.
//!
//! Usual is the median of the days on which something was spent: a single dear day does not move it. A day is out of the ordinary when
//! it comes to a multiple of that, to more than the days scatter around it, and to more than was reached a few times already (whoever
//! runs a batch each week has no news each week). Whole pico-dollars throughout.

use roundtable_domain::PicoUsd;

/// With fewer days than these nothing is usual.
pub const LEAST_DAYS_OF_USE: usize = 7;

/// So many days that came to as much make an amount usual.
const DAYS_THAT_MAKE_USUAL: usize = 3;

/// Days are not worth a word below this: a quarter of a dollar.
const LEAST_SPIKE_PICO: i128 = 250_000_000_000;

/// Times the threshold, from which money runs away.
const RUNS_AWAY: i128 = 3;

/// The median of distances from the median, times this over ten thousand, is the standard deviation of amounts that scatter evenly.
const DEVIATION_OF_MEDIAN_DISTANCE: i128 = 14_826;

/// How many times the usual counts as a spike, in thousandths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpikeFactor(u32);

impl SpikeFactor {
    /// The least that makes sense: a day is half as dear again as another without any reason.
    pub const LEAST: Self = Self(1_500);
    /// The most that makes sense.
    pub const MOST: Self = Self(1_000_000);

    /// A factor in thousandths; `None`: it makes no sense.
    pub fn from_thousandths(thousandths: u32) -> Option<Self> {
        (Self::LEAST.0..=Self::MOST.0).contains(&thousandths).then_some(Self(thousandths))
    }
}

/// What is usual on a day, for one thing that money is spent on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usual {
    /// The median of the days of use.
    pub median: PicoUsd,
    /// From here on a day is a spike.
    pub threshold: PicoUsd,
}

/// How far a day is out of the ordinary.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Spike {
    /// It is far above the usual.
    High,
    /// It is far above what would be a spike already.
    RunsAway,
}

impl Usual {
    /// What is usual by the amounts of past days, in any order; `None`: too few of them saw any use.
    pub fn of_days(days: &[PicoUsd], factor: SpikeFactor) -> Option<Self> {
        let mut used: Vec<i128> =
            days.iter().map(|day| i128::from(day.as_pico())).filter(|day| *day > 0).collect();
        if used.len() < LEAST_DAYS_OF_USE {
            return None;
        }
        used.sort_unstable();
        let median = median(&used);
        let mut distances: Vec<i128> = used.iter().map(|day| (day - median).abs()).collect();
        distances.sort_unstable();
        let factor = i128::from(factor.0);
        let scatter = self::median(&distances) * DEVIATION_OF_MEDIAN_DISTANCE / 10_000;
        let often = used.iter().rev().nth(DAYS_THAT_MAKE_USUAL - 1).copied().unwrap_or(0);
        let threshold = (median * factor / 1_000)
            .max(median + scatter * factor / 1_000)
            .max(often * i128::from(SpikeFactor::LEAST.0) / 1_000)
            .max(LEAST_SPIKE_PICO);
        // What the books cannot hold nobody can spend.
        let held = |pico: i128| PicoUsd::from_pico_i128(pico).unwrap_or(PicoUsd::from_pico(i64::MAX));
        Some(Self { median: held(median), threshold: held(threshold) })
    }

    /// Whether so much on a day is a spike. More spend never makes less of one.
    pub fn spike(&self, today: PicoUsd) -> Option<Spike> {
        let (today, threshold) = (i128::from(today.as_pico()), i128::from(self.threshold.as_pico()));
        if today < threshold {
            None
        } else if today < threshold * RUNS_AWAY {
            Some(Spike::High)
        } else {
            Some(Spike::RunsAway)
        }
    }

    /// Whether it would still be a spike had its parts, which are spikes themselves, come to what is usual for them. `parts` are what
    /// each has come to today, and its usual.
    pub fn spikes_without(&self, today: PicoUsd, parts: &[(PicoUsd, Self)]) -> bool {
        let beyond = |(today, usual): &(PicoUsd, Self)| {
            (i128::from(today.as_pico()) - i128::from(usual.median.as_pico())).max(0)
        };
        let rest = i128::from(today.as_pico()) - parts.iter().map(beyond).sum::<i128>();
        rest >= i128::from(self.threshold.as_pico())
    }
}

/// Of amounts in ascending order, at least one; of two in the middle their mean, rounded down.
fn median(sorted: &[i128]) -> i128 {
    let middle = sorted.len() / 2;
    let at = |index: usize| sorted.get(index).copied().unwrap_or(0);
    if sorted.len() % 2 == 1 { at(middle) } else { i128::midpoint(at(middle.saturating_sub(1)), at(middle)) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const THREE: SpikeFactor = SpikeFactor(3_000);

    fn cents(amounts: &[i64]) -> Vec<PicoUsd> {
        amounts.iter().map(|cents| PicoUsd::from_pico(cents * 10_000_000_000)).collect()
    }

    fn cent(amount: i64) -> PicoUsd {
        cents(&[amount])[0]
    }

    fn usual(days: &[i64]) -> Option<Usual> {
        Usual::of_days(&cents(days), THREE)
    }

    #[test]
    fn nothing_is_usual_before_a_week_of_use() {
        assert_eq!(usual(&[100; 6]), None);
        assert_eq!(
            usual(&[100, 100, 100, 0, 0, 0, 0, 0, 100, 100, -5, 100]),
            None,
            "days without use say nothing"
        );
        assert!(usual(&[100; 7]).is_some());
    }

    #[test]
    fn a_spike_is_told_from_the_factor_on_and_not_a_pico_dollar_before() {
        let steady = usual(&[100; 7]).unwrap();
        assert_eq!((steady.median, steady.threshold), (cent(100), cent(300)));
        assert_eq!(steady.spike(PicoUsd::from_pico(cent(300).as_pico() - 1)), None);
        assert_eq!(steady.spike(cent(300)), Some(Spike::High));
        assert_eq!(steady.spike(cent(899)), Some(Spike::High));
        assert_eq!(steady.spike(cent(900)), Some(Spike::RunsAway));
    }

    #[test]
    fn one_dear_day_is_not_what_is_usual_and_three_are() {
        let once = usual(&[100, 100, 100, 100, 100, 100, 5_000]).unwrap();
        assert_eq!(once.threshold, cent(300));
        let weekly = usual(&[100, 100, 100, 100, 5_000, 5_100, 5_200, 100, 100]).unwrap();
        assert_eq!(weekly.median, cent(100));
        assert_eq!(weekly.spike(cent(6_000)), None, "it comes to that each week");
        assert_eq!(weekly.spike(cent(7_500)), Some(Spike::High));
    }

    #[test]
    fn days_that_scatter_spike_later_than_days_that_do_not() {
        let scattered = usual(&[10, 190, 20, 180, 100, 30, 170]).unwrap();
        assert_eq!(scattered.median, cent(100));
        assert!(scattered.threshold > cent(400), "{scattered:?}");
    }

    #[test]
    fn small_change_is_no_spike() {
        let tiny = usual(&[1; 9]).unwrap();
        assert_eq!(tiny.spike(cent(24)), None);
        assert_eq!(tiny.spike(cent(25)), Some(Spike::High));
    }

    #[test]
    fn a_part_that_spikes_says_it_for_the_whole() {
        let (all, model) = (usual(&[200; 9]).unwrap(), usual(&[100; 9]).unwrap());
        let of_model = |today: i64| (cent(today), model);
        assert!(!all.spikes_without(cent(1_100), &[of_model(1_000)]), "the model alone did it");
        assert!(all.spikes_without(cent(1_800), &[of_model(1_000)]), "the others as well");
        assert!(all.spikes_without(cent(600), &[]));
    }

    #[test]
    fn the_largest_amounts_there_are_do_not_wrap() {
        let most = PicoUsd::from_pico(i64::MAX);
        let usual = Usual::of_days(&[most; 8], SpikeFactor::MOST).unwrap();
        assert_eq!((usual.median, usual.threshold), (most, most));
    }

    #[test]
    fn a_factor_that_makes_no_sense_is_none() {
        for (thousandths, sense) in
            [(0, false), (1_499, false), (1_500, true), (1_000_000, true), (1_000_001, false)]
        {
            assert_eq!(SpikeFactor::from_thousandths(thousandths).is_some(), sense, "{thousandths}");
        }
    }

    fn factors() -> impl Strategy<Value = SpikeFactor> {
        (1_500_u32..20_000).prop_map(SpikeFactor)
    }

    proptest! {
        /// Days that differ by less than half from each other, and one more of that kind.
        #[test]
        fn a_day_like_the_others_never_spikes(
            least in 1_i64..1_000_000_000_000_000,
            parts in prop::collection::vec(0_i64..500, 7..28),
            today in 0_i64..500,
            factor in factors(),
        ) {
            let day = |part: i64| PicoUsd::from_pico(least + least / 1_000 * part);
            let days: Vec<PicoUsd> = parts.into_iter().map(day).collect();
            prop_assert_eq!(Usual::of_days(&days, factor).unwrap().spike(day(today)), None);
        }

        /// Nor does one that was reached on three of them.
        #[test]
        fn what_was_reached_a_few_times_never_spikes(
            days in prop::collection::vec(1_i64..1_000_000_000_000_000, 7..28),
            factor in factors(),
        ) {
            let mut days: Vec<PicoUsd> = days.into_iter().map(PicoUsd::from_pico).collect();
            let usual = Usual::of_days(&days, factor).unwrap();
            days.sort_unstable();
            prop_assert_eq!(usual.spike(days[days.len() - 3]), None);
        }

        #[test]
        fn more_spend_never_removes_a_spike(
            days in prop::collection::vec(0_i64..1_000_000_000_000_000, 0..28),
            today in 0_i64..9_000_000_000_000_000,
            more in 0_i64..9_000_000_000_000_000,
            factor in factors(),
        ) {
            let days: Vec<PicoUsd> = days.into_iter().map(PicoUsd::from_pico).collect();
            if let Some(usual) = Usual::of_days(&days, factor) {
                let spike = |pico| usual.spike(PicoUsd::from_pico(pico));
                prop_assert!(spike(today + more) >= spike(today));
            }
        }

        #[test]
        fn the_order_of_the_days_does_not_matter(
            days in prop::collection::vec(0_i64..1_000_000_000_000_000, 0..28),
            factor in factors(),
        ) {
            let mut days: Vec<PicoUsd> = days.into_iter().map(PicoUsd::from_pico).collect();
            let before = Usual::of_days(&days, factor);
            days.reverse();
            prop_assert_eq!(Usual::of_days(&days, factor), before);
        }
    }
}
