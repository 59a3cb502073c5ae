//! A model that fails too often with nobody behind it.

use super::super::facts::Tries;
use super::super::models::success;
use super::super::sayings::{percent, said};
use super::{Advice, Says};
use crate::view::{Priority, RecommendationKind, Said, SuccessVerdict};

/// Fewer failures, or of fewer calls, are bad luck.
const FEWEST_FAILURES: u64 = 5;
const FEWEST_CALLS: u64 = 20;

/// Below nine in ten it is urgent.
const URGENT: u64 = 10;

/// What was seen of a model that stands alone, or of a group with a single model.
#[derive(Clone, Debug)]
pub(in super::super) struct FallbackFacts {
    /// `provider/model`, or the group.
    pub(in super::super) subject: String,
    /// What people call it.
    pub(in super::super) label: String,
    pub(in super::super) answered: u64,
    /// Failed by no fault of the request or the key. What failed by those says nothing: another model would have been asked the same.
    pub(in super::super) failures: u64,
    /// How others did that took over elsewhere.
    pub(in super::super) elsewhere: Tries,
}

/// Have a second model ready. A person has to say which.
pub(in super::super) fn advise(facts: &FallbackFacts) -> Option<Advice> {
    let calls = facts.answered + facts.failures;
    let missed = success(facts.answered, calls).verdict == SuccessVerdict::Missed;
    if facts.failures < FEWEST_FAILURES || calls < FEWEST_CALLS || !missed {
        return None;
    }
    let subject = facts.label.as_str();
    let is_urgent = facts.failures * URGENT >= calls;
    let rate = percent(i128::from(facts.answered), i128::from(calls));
    let (failures, calls) = (facts.failures.to_string(), calls.to_string());
    let advice = Says {
        kind: RecommendationKind::AddFallback,
        about: facts.subject.clone(),
        subject: facts.subject.clone(),
        priority: if is_urgent { Priority::High } else { Priority::Medium },
        title: said(
            "advice_fallback",
            &[("subject", subject)],
            format!("Have a second model ready behind {subject}"),
        ),
        evidence: vec![
            said(
                "advice_fallback_failures",
                &[("failures", &failures), ("calls", &calls), ("percent", &rate)],
                format!("{failures} of {calls} calls failed by no fault of the request; {rate} % answered."),
            ),
            said(
                "advice_fallback_alone",
                &[("subject", subject)],
                format!("Nobody takes over where {subject} fails."),
            ),
        ],
        effect: effect(facts),
        saves: None,
    };
    Some(advice.with(None, false))
}

/// In numbers, where models have taken over before.
fn effect(facts: &FallbackFacts) -> Said {
    let text =
        "In a group with a second model, best of another provider, that one answers when the first fails.";
    let Some(answered) = facts.elsewhere.would_answer(facts.failures) else {
        return said("advice_fallback_effect", &[], text);
    };
    let (answered, failures) = (answered.to_string(), facts.failures.to_string());
    said(
        "advice_fallback_effect_of",
        &[("answered", &answered), ("failures", &failures)],
        format!(
            "{text} As those do that take over elsewhere, it would have answered about {answered} of {failures}."
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(calls: u64, failures: u64) -> Option<(String, Priority)> {
        let facts = FallbackFacts {
            subject: "openai/gpt-4o".into(),
            label: "GPT-4o".into(),
            answered: calls - failures,
            failures,
            elsewhere: Tries::default(),
        };
        advise(&facts).map(|advice| (advice.shown.id, advice.shown.priority))
    }

    #[test]
    fn who_fails_beyond_chance_is_given_company() {
        assert_eq!(told(100, 6), Some(("add_fallback:openai/gpt-4o".into(), Priority::Medium)));
        assert_eq!(told(40, 8).map(|(_, priority)| priority), Some(Priority::High));
        assert_eq!(told(100, 4), None, "four may be bad luck");
        assert_eq!(told(19, 9), None, "too few calls");
        assert_eq!(told(1_000, 9), None, "that is above the target");
    }

    #[test]
    fn what_others_did_that_took_over_says_what_to_expect() {
        let effect = |made, answered| {
            let (subject, label) = ("openai/gpt-4o".to_owned(), "GPT-4o".to_owned());
            let elsewhere = Tries { made, answered };
            let facts = FallbackFacts { subject, label, answered: 80, failures: 20, elsewhere };
            advise(&facts).unwrap().shown.effect
        };
        assert_eq!(effect(9, 9).saying.code, "advice_fallback_effect", "nine are too few to go by");
        assert_eq!(effect(10, 0).saying.code, "advice_fallback_effect");
        let told = effect(10, 7);
        assert!(told.text.ends_with("about 14 of 20."), "{}", told.text);
    }
}
