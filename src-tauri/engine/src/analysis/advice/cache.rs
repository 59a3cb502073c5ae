//! Requests that are sent again and paid again.

use super::super::facts::Repeats;
use super::super::sayings::said;
use super::super::step::Step;
use super::{Advice, Says, dollars, priority_of};
use crate::view::{RecommendationKind, Said};

/// Fewer repeats are chance: five of requests meant to give the same each time, twenty of others, for then answers stop varying.
const FEWEST_REPEATABLE: u64 = 5;
const FEWEST_VARYING: u64 = 20;

/// What is known of repeats, and of how answers are kept now.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct CacheFacts<'a> {
    /// `off`, `deterministic`, `always`.
    pub(in super::super) mode: &'a str,
    pub(in super::super) ttl_hours: u32,
    pub(in super::super) repeatable: Repeats,
    pub(in super::super) varying: Repeats,
    /// Of the repeats of each, in 30 days, in pico-dollars.
    pub(in super::super) saves_repeatable: i128,
    pub(in super::super) saves_varying: i128,
}

/// Keep answers of requests that are sent again. First those that lose nothing by it; where answers vary, giving the same one again
/// changes what people see, and is never done without asking.
pub(in super::super) fn advise(facts: &CacheFacts<'_>) -> Option<Advice> {
    if facts.mode == "off" && facts.repeatable.again >= FEWEST_REPEATABLE {
        return Some(keep(facts, "deterministic", facts.repeatable, facts.saves_repeatable));
    }
    (facts.mode != "always" && facts.varying.again >= FEWEST_VARYING && facts.varying.cost > 0)
        .then(|| keep(facts, "always", facts.varying, facts.saves_varying))
}

fn keep(facts: &CacheFacts<'_>, mode: &str, seen: Repeats, saves: i128) -> Advice {
    let hours = facts.ttl_hours.to_string();
    let (repeats, requests) = (seen.again.to_string(), seen.requests.to_string());
    let always = mode == "always";
    let title = if always {
        said("advice_cache_always", &[], "Keep answers to requests that are sent again and again")
    } else {
        said(
            "advice_cache_deterministic",
            &[],
            "Keep answers to requests that are meant to give the same each time",
        )
    };
    let mut evidence = vec![said(
        "advice_cache_repeats",
        &[("repeats", &repeats), ("requests", &requests), ("ttl_hours", &hours)],
        format!("{repeats} of {requests} requests were sent again word for word within {hours} hours."),
    )];
    evidence.extend(cost_of(seen));
    let effect = if always {
        said(
            "advice_cache_always_effect",
            &[("ttl_hours", &hours)],
            format!(
                "For {hours} hours the same question gets the same answer again, for nothing, also where it would have varied."
            ),
        )
    } else {
        said(
            "advice_cache_deterministic_effect",
            &[("ttl_hours", &hours)],
            format!(
                "For {hours} hours such a request gets the answer it got before, at once and for nothing."
            ),
        )
    };
    let step = Step::ResponseCache {
        before: facts.mode.to_owned(),
        after: mode.to_owned(),
        ttl_hours: facts.ttl_hours,
    };
    Says {
        kind: RecommendationKind::TurnOnCache,
        about: mode.to_owned(),
        subject: String::new(),
        priority: priority_of(saves),
        title,
        evidence,
        effect,
        saves: (seen.cost > 0).then_some(saves),
    }
    .with(Some(step), !always)
}

/// Where of none the cost is known, or they were free, there is nothing to say of it.
fn cost_of(seen: Repeats) -> Option<Said> {
    let usd = dollars(seen.cost).filter(|_| seen.cost > 0)?;
    let priced = seen.priced.to_string();
    let text = format!("The {priced} of them whose cost is known came to ${usd}.");
    Some(said("advice_cache_cost", &[("priced", &priced), ("usd", &usd)], text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::Priority;

    fn facts(mode: &str, repeatable: u64, varying: u64) -> CacheFacts<'_> {
        let repeats =
            |again| Repeats { requests: 100, again, priced: again, cost: i128::from(again) * 10_000_000_000 };
        CacheFacts {
            mode,
            ttl_hours: 24,
            repeatable: repeats(repeatable),
            varying: repeats(varying),
            saves_repeatable: 2_000_000_000_000,
            saves_varying: 30_000_000_000_000,
        }
    }

    #[test]
    fn who_repeats_himself_is_told_to_keep_answers() {
        let told =
            |mode, repeatable, varying| advise(&facts(mode, repeatable, varying)).map(|told| told.shown.id);
        assert_eq!(told("off", 4, 19), None, "too few to say");
        assert_eq!(
            told("off", 5, 50).as_deref(),
            Some("turn_on_cache:deterministic"),
            "what loses nothing goes first"
        );
        assert_eq!(told("deterministic", 50, 19), None, "they are kept already");
        assert_eq!(told("deterministic", 50, 20).as_deref(), Some("turn_on_cache:always"));
        assert_eq!(told("always", 50, 50), None);
    }

    #[test]
    fn the_saving_is_what_the_repeats_cost() {
        let told = advise(&facts("off", 12, 0)).unwrap();
        assert_eq!((told.shown.saves_usd.as_deref(), told.shown.priority), (Some("2"), Priority::Medium));
        assert!(
            told.shown.evidence[0].text.contains("12 of 100")
                && told.shown.evidence[1].text.contains("$0.12")
        );
        assert!(told.is_safe);
        assert!(
            !advise(&facts("deterministic", 0, 40)).unwrap().is_safe,
            "answers that stop varying are noticed"
        );
    }

    #[test]
    fn repeats_at_an_unknown_cost_are_not_said_to_cost_nothing() {
        let unpriced = Repeats { requests: 100, again: 12, ..Repeats::default() };
        let told =
            advise(&CacheFacts { repeatable: unpriced, saves_repeatable: 0, ..facts("off", 12, 0) }).unwrap();
        assert_eq!((told.shown.saves_usd, told.shown.evidence.len()), (None, 1));
    }
}
