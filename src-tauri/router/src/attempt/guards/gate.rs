//! One limit and the requests that wait for a place under it.

use super::super::candidate::{Refusal, Scope};
use super::super::queue::{FairQueue, predict_start_ms};
use crate::limits::{Allowance, Full, Limiter, Limits, Ticket};

/// The number of a request that no request has.
const NEWCOMER: u64 = 0;

/// One limit, its queue, and how long calls take.
#[derive(Clone, Debug)]
pub(super) struct Gate {
    limits: Limits,
    /// From a provider's headers: how it counts a call before it was made is not known.
    is_learnt: bool,
    /// Learnt in another life of the program, and believed until then, in milliseconds of the clock.
    believed_until_ms: Option<u64>,
    limiter: Limiter,
    queue: FairQueue,
    /// How long a call took of late, in milliseconds; 0 before the first has ended.
    typical_ms: u64,
}

impl Default for Gate {
    fn default() -> Self {
        let limits = Limits::default();
        Self {
            limits,
            is_learnt: false,
            believed_until_ms: None,
            limiter: Limiter::new(limits),
            queue: FairQueue::default(),
            typical_ms: 0,
        }
    }
}

/// Why there is no place.
pub(super) enum NoPlace {
    Until(Option<u64>),
    TooLarge(u64),
}

impl NoPlace {
    pub(super) fn at(self, scope: &Scope) -> Refusal {
        let about = scope.clone();
        match self {
            Self::Until(until_ms) => Refusal::Limited { about, until_ms },
            Self::TooLarge(limit) => Refusal::TooLarge { about, limit },
        }
    }
}

impl Gate {
    pub(super) fn set_limits(&mut self, limits: Limits) {
        self.is_learnt = false;
        self.believed_until_ms = None;
        if limits != self.limits {
            self.limits = limits;
            self.limiter.set_limits(limits);
        }
    }

    /// Limits that somebody has set go before learnt ones; a limit that is not spoken of stays as it was learnt.
    pub(super) fn learn_limits(&mut self, learnt: Limits) {
        if !self.is_learnt && self.limits != Limits::default() {
            return;
        }
        self.set_limits(Limits {
            requests: learnt.requests.or(self.limits.requests),
            tokens: learnt.tokens.or(self.limits.tokens),
            concurrency: learnt.concurrency.or(self.limits.concurrency),
        });
        self.is_learnt = true;
    }

    pub(super) fn limits(&self) -> Limits {
        self.limits
    }

    /// What was learnt, and until when it is believed where that was not in this life of the program.
    pub(super) fn learnt(&self) -> Option<(Limits, Option<u64>)> {
        self.is_learnt.then_some((self.limits, self.believed_until_ms))
    }

    /// Takes over what [`Self::learnt`] said. What was learnt or set since goes before it.
    pub(super) fn believe(&mut self, learnt: Limits, until_ms: u64) {
        if self.limits == Limits::default() {
            self.learn_limits(learnt);
            self.believed_until_ms = Some(until_ms);
        }
    }

    pub(super) fn closed_until_ms(&self, now_ms: u64) -> Option<u64> {
        self.limiter.closed_until_ms(now_ms)
    }

    /// What a call of about so many tokens counts for. What is set aside is the longest answer; a provider may reckon otherwise,
    /// so a learnt limit turns no call away for being too large: that one has the minute to itself.
    fn counted(&self, tokens: u64) -> u64 {
        self.limits.tokens.filter(|_| self.is_learnt).map_or(tokens, |limit| tokens.min(limit))
    }

    pub(super) fn exhausted(&mut self, reset_in_ms: u64, now_ms: u64) {
        self.limiter.exhausted(reset_in_ms, now_ms);
    }

    pub(super) fn allowance(&self, now_ms: u64) -> Allowance {
        self.limiter.allowance(now_ms)
    }

    pub(super) fn waiting(&self) -> usize {
        self.queue.len()
    }

    pub(super) fn head(&mut self, now_ms: u64) -> Option<u64> {
        self.queue.head(now_ms)
    }

    pub(super) fn join(&mut self, id: u64, lane: u64, tokens: u64, expires_ms: u64) {
        let tokens = self.counted(tokens);
        self.queue.join(id, lane, tokens, expires_ms);
    }

    pub(super) fn leave(&mut self, id: u64) {
        self.queue.leave(id);
    }

    /// Whether there is a place and it is this request's turn.
    pub(super) fn check(&mut self, id: u64, tokens: u64, now_ms: u64) -> Result<(), NoPlace> {
        let tokens = self.counted(tokens);
        let full = self.limiter.would_take(tokens, now_ms);
        if let Err(Full::TooLarge { tokens: limit }) = full {
            return Err(NoPlace::TooLarge(limit));
        }
        let is_next = self.queue.head(now_ms).is_none_or(|head| head == id);
        if full.is_ok() && is_next {
            return Ok(());
        }
        // The wait was predicted when it joined; from then on only its turn counts.
        if !is_next && self.queue.has(id) {
            return Err(NoPlace::Until(None));
        }
        let ahead = self.queue.ahead_of(id);
        let knows = full != Err(Full::UntilOneEnds) || self.typical_ms > 0;
        let at_ms = predict_start_ms(&self.limiter, self.limits, &ahead, tokens, self.typical_ms, now_ms);
        Err(NoPlace::Until(at_ms.filter(|at| knows && *at > now_ms)))
    }

    /// How long a newcomer would wait for a place, by prediction, in milliseconds. 0 also where nobody can say: because no call
    /// has ended yet, or because it is larger than the limit, which is told when it is asked for.
    pub(super) fn predicted_wait_ms(&self, tokens: u64, now_ms: u64) -> u64 {
        let tokens = self.counted(tokens);
        if self.queue.is_empty() && self.limiter.would_take(tokens, now_ms).is_ok() {
            return 0;
        }
        // Before a newcomer's turn come all others'.
        let ahead = self.queue.ahead_of(NEWCOMER);
        let at_ms = predict_start_ms(&self.limiter, self.limits, &ahead, tokens, self.typical_ms, now_ms);
        at_ms.map_or(0, |at_ms| at_ms.saturating_sub(now_ms))
    }

    /// When this request's place comes free, where that is certain: it is its turn, and only time stands in its way.
    pub(super) fn opening(&mut self, id: u64, tokens: u64, now_ms: u64) -> Option<u64> {
        match self.limiter.would_take(self.counted(tokens), now_ms) {
            Err(Full::Until(at_ms)) => self.queue.head(now_ms).is_none_or(|head| head == id).then_some(at_ms),
            _ => None,
        }
    }

    pub(super) fn take(&mut self, id: u64, tokens: u64, now_ms: u64) -> Result<Ticket, NoPlace> {
        self.check(id, tokens, now_ms)?;
        let ticket = self.limiter.take(self.counted(tokens), now_ms).map_err(|_| NoPlace::Until(None))?;
        self.queue.served(id);
        Ok(ticket)
    }

    pub(super) fn settle(&mut self, ticket: Ticket, tokens: u64, took_ms: u64) {
        self.limiter.settle(ticket, tokens);
        self.typical_ms = if self.typical_ms == 0 {
            took_ms
        } else {
            self.typical_ms.saturating_mul(3).saturating_add(took_ms) / 4
        };
    }

    pub(super) fn refused(&mut self, ticket: Ticket, retry_after_ms: Option<u64>, now_ms: u64) {
        self.limiter.refused(ticket, retry_after_ms, now_ms);
    }

    pub(super) fn refund(&mut self, ticket: Ticket) {
        self.limiter.refund(ticket);
    }
}
