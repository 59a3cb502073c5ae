//! Limits of an account or a model: requests and tokens a minute, and calls at once, taken together or not at all.
//!
//! Both minute limits hold in *every* sliding window, not on average: each call keeps its place until a minute after it
//! was let through. Tokens are reserved by estimate and settled to what was used, so a generous estimate does not lock the
//! account up. After a 429 the working limits shrink by half and grow back slowly (AIMD): what a provider enforces is often
//! less than what it publishes. Times are milliseconds of one monotonic clock, passed in.

use std::collections::VecDeque;

/// The window minute limits count in, in milliseconds.
const MINUTE_MS: u64 = 60_000;

/// One in a thousand: how the working share of a limit is kept, without floating point.
const WHOLE: u64 = 1_000;

/// The least share a limit can shrink to: a tenth.
const LEAST_SHARE: u64 = 100;

/// How much of a limit comes back with each success: a fiftieth.
const GROWTH: u64 = 20;

/// What is allowed; `None` is no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Requests a minute.
    pub requests: Option<u64>,
    /// Tokens a minute, of prompts and answers together.
    pub tokens: Option<u64>,
    /// Calls at once.
    pub concurrency: Option<u64>,
}

/// Why a call has to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Full {
    /// Until this time at least, in milliseconds.
    Until(u64),
    /// Until another call ends.
    UntilOneEnds,
    /// For ever: the call alone is larger than the token limit.
    TooLarge {
        /// The limit, in tokens a minute.
        tokens: u64,
    },
}

/// A place under the limits. Give it back with [`Limiter::settle`] or [`Limiter::refund`], exactly once.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "a ticket that is not given back counts as a call under way for ever"]
pub struct Ticket(u64);

/// What is left right now; `None` is no limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// Requests that could be sent at once.
    pub requests: Option<u64>,
    /// Tokens that could be sent at once.
    pub tokens: Option<u64>,
    /// Calls that could be begun.
    pub concurrency: Option<u64>,
}

/// A call of the last minute, or one under way.
#[derive(Clone, Copy, Debug)]
struct Place {
    ticket: u64,
    /// When it was let through.
    at_ms: u64,
    tokens: u64,
    running: bool,
}

/// The state of one account's or model's limits.
#[derive(Clone, Debug)]
pub struct Limiter {
    limits: Limits,
    /// In the order they were let through.
    places: VecDeque<Place>,
    next: u64,
    /// The share of the limits that is used, in thousandths.
    share: u64,
    /// The provider said that nothing goes before this time.
    closed_until_ms: u64,
}

impl Limiter {
    /// With these limits, and nothing sent yet.
    pub fn new(limits: Limits) -> Self {
        Self { limits, places: VecDeque::new(), next: 0, share: WHOLE, closed_until_ms: 0 }
    }

    /// Changes the limits; what is under way stays counted.
    pub fn set_limits(&mut self, limits: Limits) {
        self.limits = limits;
    }

    /// Takes a place for a call of about so many tokens, under all limits at once.
    pub fn take(&mut self, tokens: u64, now_ms: u64) -> Result<Ticket, Full> {
        self.forget(now_ms);
        self.would_take(tokens, now_ms)?;
        let ticket = self.next;
        self.next = self.next.wrapping_add(1);
        self.places.push_back(Place { ticket, at_ms: now_ms, tokens, running: true });
        Ok(Ticket(ticket))
    }

    /// Whether a place is free, without taking it; else when to ask again.
    pub fn would_take(&self, tokens: u64, now_ms: u64) -> Result<(), Full> {
        if self.closed_until_ms > now_ms {
            return Err(Full::Until(self.closed_until_ms));
        }
        if let Some(limit) = self.limits.tokens
            && tokens > limit
        {
            return Err(Full::TooLarge { tokens: limit });
        }
        let running = count(self.places.iter().filter(|place| place.running).count());
        if self.shared(self.limits.concurrency).is_some_and(|limit| running >= limit) {
            return Err(Full::UntilOneEnds);
        }
        self.earliest(tokens, now_ms).map_or(Ok(()), |at| Err(Full::Until(at)))
    }

