//! Timeouts that cut answers which usually come close to them, and such that let calls hang long after anybody would answer.

use super::super::facts::Times;
use super::super::sayings::{duration, said};
use super::super::step::{GroupEdit, GroupField, Step, Timer};
use super::{Advice, Says};
use crate::statistics::spread::spread;
use crate::view::{Priority, RecommendationKind, Said, Spread};

/// Fewer calls than these that were given up are bad luck.
const FEWEST_GIVEN_UP: u64 = 5;

/// Fewer answers say nothing of how long they usually take.
const FEWEST_ANSWERS: u64 = 20;

/// A limit is too long that is so many times what 99 of 100 answers take.
const FAR_TOO_LONG: u64 = 4;

/// No limit is lowered below this: a model that thinks longer once is not to be cut for it.
const LEAST_MS: u64 = 30_000;

/// No limit is raised beyond an hour.
const MOST_MS: u64 = 3_600_000;

/// Where a limit stands.
#[derive(Clone, Debug)]
pub(in super::super) enum Place {
    /// The `timeout` of a rung.
    Rung { group: String, file: String, echelon: u32 },
    /// A timer of a provider; `set_ms`: what is set there now, if anything is.
    Provider { provider: String, timer: Timer, set_ms: Option<u64>, name: String },
}

/// A limit, and what was seen under it.
#[derive(Clone, Debug)]
pub(in super::super) struct TimeoutFacts {
    pub(in super::super) place: Place,
    /// What is in force.
    pub(in super::super) limit_ms: u64,
    pub(in super::super) times: Times,
}

/// What was seen, in numbers.
struct Seen {
    given_up: u64,
    answered: u64,
    usual: Spread,
}

/// More time, or less.
pub(in super::super) fn advise(facts: &TimeoutFacts) -> Option<Advice> {
    let limit = facts.limit_ms;
    // Timers are a little late, never early; the connection's time is a part of it.
    let at_limit = |ms: &&u64| **ms >= limit - limit / 20 && **ms <= limit.saturating_add(limit / 10 + 2_000);
    let given_up = u64::try_from(facts.times.given_up.iter().filter(at_limit).count()).ok()?;
    let answered = u64::try_from(facts.times.answered.len()).ok()?;
    if given_up < FEWEST_GIVEN_UP || answered < FEWEST_ANSWERS {
        return None;
    }
    let seen = Seen { given_up, answered, usual: spread(facts.times.answered.clone())? };
    let comes_close = seen.usual.p95_ms >= limit / 2;
    let is_far = seen.usual.p99_ms.saturating_mul(FAR_TOO_LONG) <= limit;
    // One in fifty: below that a few hanging calls are no reason to give all of them more time.
    if comes_close && given_up * 50 >= given_up + answered {
        let after = rounded_up(limit.saturating_mul(2).max(seen.usual.p99_ms.saturating_mul(2)));
        return (after <= MOST_MS && limit < after).then(|| raise(facts, &seen, after));
    }
    let after = rounded_up(seen.usual.p99_ms.saturating_mul(3)).max(LEAST_MS);
    (is_far && after < limit && can_be_lowered(facts)).then(|| lower(facts, &seen, after))
}

/// The whole of a call is not lowered for a provider: its other timers end a call that hangs before that.
fn can_be_lowered(facts: &TimeoutFacts) -> bool {
    !matches!(facts.place, Place::Provider { timer: Timer::Total, .. })
}

/// To seconds people would write: fives below a minute, halves of a minute below ten, minutes above.
fn rounded_up(ms: u64) -> u64 {
    let step = match ms {
        0..=60_000 => 5_000,
        60_001..=600_000 => 30_000,
        _ => 60_000,
    };
    ms.div_ceil(step) * step
}

