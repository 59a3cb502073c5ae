//! What the guards are told of a provider before a plan asks them for a call, and what its replies teach them.

use roundtable_domain::{ModelRef, ProviderError};
use roundtable_providers::{RateLimits, RateWindow};
use roundtable_router::Limits;
use roundtable_router::attempt::Scope;

use crate::directory::Setup;
use crate::engine::Engine;

/// What a header says of an empty window is believed for so long; then one call finds out.
const LONGEST_CLOSING_MS: u64 = 15 * 60_000;

impl Setup {
    /// How many calls its host works on at once; `None` where that is its own business.
    pub(crate) fn calls_at_once(&self) -> Option<u32> {
        self.calls_at_once.or(self.dialect.calls_at_once)
    }
}

impl Engine {
    /// Lets calls to a host with few places queue for them: a model server of the user's own, or a host somebody has limited.
    /// Told before a plan asks for a call there, and when the setting changes.
    pub(crate) fn limit_host(&self, setup: &Setup) {
        let scope = Scope::Host { origin: setup.origin().as_str().to_owned() };
        let limits = Limits { concurrency: setup.calls_at_once().map(u64::from), ..Limits::default() };
        self.inner.router.with(|guards, _| {
            if guards.limits(&scope).unwrap_or_default() != limits {
                guards.set_limits(scope, limits);
            }
        });
    }

    /// Takes over what the head of a reply said about limits: of this model, paid with this key. No await, and the lock only
    /// when something was said.
    pub(crate) fn learn_limits(&self, limits: &RateLimits, model: &ModelRef, key: Option<&str>) {
        self.learn(lesson(limits), model, key);
    }

    /// The same of a refusal. Where the provider itself said when to come again, that is when: its windows fill up bit by bit, and
    /// what their headers say is when they are full.
    pub(crate) fn learn_limits_of_refusal(
        &self,
        limits: &RateLimits,
        error: &ProviderError,
        model: &ModelRef,
        key: Option<&str>,
    ) {
        let (learnt, empty_ms) = lesson(limits);
        self.learn((learnt, empty_ms.filter(|_| error.retry_after_ms.is_none())), model, key);
    }

    fn learn(&self, (learnt, empty_ms): (Limits, Option<u64>), model: &ModelRef, key: Option<&str>) {
        if learnt == Limits::default() && empty_ms.is_none() {
            return;
        }
        let scope = Scope::AccountModel { model: model.clone(), key: key.map(str::to_owned) };
        self.inner.router.with(|guards, now_ms| {
            if learnt != Limits::default() {
                guards.learn_limits(scope.clone(), learnt);
            }
            if let Some(empty_ms) = empty_ms {
                guards.exhausted(scope, empty_ms.min(LONGEST_CLOSING_MS), now_ms);
            }
        });
    }
}

/// What is to be learnt: limits that hold in every minute, and for how long nothing is left, in milliseconds.
///
/// A day's limit is a minute's as well, if a lenient one. Where prompts and answers are counted apart, tokens are not learnt:
/// there, prompts that a cache knows are not counted at all, and holding them back would be wrong.
fn lesson(limits: &RateLimits) -> (Limits, Option<u64>) {
    let apart = limits.input_tokens.or(limits.output_tokens).is_some();
    let tokens = limits.tokens.filter(|_| !apart);
    let learnt = Limits {
        requests: limits.requests.as_ref().and_then(RateWindow::per_minute),
        tokens: tokens.as_ref().and_then(RateWindow::per_minute),
        concurrency: None,
    };
    // One token would not help: a tenth of them is a start.
    let start = |window: &RateWindow| window.empty_for_ms(window.limit.unwrap_or(0) / 10);
    let of_tokens = [limits.tokens, limits.input_tokens, limits.output_tokens];
    let of_requests = limits.requests.and_then(|window| window.empty_for_ms(1));
    let empty_ms = of_tokens.iter().flatten().filter_map(start).chain(of_requests).max();
    (learnt, empty_ms)
}

#[cfg(test)]
mod tests {
    use roundtable_providers::Span;

    use super::*;

    fn window(limit: u64, remaining: u64, reset_ms: u64, span: Span) -> RateWindow {
        RateWindow { limit: Some(limit), remaining: Some(remaining), reset_ms: Some(reset_ms), span }
    }

    fn minute(requests: Option<u64>, tokens: Option<u64>) -> Limits {
        Limits { requests, tokens, concurrency: None }
    }

    #[test]
    fn each_family_of_headers_teaches_what_it_is_known_to_mean() {
        let openai = RateLimits {
            requests: Some(window(500, 499, 120, Span::Bucket)),
            tokens: Some(window(30_000, 0, 60_000, Span::Bucket)),
            ..RateLimits::default()
        };
        assert_eq!(lesson(&openai), (minute(Some(500), Some(30_000)), Some(6_000)));

        let anthropic = RateLimits {
            requests: Some(window(50, 49, 20_000, Span::Bucket)),
            tokens: Some(window(58_000, 10, 60_000, Span::Bucket)),
            input_tokens: Some(window(50_000, 10, 60_000, Span::Bucket)),
            output_tokens: Some(window(8_000, 0, 60_000, Span::Bucket)),
        };
        let learnt = (minute(Some(50), None), Some(6_000));
        assert_eq!(lesson(&anthropic), learnt, "what a cache knows is not counted there, and would be here");

        let per_second =
            RateLimits { requests: Some(window(10, 0, 1_000, Span::Unknown)), ..RateLimits::default() };
        assert_eq!(
            lesson(&per_second),
            (minute(None, None), Some(1_000)),
            "ten a second are not ten a minute"
        );

        assert_eq!(lesson(&RateLimits::default()), (Limits::default(), None));
    }
}
