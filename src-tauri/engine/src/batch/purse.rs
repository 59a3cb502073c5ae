//! The cap on what a batch may cost. Pure.
//!
//! Real and invented money are two sides that never mix: each is held to the same cap on its own.

use roundtable_domain::PicoUsd;
use roundtable_store::SpendTotals;

/// What asking once may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Worst {
    /// Invented money.
    pub(super) simulated: bool,
    /// The longest answer of the dearest model it may go to; `None`: not known.
    pub(super) usd: Option<PicoUsd>,
}

/// What is spent and set aside of a cap.
#[derive(Clone, Debug)]
pub(super) struct Purse {
    most: Option<PicoUsd>,
    real: Side,
    simulated: Side,
}

#[derive(Clone, Copy, Debug, Default)]
struct Side {
    spent: i128,
    set_aside: i128,
}

impl Purse {
    /// With what the batch has cost before.
    pub(super) fn new(most: Option<PicoUsd>, before: &SpendTotals) -> Self {
        let side = |spent: PicoUsd| Side { spent: spent.as_pico().into(), set_aside: 0 };
        Self { most, real: side(before.real), simulated: side(before.simulated) }
    }

    /// Whether a call fits even at its worst, beside everything under way at its worst.
    pub(super) fn admits(&self, worst: Worst) -> bool {
        let Some(most) = self.most else { return true };
        let side = if worst.simulated { self.simulated } else { self.real };
        side.spent + side.set_aside + pico(worst) <= most.as_pico().into()
    }

    /// Sets the worst case aside before the call.
    pub(super) fn set_aside(&mut self, worst: Worst) {
        self.side(worst).set_aside += pico(worst);
    }

    /// Takes back what was set aside and counts what was spent instead. A call whose cost nobody knows counts as the worst.
    pub(super) fn settle(&mut self, worst: Worst, spent: &SpendTotals) {
        self.side(worst).set_aside -= pico(worst);
        self.real.spent += i128::from(spent.real.as_pico());
        self.simulated.spent += i128::from(spent.simulated.as_pico());
        if spent.unpriced_calls > 0 {
            self.real.spent += pico(worst);
        }
    }

    fn side(&mut self, worst: Worst) -> &mut Side {
        if worst.simulated { &mut self.simulated } else { &mut self.real }
    }
}

fn pico(worst: Worst) -> i128 {
    worst.usd.map_or(0, |usd| usd.as_pico().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn worst(pico: i64, simulated: bool) -> Worst {
        Worst { simulated, usd: Some(PicoUsd::from_pico(pico)) }
    }

    fn spent(real: i64, simulated: i64, unpriced_calls: u32) -> SpendTotals {
        SpendTotals {
            real: PicoUsd::from_pico(real),
            simulated: PicoUsd::from_pico(simulated),
            unpriced_calls,
            ..SpendTotals::default()
        }
    }

    #[test]
    fn what_is_under_way_counts_at_its_worst_and_what_has_ended_as_it_was() {
        let mut purse = Purse::new(Some(PicoUsd::from_pico(100)), &spent(10, 0, 0));
        for _ in 0..3 {
            assert!(purse.admits(worst(30, false)));
            purse.set_aside(worst(30, false));
        }
        assert!(!purse.admits(worst(1, false)), "10 spent and 90 set aside");
        purse.settle(worst(30, false), &spent(5, 0, 0));
        assert!(purse.admits(worst(25, false)), "15 spent and 60 set aside");
        assert!(!purse.admits(worst(26, false)));
    }

    #[test]
    fn invented_money_has_a_side_of_its_own() {
        let mut purse = Purse::new(Some(PicoUsd::from_pico(100)), &spent(90, 20, 0));
        assert!(!purse.admits(worst(11, false)) && purse.admits(worst(80, true)));
        purse.set_aside(worst(80, true));
        assert!(!purse.admits(worst(1, true)) && purse.admits(worst(10, false)));
    }

    #[test]
    fn a_call_of_unknown_cost_counts_as_the_worst() {
        let mut purse = Purse::new(Some(PicoUsd::from_pico(100)), &spent(0, 0, 0));
        purse.set_aside(worst(60, false));
        purse.settle(worst(60, false), &spent(0, 0, 1));
        assert!(!purse.admits(worst(41, false)) && purse.admits(worst(40, false)));
    }

    #[test]
    fn without_a_cap_everything_is_admitted() {
        let purse = Purse::new(None, &spent(i64::MAX, 0, 0));
        assert!(purse.admits(worst(i64::MAX, false)));
    }
}
