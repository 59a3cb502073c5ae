//! How busy a model, its account or its host is.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use super::score::load;
use crate::limits::{Allowance, Limits};

/// How busy a model, its account or its host is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Load {
    /// Calls under way.
    pub in_flight: u64,
    /// Requests of this minute.
    pub requests: Option<Room>,
    /// Tokens of this minute.
    pub tokens: Option<Room>,
    /// Calls at once.
    pub concurrency: Option<Room>,
    /// How long this prompt would have to wait before it is sent, in milliseconds.
    pub wait_ms: u64,
}

/// What is left of a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Room {
    /// So much now.
    pub left: u64,
    /// Of so much.
    pub limit: u64,
}

impl Load {
    /// From what a limiter says.
    pub fn new(limits: Limits, allowance: Allowance, in_flight: u64, wait_ms: u64) -> Self {
        let room = |left: Option<u64>, limit: Option<u64>| Some(Room { left: left?, limit: limit? });
        Self {
            in_flight,
            requests: room(allowance.requests, limits.requests),
            tokens: room(allowance.tokens, limits.tokens),
            concurrency: room(allowance.concurrency, limits.concurrency),
            wait_ms,
        }
    }

    /// Both together: of each limit the tighter, the longer wait.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            in_flight: self.in_flight.max(other.in_flight),
            requests: tighter(self.requests, other.requests),
            tokens: tighter(self.tokens, other.tokens),
            concurrency: tighter(self.concurrency, other.concurrency),
            wait_ms: self.wait_ms.max(other.wait_ms),
        }
    }

    /// Which of several is the least busy, by what it is worth in a score; the first of equals.
    pub fn lightest(all: impl IntoIterator<Item = Self>) -> Option<Self> {
        let is_lighter = |one: &Self, best: &Self| match load(one).total_cmp(&load(best)) {
            Ordering::Equal => one.wait_ms < best.wait_ms,
            other => other == Ordering::Greater,
        };
        all.into_iter().reduce(|best, one| if is_lighter(&one, &best) { one } else { best })
    }
}

/// The room of which less is left; what is not limited has all of it.
fn tighter(one: Option<Room>, other: Option<Room>) -> Option<Room> {
    let (Some(one), Some(other)) = (one, other) else { return one.or(other) };
    // By shares, without dividing.
    let share = |room: Room, of: Room| u128::from(room.left) * u128::from(of.limit);
    Some(if share(other, one) < share(one, other) { other } else { one })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loads_add_up_to_the_tightest_and_the_lightest_of_several_keys_counts() {
        let room = |left, limit| Some(Room { left, limit });
        let host = Load { concurrency: room(1, 8), wait_ms: 300, ..Load::default() };
        let key = Load { requests: room(3, 60), concurrency: room(1, 4), in_flight: 2, ..Load::default() };
        let both =
            Load { requests: room(3, 60), concurrency: room(1, 8), in_flight: 2, wait_ms: 300, tokens: None };
        assert_eq!((host.and(key), key.and(host)), (both, both));
        let busy = Load { wait_ms: 9_000, ..Load::default() };
        let idle = Load { requests: room(59, 60), ..Load::default() };
        assert_eq!(Load::lightest([busy, idle, key]), Some(idle));
        assert_eq!(Load::lightest([]), None);
    }

    #[test]
    fn load_comes_from_the_limiter() {
        let limits = Limits { requests: Some(60), tokens: None, concurrency: Some(4) };
        let allowance = Allowance { requests: Some(15), tokens: None, concurrency: Some(1) };
        let load = Load::new(limits, allowance, 3, 20);
        assert_eq!(load.requests, Some(Room { left: 15, limit: 60 }));
        assert_eq!((load.tokens, load.concurrency), (None, Some(Room { left: 1, limit: 4 })));
    }
}
