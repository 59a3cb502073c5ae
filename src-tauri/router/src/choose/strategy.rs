//! What counts how much: weights, and the strategies that set them.

use serde::{Deserialize, Serialize};

use super::candidate::Tier;
use super::task::{Complexity, Priority};

/// How much each part of a score counts. Only their proportions matter.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Weights {
    /// Reliability and speed.
    pub performance: f64,
    /// The price of this very prompt.
    pub cost: f64,
    /// How busy it is.
    pub load: f64,
    /// How well it suits the task.
    pub capability: f64,
}

impl Weights {
    /// What is used where nobody says otherwise.
    pub const BALANCED: Self = Self::new(0.40, 0.30, 0.20, 0.10);

    const fn new(performance: f64, cost: f64, load: f64, capability: f64) -> Self {
        Self { performance, cost, load, capability }
    }

    /// The same proportions with a sum of 1. What is no positive number counts as nothing; if nothing is left, the balanced
    /// ones.
    #[must_use]
    pub fn normalised(self) -> Self {
        let clean = |weight: f64| if weight.is_finite() { weight.clamp(0.0, 1e6) } else { 0.0 };
        let [performance, cost, load, capability] =
            [self.performance, self.cost, self.load, self.capability].map(clean);
        let sum = performance + cost + load + capability;
        if sum <= 0.0 {
            return Self::BALANCED;
        }
        Self::new(performance / sum, cost / sum, load / sum, capability / sum)
    }
}

/// How to choose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Strategy {
    /// By the kind of work, how hard it is and what the user cares about most.
    TaskBased,
    /// The bill first.
    CostOptimised,
    /// Reliability and speed first.
    PerformanceOptimised,
    /// A bit of everything.
    #[default]
    Balanced,
}

impl Strategy {
    /// The word used in files, in JSON and on screen.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TaskBased => "task_based",
            Self::CostOptimised => "cost_optimised",
            Self::PerformanceOptimised => "performance_optimised",
            Self::Balanced => "balanced",
        }
    }

    /// What counts how much. Only the task-based strategy looks at complexity and priority.
    pub const fn weights(self, complexity: Complexity, priority: Priority) -> Weights {
        match self {
            Self::Balanced => Weights::BALANCED,
            Self::CostOptimised => Weights::new(0.20, 0.60, 0.10, 0.10),
            Self::PerformanceOptimised => Weights::new(0.65, 0.05, 0.20, 0.10),
            Self::TaskBased => task_weights(complexity, priority),
        }
    }
}

/// The table of the task-based strategy: the harder the work, the more it matters who does it.
const fn task_weights(complexity: Complexity, priority: Priority) -> Weights {
    match (priority, complexity) {
        (Priority::Cost, Complexity::Simple) => Weights::new(0.20, 0.60, 0.10, 0.10),
        (Priority::Cost, Complexity::Moderate) => Weights::new(0.20, 0.50, 0.10, 0.20),
        (Priority::Cost, Complexity::Complex) => Weights::new(0.20, 0.40, 0.05, 0.35),
        (Priority::Speed, Complexity::Simple) => Weights::new(0.65, 0.10, 0.20, 0.05),
        (Priority::Speed, Complexity::Moderate) => Weights::new(0.60, 0.05, 0.20, 0.15),
        (Priority::Speed, Complexity::Complex) => Weights::new(0.50, 0.05, 0.15, 0.30),
        (Priority::Quality, Complexity::Simple) => Weights::new(0.35, 0.20, 0.15, 0.30),
        (Priority::Quality, Complexity::Moderate) => Weights::new(0.25, 0.15, 0.10, 0.50),
        (Priority::Quality, Complexity::Complex) => Weights::new(0.20, 0.05, 0.05, 0.70),
    }
}

/// How large a model this work wants: the matrix of complexity and priority.
pub const fn wanted_tier(complexity: Complexity, priority: Priority) -> Tier {
    match (complexity, priority) {
        (Complexity::Simple, Priority::Cost | Priority::Speed) | (Complexity::Moderate, Priority::Cost) => {
            Tier::Small
        }
        (Complexity::Simple, Priority::Quality)
        | (Complexity::Moderate, Priority::Speed)
        | (Complexity::Complex, Priority::Cost | Priority::Speed) => Tier::Standard,
        (Complexity::Moderate | Complexity::Complex, Priority::Quality) => Tier::Frontier,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_balanced_weights_are_the_published_ones() {
        let weights = Strategy::default().weights(Complexity::Complex, Priority::Cost);
        let published = Weights { performance: 0.40, cost: 0.30, load: 0.20, capability: 0.10 };
        assert_eq!(weights, published);
    }

    #[test]
    fn every_row_of_the_table_adds_up_and_harder_work_never_wants_less() {
        for priority in [Priority::Cost, Priority::Speed, Priority::Quality] {
            let mut before = (Tier::Small, 0.0);
            for complexity in [Complexity::Simple, Complexity::Moderate, Complexity::Complex] {
                let row = Strategy::TaskBased.weights(complexity, priority);
                let sum = row.performance + row.cost + row.load + row.capability;
                assert!((sum - 1.0).abs() < 1e-9, "{priority:?} {complexity:?}");
                let now = (wanted_tier(complexity, priority), row.capability);
                assert!(now.0 >= before.0 && now.1 > before.1, "{priority:?} {complexity:?}");
                before = now;
            }
        }
    }

    #[test]
    fn weights_that_make_no_sense_do_no_harm() {
        let weights = Weights::new(3.0, 1.0, f64::NAN, -5.0).normalised();
        assert_eq!(weights, Weights::new(0.75, 0.25, 0.0, 0.0));
        assert_eq!(Weights::new(0.0, -1.0, f64::INFINITY, 0.0).normalised(), Weights::BALANCED);
    }
}
