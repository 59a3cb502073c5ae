//! Failures that usually pass, on a rung that never tries again.

use super::super::facts::Rung;
use super::super::sayings::said;
use super::super::step::{GroupEdit, GroupField, Step};
use super::{Advice, Says};
use crate::view::{Priority, RecommendationKind};

/// Fewer failures, or of fewer calls, are bad luck.
const FEWEST_FAILURES: u64 = 5;
const FEWEST_CALLS: u64 = 20;

/// One in fifty; above one in ten it is urgent.
const WORTH_A_RETRY: u64 = 50;
const URGENT: u64 = 10;

/// Fewer second tries elsewhere are no evidence of what they do.
const FEWEST_RETRIES: u64 = 10;

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
    /// Second tries anywhere, and how many of them answered.
    pub(in super::super) retries: u64,
    pub(in super::super) retries_answered: u64,
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
    if facts.retries >= FEWEST_RETRIES {
        let (answered, retries) = (facts.retries_answered.to_string(), facts.retries.to_string());
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
        effect: said(
            "advice_retry_effect",
            &[],
            "The same model is asked once more before the next takes over.",
        ),
        saves: None,
    };
    Some(advice.with(Some(step), true))
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
    facts.retries < FEWEST_RETRIES || facts.retries_answered * 2 >= facts.retries
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
            retries: 0,
            retries_answered: 0,
        }
    }

    #[test]
    fn failures_that_pass_are_tried_again_where_nobody_does() {
        let told = advise(&facts(5, 100)).unwrap();
        assert_eq!(
            (told.shown.id.as_str(), told.shown.priority),
            ("enable_retry:coding.echelon1", Priority::Medium)
        );
        assert_eq!(told.shown.change[0].place, "groups/coding.yaml, echelon1, max_retries");
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
        assert_eq!((change.len(), change[1].after.as_deref()), (2, Some("3")));
    }

    #[test]
    fn where_second_tries_fail_they_are_not_recommended() {
        let tries = |retries_answered| RetryFacts { retries: 20, retries_answered, ..facts(9, 100) };
        assert_eq!(advise(&tries(9)), None);
        assert!(advise(&tries(15)).unwrap().shown.evidence[1].text.contains("15 of 20"));
    }
}
