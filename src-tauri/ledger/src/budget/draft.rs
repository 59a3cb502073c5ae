//! What is wrong with a budget that somebody has written.

use roundtable_domain::PicoUsd;
use roundtable_domain::budget::{OnLimit, Period, Scope};

/// The most characters of a name.
const LONGEST_NAME: usize = 80;
/// The highest step of an alert, in per cent.
const HIGHEST_STEP: u16 = 1000;
/// The step of the limit itself.
const FULL: u16 = 100;
/// The most steps.
const MOST_STEPS: usize = 20;

/// Why a budget cannot be kept as it was written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BudgetDraftError {
    /// The name is too long or holds what cannot be shown on one line.
    #[error("a budget's name is one line of at most {LONGEST_NAME} characters")]
    Name,
    /// The limit is no amount to spend.
    #[error("a budget's limit is more than zero dollars")]
    Limit,
    /// A step is out of range, or comes twice or too early.
    #[error(
        "alert steps are per cent of the limit, from 1 to {HIGHEST_STEP}, each higher than the one before, at most {MOST_STEPS}"
    )]
    Steps,
    /// A rolling period without days, or with too many.
    #[error("a rolling period has from 1 to {} days", Period::MOST_DAYS)]
    Days,
}

/// A name without spaces around it; `None` when nothing is left, for [`default_name`] to fill in.
pub fn check_name(name: &str) -> Result<Option<String>, BudgetDraftError> {
    let name = name.trim();
    if name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control) {
        return Err(BudgetDraftError::Name);
    }
    Ok((!name.is_empty()).then(|| name.to_owned()))
}

/// A limit has to leave something to spend.
pub fn check_limit(limit: PicoUsd) -> Result<PicoUsd, BudgetDraftError> {
    if limit > PicoUsd::ZERO { Ok(limit) } else { Err(BudgetDraftError::Limit) }
}

/// A rolling period has days, and not too many.
pub fn check_period(period: Period) -> Result<Period, BudgetDraftError> {
    match period {
        Period::Rolling { days } if !(1..=Period::MOST_DAYS).contains(&days) => Err(BudgetDraftError::Days),
        _ => Ok(period),
    }
}

/// Steps are ascending, so that each is reached after the one before.
pub fn check_steps(steps: &[u16]) -> Result<(), BudgetDraftError> {
    let in_range = steps.iter().all(|step| (1..=HIGHEST_STEP).contains(step));
    let ascending = steps.windows(2).all(|pair| matches!(pair, [low, high] if low < high));
    if in_range && ascending && steps.len() <= MOST_STEPS { Ok(()) } else { Err(BudgetDraftError::Steps) }
}

/// The steps a budget is kept with: one that only warns has nothing but its alerts, so the limit itself is always among them.
pub fn steps_of(on_limit: OnLimit, mut steps: Vec<u16>) -> Vec<u16> {
    if on_limit == OnLimit::Warn && !steps.contains(&FULL) {
        let place = steps.iter().position(|step| *step > FULL).unwrap_or(steps.len());
        steps.insert(place, FULL);
    }
    steps
}

/// What a budget without a name is called: `openai per month`, `everything in 30 days`. `label`: what people call the thing it
/// counts, where it has a name.
pub fn default_name(scope: &Scope, label: Option<&str>, period: Period) -> String {
    let what = label.map_or_else(|| scope.name().unwrap_or_else(|| scope.kind().to_owned()), str::to_owned);
    let time = match period {
        Period::Day => "per day".to_owned(),
        Period::Week => "per week".to_owned(),
        Period::Month => "per month".to_owned(),
        Period::Rolling { days } => format!("in {days} days"),
        Period::Total => "in all".to_owned(),
    };
    let what: String = what.chars().take(LONGEST_NAME - time.len() - 1).collect();
    format!("{what} {time}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_line_that_fits() {
        assert_eq!(check_name("  lunch money "), Ok(Some("lunch money".to_owned())));
        assert_eq!(check_name("  "), Ok(None));
        assert_eq!(
            check_name(&"ü".repeat(80)).map(|name| name.map(|name| name.chars().count())),
            Ok(Some(80))
        );
        assert_eq!(check_name(&"ü".repeat(81)), Err(BudgetDraftError::Name));
        assert_eq!(check_name("two\nlines"), Err(BudgetDraftError::Name));
    }

    #[test]
    fn steps_go_up_and_a_limit_is_something() {
        assert_eq!(check_steps(&[50, 80, 100]), Ok(()));
        assert_eq!(check_steps(&[]), Ok(()));
        for wrong in [&[0][..], &[1001], &[80, 50], &[50, 50]] {
            assert_eq!(check_steps(wrong), Err(BudgetDraftError::Steps), "{wrong:?}");
        }
        assert_eq!(check_steps(&(1..=21).collect::<Vec<_>>()), Err(BudgetDraftError::Steps));
        assert_eq!(check_limit(PicoUsd::from_pico(1)), Ok(PicoUsd::from_pico(1)));
        assert_eq!(check_limit(PicoUsd::ZERO), Err(BudgetDraftError::Limit));
        assert_eq!(check_period(Period::Rolling { days: 0 }), Err(BudgetDraftError::Days));
        assert_eq!(check_period(Period::Rolling { days: 367 }), Err(BudgetDraftError::Days));
        assert_eq!(check_period(Period::Rolling { days: 366 }), Ok(Period::Rolling { days: 366 }));
    }

    #[test]
    fn a_budget_without_a_name_says_what_it_counts() {
        assert_eq!(default_name(&Scope::Everything, None, Period::Month), "everything per month");
        let provider = Scope::Provider("openai".to_owned());
        assert_eq!(default_name(&provider, Some("OpenAI"), Period::Rolling { days: 7 }), "OpenAI in 7 days");
        let long = Scope::Tag("x".repeat(300));
        assert!(check_name(&default_name(&long, None, Period::Day)).is_ok());
    }
}
