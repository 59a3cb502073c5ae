//! Failures that usually pass, on a rung that never tries again.

use super::super::facts::{Rung, Tries};
use super::super::sayings::said;
use super::super::step::{GroupEdit, GroupField, Step};
use super::{Advice, Says};
use crate::view::{Priority, RecommendationKind, Said};

/// Fewer failures, or of fewer calls, are bad luck.
const FEWEST_FAILURES: u64 = 5;
const FEWEST_CALLS: u64 = 20;

/// One in fifty; above one in ten it is urgent.
const WORTH_A_RETRY: u64 = 50;
const URGENT: u64 = 10;

/// Calls for one request where a group allows a single one.
const ATTEMPTS: u64 = 3;

/// A rung, and what was seen of it.
#[derive(Clone, Debug)]
pub(in super::super) struct RetryFacts {
    pub(in super::super) group: String,
    pub(in super::super) file: String,
    pub(in super::super) echelon: u32,
    /// As its file says.
    pub(in super::super) max_retries: Option<u64>,
    pub(in super::super) max_attempts: Option<u64>,
    pub(in super::super) calls: Rung,
    /// Second tries anywhere.
    pub(in super::super) elsewhere: Tries,
}

/// Try again once.
pub(in super::super) fn advise(facts: &RetryFacts) -> Option<Advice> {
    let (failures, calls) = (facts.calls.transient, facts.calls.ended);
    let enough = failures >= FEWEST_FAILURES && calls >= FEWEST_CALLS && failures * WORTH_A_RETRY >= calls;
    let edits = edits(facts);
    if !enough || edits.is_empty() || !helps_elsewhere(facts) {
        return None;
    }
    let subject = format!("{}.echelon{}", facts.group, facts.echelon);
    let (failed, of) = (failures.to_string(), calls.to_string());
    let mut evidence = vec![said(
        "advice_retry_failures",
        &[("failures", &failed), ("calls", &of)],
        format!(
            "{failed} of {of} calls failed by what usually passes (overload, limits, the network), and were not tried again."
        ),
    )];
    if facts.elsewhere.tell() {
        let (answered, retries) = (facts.elsewhere.answered.to_string(), facts.elsewhere.made.to_string());
        evidence.push(said(
            "advice_retry_elsewhere",
            &[("answered", &answered), ("retries", &retries)],
            format!("Elsewhere {answered} of {retries} second tries answered."),
        ));
    }
    let step = Step::Group { group: facts.group.clone(), file: facts.file.clone(), edits };
    let advice = Says {
        kind: RecommendationKind::EnableRetry,
        about: subject.clone(),
        subject: subject.clone(),
        priority: if failures * URGENT >= calls { Priority::High } else { Priority::Medium },
        title: said(
            "advice_retry",
            &[("subject", &subject)],
            format!("Let {subject} try again when a call fails for a moment"),
        ),
        evidence,
        effect: effect(facts),
        saves: None,
    };
    Some(advice.with(Some(step), true))
}

/// In numbers, where second tries have been made.
fn effect(facts: &RetryFacts) -> Said {
    let text = "The same model is asked once more before the next takes over.";
    let failures = facts.calls.transient;
    let Some(answered) = facts.elsewhere.would_answer(failures) else {
        return said("advice_retry_effect", &[], text);
    };
    let (answered, failures) = (answered.to_string(), failures.to_string());
    said(
        "advice_retry_effect_of",
        &[("answered", &answered), ("failures", &failures)],
        format!(
            "{text} As second tries do elsewhere, that would have answered about {answered} of {failures}."
        ),
    )
}

/// What keeps the rung from trying again.
fn edits(facts: &RetryFacts) -> Vec<GroupEdit> {
    let retries = GroupField::MaxRetries { echelon: facts.echelon };
    let edit = |field, before, after| GroupEdit { field, before, after: Some(after) };
    let retries = (facts.max_retries == Some(0)).then(|| edit(retries, facts.max_retries, 1));
    let attempts =
        (facts.max_attempts == Some(1)).then(|| edit(GroupField::MaxAttempts, facts.max_attempts, ATTEMPTS));
    retries.into_iter().chain(attempts).collect()
}

/// Where second tries are made and mostly fail, more of them would only cost time.
fn helps_elsewhere(facts: &RetryFacts) -> bool {
    !facts.elsewhere.tell() || facts.elsewhere.answered * 2 >= facts.elsewhere.made
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(transient: u64, ended: u64) -> RetryFacts {
        RetryFacts {
            group: "coding".into(),
            file: "groups/coding.yaml".into(),
            echelon: 1,
            max_retries: Some(0),
            max_attempts: None,
            calls: Rung { ended, answered: ended - transient, transient, ..Rung::default() },
            elsewhere: Tries::default(),
        }
    }

    #[test]
    fn failures_that_pass_are_tried_again_where_nobody_does() {
        let told = advise(&facts(5, 100)).unwrap();
        assert_eq!(
            (told.shown.id.as_str(), told.shown.priority),
            ("enable_retry:coding.echelon1", Priority::Medium)
        );
        assert_eq!(told.shown.change[0].place.saying.code, "place_rung_retries");
        assert_eq!(advise(&facts(20, 100)).unwrap().shown.priority, Priority::High);
        assert_eq!(advise(&facts(4, 20)), None, "four may be bad luck");
        assert_eq!(advise(&facts(5, 19)), None, "too few calls");
        assert_eq!(advise(&facts(5, 251)), None, "one in fifty is where it begins");
        let tries = RetryFacts { max_retries: Some(1), ..facts(5, 100) };
        assert_eq!(advise(&tries), None);
        assert_eq!(
            advise(&RetryFacts { max_retries: None, ..facts(5, 100) }),
            None,
            "the usual is to try again"
        );
    }

    #[test]
    fn a_group_that_allows_a_single_call_is_allowed_more() {
        let one_call = RetryFacts { max_attempts: Some(1), ..facts(5, 100) };
        let change = advise(&one_call).unwrap().shown.change;
        assert_eq!((change.len(), change[1].after.text.as_str()), (2, "3"));
    }

    #[test]
    fn where_second_tries_fail_they_are_not_recommended() {
        let tries = |answered| RetryFacts { elsewhere: Tries { made: 20, answered }, ..facts(9, 100) };
        assert_eq!(advise(&tries(9)), None);
        let effect = advise(&tries(15)).unwrap().shown.effect;
        assert!(effect.text.ends_with("about 6 of 9."), "{}", effect.text);
        assert!(advise(&tries(15)).unwrap().shown.evidence[1].text.contains("15 of 20"));
    }
}
