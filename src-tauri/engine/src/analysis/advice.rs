//! Advice: one file for each kind, each a function of facts that gives advice or nothing. Each says on how much evidence it rests;
//! below that it says nothing.

pub(super) mod budget;
pub(super) mod cache;
pub(super) mod fallback;
pub(super) mod key;
pub(super) mod price;
pub(super) mod retry;
pub(super) mod simple;
pub(super) mod timeout;

use super::step::Step;
use crate::statistics::tally::mean_usd;
use crate::view::{Priority, Recommendation, RecommendationKind, Said};

/// A dollar in pico-dollars.
pub(super) const DOLLAR: i128 = 1_000_000_000_000;

/// Something that could be done better, and what would be changed for it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Advice {
    pub(super) shown: Recommendation,
    /// `None`: a person has to do it.
    pub(super) step: Option<Step>,
    /// It changes nothing that anybody would notice but for the better, so it may be done without asking.
    pub(super) is_safe: bool,
    /// Pico-dollars in 30 days.
    saves: Option<i128>,
}

/// The most urgent first, then by what it saves; what saves nothing that is known comes last.
pub(super) fn in_order(mut advice: Vec<Advice>) -> Vec<Advice> {
    advice.sort_by(|one, other| {
        let urgency = one.shown.priority.cmp(&other.shown.priority);
        let saving = other.saves.cmp(&one.saves);
        urgency.then(saving).then_with(|| one.shown.id.cmp(&other.shown.id))
    });
    advice
}

/// What a piece of advice says.
pub(super) struct Says {
    pub(super) kind: RecommendationKind,
    /// What tells it from other advice of its kind: the subject, and what is changed of it.
    pub(super) about: String,
    pub(super) subject: String,
    pub(super) priority: Priority,
    pub(super) title: Said,
    pub(super) evidence: Vec<Said>,
    pub(super) effect: Said,
    /// Pico-dollars in 30 days.
    pub(super) saves: Option<i128>,
}

impl Says {
    pub(super) fn with(self, step: Option<Step>, is_safe: bool) -> Advice {
        let change = step.as_ref().map(Step::changes).unwrap_or_default();
        let shown = Recommendation {
            id: format!("{}:{}", self.kind.as_str(), self.about),
            kind: self.kind,
            subject: self.subject,
            priority: self.priority,
            title: self.title,
            evidence: self.evidence,
            effect: self.effect,
            saves_usd: self.saves.and_then(dollars),
            change,
            dismissed: false,
        };
        Advice { shown, step, is_safe, saves: self.saves }
    }
}

/// An amount to eight digits.
pub(super) fn dollars(pico: i128) -> Option<String> {
    mean_usd(pico, 1)
}

/// By what it saves in 30 days.
pub(super) fn priority_of(saves: i128) -> Priority {
    if saves >= 10 * DOLLAR {
        Priority::High
    } else if saves >= DOLLAR {
        Priority::Medium
    } else {
        Priority::Low
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::sayings::said;

    #[test]
    fn what_saves_most_comes_first_among_what_is_as_urgent() {
        let one = |about: &str, priority, saves| {
            let said = || said("advice_demo", &[], "");
            Says {
                kind: RecommendationKind::CheaperForSimple,
                about: about.to_owned(),
                subject: String::new(),
                priority,
                title: said(),
                evidence: Vec::new(),
                effect: said(),
                saves,
            }
            .with(None, false)
        };
        let advice = in_order(vec![
            one("c", Priority::Medium, Some(9 * DOLLAR)),
            one("a", Priority::High, None),
            one("b", Priority::High, Some(11 * DOLLAR)),
            one("e", Priority::High, Some(90 * DOLLAR)),
            one("d", Priority::High, None),
        ]);
        let order: Vec<&str> = advice.iter().filter_map(|advice| advice.shown.id.split(':').nth(1)).collect();
        assert_eq!(order, ["e", "b", "a", "d", "c"]);
    }
}