fn raise(facts: &TimeoutFacts, seen: &Seen, after: u64) -> Advice {
    let (subject, before) = (subject(&facts.place), facts.limit_ms);
    let (cut, calls) = (seen.given_up.to_string(), (seen.given_up + seen.answered).to_string());
    let code = if is_first(&facts.place) { "advice_timeout_raise_first" } else { "advice_timeout_raise" };
    let whole = if is_first(&facts.place) { "for its first word " } else { "" };
    let title = format!("Give {subject} {} {whole}before it is given up", duration(after));
    let p95 = seen.usual.p95_ms;
    let evidence = vec![
        said(
            "advice_timeout_cut",
            &[("cut", &cut), ("calls", &calls), ("limit_ms", &before.to_string())],
            format!("{cut} of {calls} calls were given up after {}.", duration(before)),
        ),
        said(
            "advice_timeout_close",
            &[("p95_ms", &p95.to_string()), ("answered", &seen.answered.to_string())],
            format!(
                "Answers often come close to that: of {} one in twenty took {} or longer.",
                seen.answered,
                duration(p95)
            ),
        ),
    ];
    let effect =
        format!("Answers that take longer than {} have until {} to come.", duration(before), duration(after));
    let effect = said(
        "advice_timeout_raise_effect",
        &[("before_ms", &before.to_string()), ("after_ms", &after.to_string())],
        effect,
    );
    build(
        facts,
        Priority::High,
        said(code, &[("subject", &subject), ("after_ms", &after.to_string())], title),
        evidence,
        effect,
        after,
    )
}

fn lower(facts: &TimeoutFacts, seen: &Seen, after: u64) -> Advice {
    let (subject, before) = (subject(&facts.place), facts.limit_ms);
    let (cut, calls) = (seen.given_up.to_string(), (seen.given_up + seen.answered).to_string());
    let code = if is_first(&facts.place) { "advice_timeout_lower_first" } else { "advice_timeout_lower" };
    let whole = if is_first(&facts.place) { "if its first word has not come " } else { "" };
    let title = format!("Give up on {subject} {whole}after {}", duration(after));
    let p99 = seen.usual.p99_ms;
    let evidence = vec![
        said(
            "advice_timeout_hung",
            &[("cut", &cut), ("calls", &calls), ("limit_ms", &before.to_string())],
            format!("{cut} of {calls} calls hung until {} were over.", duration(before)),
        ),
        said(
            "advice_timeout_usual",
            &[("p99_ms", &p99.to_string()), ("answered", &seen.answered.to_string())],
            format!("Of {} that came, 99 of 100 took {} or less.", seen.answered, duration(p99)),
        ),
    ];
    let spared = (before - after).saturating_mul(seen.given_up);
    let effect = format!(
        "The next one is asked after {} instead of {}. That would have spared {} of waiting.",
        duration(after),
        duration(before),
        duration(spared)
    );
    let effect = said(
        "advice_timeout_lower_effect",
        &[
            ("before_ms", &before.to_string()),
            ("after_ms", &after.to_string()),
            ("spared_ms", &spared.to_string()),
        ],
        effect,
    );
    build(
        facts,
        Priority::Medium,
        said(code, &[("subject", &subject), ("after_ms", &after.to_string())], title),
        evidence,
        effect,
        after,
    )
}

fn build(
    facts: &TimeoutFacts,
    priority: Priority,
    title: Said,
    evidence: Vec<Said>,
    effect: Said,
    after: u64,
) -> Advice {
    let (about, subject, step) = match &facts.place {
        Place::Rung { group, file, echelon } => {
            let edit = GroupEdit {
                field: GroupField::Timeout { echelon: *echelon },
                before: Some(facts.limit_ms),
                after: Some(after),
            };
            let step = Step::Group { group: group.clone(), file: file.clone(), edits: vec![edit] };
            let name = format!("{group}.echelon{echelon}");
            (name.clone(), name, step)
        }
        Place::Provider { provider, timer, set_ms, .. } => {
            let step = Step::Provider {
                provider: provider.clone(),
                timer: *timer,
                before_ms: *set_ms,
                after_ms: after,
                usual_ms: set_ms.is_none().then_some(facts.limit_ms),
            };
            (format!("{provider}:{}", timer.name()), provider.clone(), step)
        }
    };
    let kind = RecommendationKind::AdjustTimeout;
    Says { kind, about, subject, priority, title, evidence, effect, saves: None }.with(Some(step), true)
}

