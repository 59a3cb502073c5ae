//! How to choose where no rule says so: the user's standing wish.

use serde::{Deserialize, Serialize};

use super::Situation;
use super::strategy::{Strategy, Weights};
use super::task::Priority;

/// What `choice.yaml` says. What it leaves out is as usual.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Preference {
    /// How to choose.
    pub strategy: Option<Strategy>,
    /// What counts most.
    pub priority: Option<Priority>,
    /// The user's own weights, instead of the strategy's.
    pub weights: Option<Weights>,
}

impl Preference {
    /// Puts the standing wish into a situation. Rules come afterwards: see [`Verdict::amend`](super::Verdict::amend).
    pub fn amend(&self, situation: &mut Situation) {
        situation.strategy = self.strategy.unwrap_or(situation.strategy);
        situation.priority = self.priority.unwrap_or(situation.priority);
        situation.weights = self.weights.or(situation.weights);
    }
}

#[cfg(test)]
mod tests {
    use roundtable_domain::UnixMs;

    use super::super::{Needs, Verdict, read_prompt};
    use super::*;

    fn situation() -> Situation {
        Situation::new(read_prompt("Hello", 1, &[]), Needs::default(), UnixMs(0), 0)
    }

    #[test]
    fn a_wish_holds_until_a_rule_says_otherwise() {
        let own = Weights { performance: 0.0, cost: 3.0, load: 1.0, capability: 0.0 };
        let wish = Preference { priority: Some(Priority::Cost), weights: Some(own), ..Preference::default() };
        let mut wished = situation();
        wish.amend(&mut wished);
        assert_eq!((wished.strategy, wished.priority), (Strategy::Balanced, Priority::Cost));
        assert_eq!(wished.weights_in_force(), own.normalised());

        let mut with_priority = wished.clone();
        Verdict { priority: Some(Priority::Speed), ..Verdict::default() }.amend(&mut with_priority);
        assert_eq!(with_priority.priority, Priority::Speed, "the rule's own word");
        assert_eq!(with_priority.weights_in_force(), own.normalised(), "of weights it said nothing");

        let mut with_strategy = wished.clone();
        Verdict { strategy: Some(Strategy::PerformanceOptimised), ..Verdict::default() }
            .amend(&mut with_strategy);
        let usual = Strategy::PerformanceOptimised.weights(wished.reading.complexity, Priority::Cost);
        assert_eq!(with_strategy.weights_in_force(), usual.normalised(), "a strategy is its weights");
    }

    #[test]
    fn without_a_wish_nothing_is_different() {
        let mut amended = situation();
        Preference::default().amend(&mut amended);
        assert_eq!(amended, situation());
    }
}
