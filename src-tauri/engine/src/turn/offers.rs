//! What is offered where an answer is not whole, and what is said where there is none.

use roundtable_domain::{ErrorCategory, ProviderError};
use roundtable_router::attempt::{Offer, Refusal, Stop, StopReason};

use super::outcome::Outcome;
use super::ready::name_of;
use super::run::Task;
use crate::view::{OfferView, Resume};

/// So many are offered of each kind: more would be a list to read and not a way to go on.
const MOST_OFFERS: usize = 3;

impl Task {
    /// What is offered about a part of an answer.
    pub(super) fn offers(&self, offer: &Offer) -> Vec<OfferView> {
        let with = |resume, whom: &[usize]| {
            let offers = whom.iter().filter_map(|candidate| self.offer(resume, *candidate));
            offers.take(MOST_OFFERS).collect::<Vec<_>>()
        };
        let mut offers = with(Resume::Continue, &offer.continue_with);
        offers.extend(with(Resume::Regenerate, &offer.regenerate_with));
        offers
    }

    fn offer(&self, resume: Resume, candidate: usize) -> Option<OfferView> {
        // A server that is not set up here cannot be named again.
        let asked = &self.course.route.candidates.get(candidate).filter(|one| !one.asked.unsaved)?.asked;
        let model_name = name_of(asked.setup.facts(&asked.model), &asked.model).to_owned();
        Some(OfferView { resume, target: asked.target(), model_name })
    }

    /// How a run ends for which nobody is left to ask.
    pub(super) fn gave_up(&self, stop: Stop) -> Outcome {
        let offers = stop.try_anyway.and_then(|candidate| self.offer(Resume::TryAnyway, candidate));
        Outcome {
            error: Some(self.most_telling(&stop)),
            last_resort: stop.last_resort.map(|last_resort| last_resort.text),
            offers: offers.into_iter().collect(),
            ..Outcome::default()
        }
    }

    /// The error that says most about why there is no answer: of one model its last; of several the one somebody can do
    /// something about; without a call what kept it from being made.
    fn most_telling(&self, stop: &Stop) -> ProviderError {
        let errors = &self.progress.errors;
        let told = if self.course.route.is_named {
            errors.last()
        } else {
            // Of equals the last.
            errors.iter().max_by_key(|error| weight(error.category))
        };
        let refused = &self.course.refused;
        if let Some((_, over)) =
            refused.iter().find(|(_, one)| one.error.category == ErrorCategory::OverBudget)
        {
            let before = told.map(|error| format!(" Before that: {}", error.message)).unwrap_or_default();
            let message = format!("{}{before}", over.error.message);
            return ProviderError { message, ..over.error.clone() };
        }
        if let Some(error) = told {
            return error.clone();
        }
        if let Some((_, refused)) = self.course.refused.first() {
            return refused.error.clone();
        }
        self.why_nobody(stop)
    }

    /// Why nobody was asked at all.
    fn why_nobody(&self, stop: &Stop) -> ProviderError {
        let Some((candidate, refusal)) = stop.refusals.first() else {
            return ProviderError::local(
                ErrorCategory::Unavailable,
                "roundtable",
                "Nobody could be asked, and nothing was sent.",
            );
        };
        let asked = self.course.route.candidates.get(*candidate).map(|one| &one.asked);
        let name = asked.map_or("It", |asked| name_of(asked.setup.facts(&asked.model), &asked.model));
        let provider = asked.map_or("roundtable", |asked| asked.setup.id.as_str());
        let (category, because) = words_of(refusal);
        let wait_ms = match stop.reason {
            StopReason::WaitTooLong { until_ms } => {
                Some(until_ms.saturating_sub(self.engine.inner.router.now_ms()))
            }
            _ => None,
        };
        let until = wait_ms.map_or_else(String::new, |ms| {
            format!(" It may be asked again in {} seconds.", ms.div_ceil(1_000))
        });
        let message = format!("{name} is not asked now: {because}. Nothing was sent.{until}");
        ProviderError { retry_after_ms: wait_ms, ..ProviderError::local(category, provider, message) }
    }
}

/// How much somebody can do about a failure.
const fn weight(category: ErrorCategory) -> u8 {
    match category {
        ErrorCategory::ContentFilter | ErrorCategory::InvalidRequest | ErrorCategory::ContextLength => 6,
        ErrorCategory::QuotaExceeded | ErrorCategory::Authentication | ErrorCategory::Permission => 5,
        ErrorCategory::ModelNotFound | ErrorCategory::WrongAddress | ErrorCategory::OverBudget => 4,
        ErrorCategory::RateLimited => 3,
        ErrorCategory::Network => 2,
        ErrorCategory::Unavailable | ErrorCategory::Timeout | ErrorCategory::Truncated => 1,
        ErrorCategory::Cancelled => 0,
    }
}

/// A refusal in words, to follow "is not asked now:".
fn words_of(refusal: &Refusal) -> (ErrorCategory, &'static str) {
    match refusal {
        Refusal::BreakerOpen { .. } | Refusal::Probing { .. } => {
            (ErrorCategory::Unavailable, "it kept failing and is left alone for a while")
        }
        Refusal::Closed { .. } => (ErrorCategory::RateLimited, "its provider asked for patience"),
        Refusal::Limited { .. } => (ErrorCategory::RateLimited, "its limits are used up"),
        Refusal::TooLarge { .. } => {
            (ErrorCategory::RateLimited, "the prompt alone is larger than its limit of tokens a minute")
        }
        Refusal::NoKey { .. } => {
            (ErrorCategory::Authentication, "its keys were refused or are used up, and are tried again later")
        }
        Refusal::InstanceOut { .. } | Refusal::InstancesUsed => {
            (ErrorCategory::Unavailable, "the pool has taken it out for a while")
        }
        Refusal::RetriesUsed => (ErrorCategory::Unavailable, "it was tried as often as the route allows"),
        Refusal::RetryStorm => (ErrorCategory::Unavailable, "too many requests are being retried"),
        Refusal::ContextLength { .. } => {
            (ErrorCategory::ContextLength, "the conversation is longer than it can read")
        }
        Refusal::Lacks { .. } => (ErrorCategory::InvalidRequest, "it cannot do what the prompt needs"),
        Refusal::Budget { .. } => (ErrorCategory::Unavailable, "what the request may take is used up"),
        Refusal::Books => (ErrorCategory::OverBudget, "a budget has no room for it"),
    }
}
