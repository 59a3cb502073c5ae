//! In which order candidates are asked, how a request over them is tried, and what is said where nobody is left.

use roundtable_domain::{ErrorCategory, ProviderError};
use roundtable_router::attempt::{BudgetLimits, PlanSettings, PoolUse};
use roundtable_router::choose::Reason;
use roundtable_router::route::Expansion;
use roundtable_router::trace::RouteTrace;

use crate::routing::possible::{Possible, pool_settings};
use crate::turn::Refused;

/// Calls for one request over a route whose group does not say.
const USUAL_ATTEMPTS: u32 = 6;

/// How often the same model of a route is tried again, where its rung does not say: somebody else can be asked instead.
const USUAL_RETRIES: u32 = 1;

/// The order in which they are asked: the ranked, then those who only cannot be asked at this moment. When everybody is too
/// small for the history, the largest are asked with a shorter one.
pub(super) fn order(trace: &RouteTrace, possibles: &[Possible]) -> Vec<usize> {
    let mut order: Vec<usize> = trace.choice.order().collect();
    let later = trace.choice.excluded.iter().filter(|excluded| match excluded.reason {
        Reason::BreakerOpen { .. } | Reason::WaitTooLong { .. } => true,
        Reason::NoKey | Reason::QuotaExceeded => {
            possibles.get(excluded.candidate).is_some_and(Possible::has_keys)
        }
        _ => false,
    });
    order.extend(later.map(|excluded| excluded.candidate));
    if order.is_empty() {
        let mut small: Vec<(u64, usize)> = trace
            .choice
            .excluded
            .iter()
            .filter_map(|excluded| match excluded.reason {
                Reason::ContextTooSmall { window, .. } => Some((window, excluded.candidate)),
                _ => None,
            })
            .collect();
        small.sort_by_key(|(window, _)| std::cmp::Reverse(*window));
        order.extend(small.into_iter().map(|(_, candidate)| candidate));
    }
    order
}

/// How a request over a route is tried.
pub(super) fn settings(expansion: &Expansion) -> PlanSettings {
    let usual = PlanSettings::default();
    let group = expansion.group.clone().unwrap_or_default();
    let mut backoff = usual.backoff;
    backoff.base_ms = group.retry_delay_ms.unwrap_or(backoff.base_ms);
    backoff.cap_ms = backoff.cap_ms.max(backoff.base_ms);
    PlanSettings {
        budget: BudgetLimits { max_attempts: group.max_attempts.unwrap_or(USUAL_ATTEMPTS), ..usual.budget },
        backoff,
        max_retries: USUAL_RETRIES,
        strategy: group.strategy,
        pool: expansion.pool.as_ref().map(|pool| {
            let settings = pool_settings(pool);
            PoolUse {
                name: pool.name.clone(),
                fallback: settings.fallback,
                max_instance_attempts: settings.max_instance_attempts,
            }
        }),
        after_commit: group.after_commit,
        last_resort: group.last_resort,
        ..usual
    }
}

/// Nobody can answer: who was looked at, and why not.
pub(super) fn nobody(trace: &RouteTrace) -> Refused {
    let explanation = trace.explain();
    let all = |is: fn(&Reason) -> bool| trace.choice.excluded.iter().all(|excluded| is(&excluded.reason));
    let category = if all(|reason| matches!(reason, Reason::NoKey | Reason::NotSetUp)) {
        ErrorCategory::Authentication
    } else if all(|reason| matches!(reason, Reason::ContextTooSmall { .. })) {
        ErrorCategory::ContextLength
    } else {
        ErrorCategory::InvalidRequest
    };
    let mut sentences = vec![explanation.chosen.text];
    sentences.extend(explanation.excluded);
    let error = ProviderError::local(category, "roundtable", sentences.join(" "));
    Refused { provider: None, model: None, error }
}