fn subject(place: &Place) -> String {
    match place {
        Place::Rung { group, echelon, .. } => format!("{group}.echelon{echelon}"),
        Place::Provider { name, .. } => name.clone(),
    }
}

fn is_first(place: &Place) -> bool {
    matches!(place, Place::Provider { timer: Timer::FirstDelta, .. })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Answers that took so long, and calls that were given up.
    fn rung(limit_ms: u64, answered: &[(u64, usize)], given_up: &[u64]) -> TimeoutFacts {
        let answered = answered.iter().flat_map(|&(ms, times)| std::iter::repeat_n(ms, times)).collect();
        TimeoutFacts {
            place: Place::Rung { group: "coding".into(), file: "groups/coding.yaml".into(), echelon: 1 },
            limit_ms,
            times: Times { answered, given_up: given_up.to_vec() },
        }
    }

    fn first_word(limit_ms: u64, answered: &[(u64, usize)], given_up: &[u64]) -> TimeoutFacts {
        let place = Place::Provider {
            provider: "openai".into(),
            timer: Timer::FirstDelta,
            set_ms: None,
            name: "OpenAI".into(),
        };
        TimeoutFacts { place, ..rung(limit_ms, answered, given_up) }
    }

    fn after(facts: &TimeoutFacts) -> Option<String> {
        advise(facts).map(|advice| advice.shown.change[0].after.text.clone())
    }

    #[test]
    fn a_limit_that_cuts_what_usually_comes_close_to_it_is_raised() {
        let close: &[(u64, usize)] = &[(12_000, 30), (19_000, 10)];
        assert_eq!(after(&rung(20_000, close, &[20_010; 5])).as_deref(), Some("40 s"));
        assert_eq!(after(&rung(20_000, close, &[20_010; 4])), None, "four may be bad luck");
        assert_eq!(after(&rung(20_000, &[(19_000, 19)], &[20_010; 5])), None, "too few answers");
        assert_eq!(after(&rung(20_000, close, &[5_000; 9])), None, "another timer gave these up");
        assert_eq!(
            after(&rung(20_000, &[(12_000, 900), (19_000, 60)], &[20_010; 5])),
            None,
            "one in two hundred"
        );
        assert_eq!(
            after(&rung(3_000_000, &[(2_900_000, 40)], &[3_000_000; 5])),
            None,
            "nobody waits for two hours"
        );
    }

    #[test]
    fn a_limit_far_above_what_answers_take_is_lowered() {
        let quick: &[(u64, usize)] = &[(3_000, 50), (8_000, 2)];
        assert_eq!(
            after(&rung(600_000, quick, &[600_100; 6])).as_deref(),
            Some("30 s"),
            "never below half a minute"
        );
        assert_eq!(after(&rung(600_000, &[(40_000, 60)], &[600_100; 6])).as_deref(), Some("2 min"));
        assert_eq!(after(&rung(600_000, quick, &[])), None, "nothing hangs");
        assert_eq!(after(&rung(60_000, &[(20_000, 60)], &[60_100; 6])), None, "it is not far above");
        let provider = first_word(120_000, quick, &[120_050; 6]);
        let told = advise(&provider).unwrap();
        assert_eq!(told.shown.id, "adjust_timeout:openai:first_delta_ms");
        assert_eq!(told.shown.change[0].before.text, "not set (2 min)");
        assert!(told.shown.title.text.contains("its first word"), "{}", told.shown.title.text);
        assert!(told.shown.effect.text.contains("spared 9 min of waiting"), "{}", told.shown.effect.text);
    }

    #[test]
    fn the_whole_of_a_providers_calls_is_never_shortened() {
        let place = Place::Provider {
            provider: "openai".into(),
            timer: Timer::Total,
            set_ms: Some(600_000),
            name: "OpenAI".into(),
        };
        let facts = TimeoutFacts { place, ..rung(600_000, &[(3_000, 60)], &[600_100; 6]) };
        assert_eq!(advise(&facts), None);
    }
}