    /// The call has ended and used so many tokens.
    #[expect(clippy::needless_pass_by_value, reason = "a ticket is given back once, and gone with it")]
    pub fn settle(&mut self, ticket: Ticket, tokens: u64) {
        let Ticket(number) = ticket;
        if let Some(place) = self.places.iter_mut().find(|place| place.ticket == number) {
            place.tokens = tokens;
            place.running = false;
        }
        self.share = self.share.saturating_add(GROWTH).min(WHOLE);
    }

    /// The call was never sent: it counts for nothing.
    #[expect(clippy::needless_pass_by_value, reason = "a ticket is given back once, and gone with it")]
    pub fn refund(&mut self, ticket: Ticket) {
        let Ticket(number) = ticket;
        self.places.retain(|place| place.ticket != number);
    }

    /// The provider refused a call for its limits: the working limits shrink by half, and with a Retry-After nothing goes
    /// before it. The refused call keeps its place among the requests, because providers count those too.
    pub fn refused(&mut self, ticket: Ticket, retry_after_ms: Option<u64>, now_ms: u64) {
        self.settle(ticket, 0);
        self.share = (self.share / 2).max(LEAST_SHARE);
        self.closed_until_ms = self.closed_until_ms.max(now_ms.saturating_add(retry_after_ms.unwrap_or(0)));
    }

    /// What a provider's headers said: nothing is left until then. Only ever closes, never opens.
    pub fn exhausted(&mut self, reset_in_ms: u64, now_ms: u64) {
        self.closed_until_ms = self.closed_until_ms.max(now_ms.saturating_add(reset_in_ms));
    }

    /// Until when a provider said that nothing goes, if that is not past.
    pub(crate) fn closed_until_ms(&self, now_ms: u64) -> Option<u64> {
        Some(self.closed_until_ms).filter(|until_ms| *until_ms > now_ms)
    }

    /// What is left right now.
    pub fn allowance(&self, now_ms: u64) -> Allowance {
        let recent = || self.recent(now_ms);
        let left = |limit: Option<u64>, used: u64| {
            limit.map(|limit| if self.closed_until_ms > now_ms { 0 } else { limit.saturating_sub(used) })
        };
        let running = count(self.places.iter().filter(|place| place.running).count());
        Allowance {
            requests: left(self.shared(self.limits.requests), count(recent().count())),
            tokens: left(self.shared(self.limits.tokens), recent().map(|place| place.tokens).sum()),
            concurrency: left(self.shared(self.limits.concurrency), running),
        }
    }

    /// When both minute limits have room, if that is not now.
    fn earliest(&self, tokens: u64, now_ms: u64) -> Option<u64> {
        let requests = self.shared(self.limits.requests);
        // A call larger than the shrunken limit, but not than the real one, goes once nothing else is in the window.
        let room = self.shared(self.limits.tokens).map(|limit| limit.max(tokens));
        let mut used_requests = count(self.recent(now_ms).count());
        let mut used_tokens: u64 = self.recent(now_ms).map(|place| place.tokens).sum();
        let has_room = |requests_used: u64, tokens_used: u64| {
            requests.is_none_or(|limit| requests_used < limit)
                && room.is_none_or(|limit| tokens_used.saturating_add(tokens) <= limit)
        };
        let mut at = None;
        for place in self.recent(now_ms) {
            if has_room(used_requests, used_tokens) {
                break;
            }
            used_requests = used_requests.saturating_sub(1);
            used_tokens = used_tokens.saturating_sub(place.tokens);
            at = Some(place.at_ms.saturating_add(MINUTE_MS));
        }
        at
    }

    fn recent(&self, now_ms: u64) -> impl Iterator<Item = &Place> {
        self.places.iter().filter(move |place| is_recent(place, now_ms))
    }

    /// Drops what no limit counts any more.
    fn forget(&mut self, now_ms: u64) {
        self.places.retain(|place| place.running || is_recent(place, now_ms));
    }

    fn shared(&self, limit: Option<u64>) -> Option<u64> {
        limit.map(|limit| (limit.saturating_mul(self.share) / WHOLE).max(1))
    }
}

fn is_recent(place: &Place, now_ms: u64) -> bool {
    now_ms.saturating_sub(place.at_ms) < MINUTE_MS
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
