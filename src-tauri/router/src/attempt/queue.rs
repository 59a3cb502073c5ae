//! Waiting for a place under a limit: fair between lanes, and with a prediction of how long.
//!
//! A lane that sends a hundred requests does not keep one with a single request waiting: lanes take turns, and each lane's own
//! requests go in their order. Nobody overtakes, so a large request cannot be starved by small ones.

use std::collections::BTreeMap;

use crate::limits::{Full, Limiter, Limits};

/// So many places of a queue are played through exactly; those behind them wait in proportion.
const FORESIGHT: usize = 16;

/// One request that waits.
#[derive(Clone, Copy, Debug)]
struct Waiter {
    id: u64,
    lane: u64,
    /// In which round its lane's turn comes.
    round: u64,
    arrival: u64,
    tokens: u64,
    /// After this it has given up, in milliseconds of the clock.
    expires_ms: u64,
}

/// Who waits for one limit, in the order of their turns.
#[derive(Clone, Debug, Default)]
pub struct FairQueue {
    waiters: Vec<Waiter>,
    /// The last round each waiting lane has a place in.
    lanes: BTreeMap<u64, u64>,
    /// The round that is being served.
    round: u64,
    arrivals: u64,
}

impl FairQueue {
    /// Lines up a request of a lane for a call of about so many tokens. One that waits already keeps its place. `expires_ms`:
    /// when it will have given up, so that a request that vanished does not block the others for ever.
    pub fn join(&mut self, id: u64, lane: u64, tokens: u64, expires_ms: u64) {
        if self.has(id) {
            return;
        }
        let round = self.lanes.get(&lane).copied().unwrap_or(0).max(self.round).saturating_add(1);
        self.lanes.insert(lane, round);
        self.arrivals = self.arrivals.wrapping_add(1);
        let at = self.waiters.partition_point(|one| (one.round, one.arrival) <= (round, self.arrivals));
        self.waiters.insert(at, Waiter { id, lane, round, arrival: self.arrivals, tokens, expires_ms });
    }

    /// It was its turn, and it has its place.
    pub fn served(&mut self, id: u64) {
        if let Some(at) = self.waiters.iter().position(|one| one.id == id) {
            let one = self.waiters.remove(at);
            self.round = self.round.max(one.round);
            self.tidy();
        }
    }

    /// It no longer waits. The turns of its lane's later requests come a round earlier.
    pub fn leave(&mut self, id: u64) {
        let Some(at) = self.waiters.iter().position(|one| one.id == id) else { return };
        let gone = self.waiters.remove(at);
        for later in self.waiters.iter_mut().filter(|one| one.lane == gone.lane && one.round > gone.round) {
            later.round -= 1;
        }
        if let Some(last) = self.lanes.get_mut(&gone.lane) {
            *last = last.saturating_sub(1);
        }
        self.waiters.sort_by_key(|one| (one.round, one.arrival));
        self.tidy();
    }

    /// Whose turn it is.
    pub fn head(&mut self, now_ms: u64) -> Option<u64> {
        while let Some(first) = self.waiters.first().filter(|one| one.expires_ms < now_ms) {
            self.leave(first.id);
        }
        self.waiters.first().map(|one| one.id)
    }

    /// The tokens of everybody whose turn comes before this one's; before a newcomer's come all turns.
    pub fn ahead_of(&self, id: u64) -> Vec<u64> {
        let all = self.waiters.iter();
        all.take_while(|one| one.id != id).map(|one| one.tokens).collect()
    }

    /// Whether it waits.
    pub fn has(&self, id: u64) -> bool {
        self.waiters.iter().any(|one| one.id == id)
    }

    /// How many wait.
    pub fn len(&self) -> usize {
        self.waiters.len()
    }

    /// Whether nobody waits.
    pub fn is_empty(&self) -> bool {
        self.waiters.is_empty()
    }

    /// An empty queue remembers nothing: who comes next starts level.
    fn tidy(&mut self) {
        if self.waiters.is_empty() {
            self.lanes.clear();
            self.round = 0;
        }
    }
}

/// When a call of so many tokens can begin, with these ahead of it, in milliseconds of the clock; `None` when never, because
/// it is larger than the limit. `typical_ms` is how long a call takes as a rule; without that knowledge 0, and the prediction
/// is a lower bound.
pub fn predict_start_ms(
    limiter: &Limiter,
    limits: Limits,
    ahead: &[u64],
    tokens: u64,
    typical_ms: u64,
    now_ms: u64,
) -> Option<u64> {
    // Both minute limits are played through; places at once come free one by one as the calls under way end.
    let mut minutes = limiter.clone();
    minutes.set_limits(Limits { concurrency: None, ..limits });
    if let Err(Full::TooLarge { .. }) = minutes.would_take(tokens, now_ms) {
        return None;
    }
    let (near, far) = ahead.split_at_checked(FORESIGHT).unwrap_or((ahead, &[]));
    let mut at_ms = now_ms;
    for size in near.iter().copied().chain([tokens]) {
        while let Err(Full::Until(later)) = minutes.would_take(size, at_ms)
            && later > at_ms
        {
            at_ms = later;
        }
        // The places are never given back: they only have to be counted.
        let _counted = minutes.take(size, at_ms);
    }
    let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
    let farther = (at_ms - now_ms).saturating_mul(count(far.len())) / count(near.len()).saturating_add(1);
    at_ms = at_ms.saturating_add(farther);
    let left = limiter.allowance(now_ms).concurrency.unwrap_or(u64::MAX);
    let ends = count(ahead.len()).saturating_add(1).saturating_sub(left);
    let per_end = typical_ms / limits.concurrency.unwrap_or(1).max(1);
    Some(at_ms.max(now_ms.saturating_add(ends.saturating_mul(per_end))))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use proptest::prelude::*;

    fn serve_all(queue: &mut FairQueue) -> Vec<u64> {
        let mut served = Vec::new();
        while let Some(id) = queue.head(0) {
            queue.served(id);
            served.push(id);
        }
        served
    }

    #[test]
    fn lanes_take_turns_and_keep_their_own_order() {
        let mut queue = FairQueue::default();
        for id in 10..15 {
            queue.join(id, 1, 1, 99);
        }
        queue.join(20, 2, 1, 99);
        queue.join(21, 2, 1, 99);
        assert_eq!(serve_all(&mut queue), [10, 20, 11, 21, 12, 13, 14]);
    }

    #[test]
    fn idling_earns_no_credit() {
        let mut queue = FairQueue::default();
        for id in 10..14 {
            queue.join(id, 1, 1, 99);
        }
        for id in 10..12 {
            assert_eq!(queue.head(0), Some(id));
            queue.served(id);
        }
        for id in 20..23 {
            queue.join(id, 2, 1, 99);
        }
        assert_eq!(serve_all(&mut queue), [12, 20, 13, 21, 22]);
    }

    #[test]
    fn who_leaves_or_vanishes_blocks_nobody() {
        let mut queue = FairQueue::default();
        queue.join(1, 1, 1, 10);
        queue.join(2, 1, 1, 99);
        queue.join(3, 2, 1, 99);
        queue.join(2, 1, 1, 99);
        assert_eq!(queue.len(), 3, "who waits already is not counted twice");
        assert_eq!(queue.head(11), Some(2), "the first gave up at 10, and its lane's next has its turn");
        queue.leave(2);
        assert_eq!(queue.head(11), Some(3));
    }

    fn limited(requests: Option<u64>, concurrency: Option<u64>) -> (Limiter, Limits) {
        let limits = Limits { requests, tokens: Some(1_000), concurrency };
        (Limiter::new(limits), limits)
    }

    #[test]
    fn the_wait_counts_those_ahead() {
        let (mut limiter, limits) = limited(Some(2), None);
        let first = limiter.take(1, 0).unwrap();
        limiter.settle(first, 1);
        let predict = |ahead: &[u64], tokens| predict_start_ms(&limiter, limits, ahead, tokens, 0, 10);
        assert_eq!(predict(&[], 1), Some(10));
        assert_eq!(predict(&[1], 1), Some(60_000));
        assert_eq!(predict(&[1, 1, 1], 1), Some(120_000 - 60_000 + 60_000));
        assert_eq!(predict(&[], 1_001), None, "never");
        assert_eq!(predict(&[1_001], 1), Some(10), "what is turned away holds nobody up");
    }

    #[test]
    fn places_at_once_come_free_as_calls_end() {
        let (mut limiter, limits) = limited(None, Some(2));
        let _both = (limiter.take(1, 0).unwrap(), limiter.take(1, 0).unwrap());
        let predict = |ahead: &[u64]| predict_start_ms(&limiter, limits, ahead, 1, 10_000, 0);
        assert_eq!(
            (predict(&[]), predict(&[1]), predict(&[1, 1, 1])),
            (Some(5_000), Some(10_000), Some(20_000))
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1_000))]
        /// From the moment a lane waits until it is served, no other lane is served more than twice; nobody is lost.
        #[test]
        fn no_lane_gets_ahead_by_more_than_a_turn(steps in prop::collection::vec((0_u8..3, 0_u64..4), 1..200)) {
            let mut queue = FairQueue::default();
            let mut waiting: BTreeMap<u64, u64> = BTreeMap::new();
            // How often each lane was served while another waited for its turn: (who waits, who was served).
            let mut passed: BTreeMap<(u64, u64), u32> = BTreeMap::new();
            for (id, (what, lane)) in steps.into_iter().enumerate() {
                let id = id as u64;
                if what < 2 {
                    queue.join(id, lane, 1, u64::MAX);
                    waiting.insert(id, lane);
                } else if let Some(head) = queue.head(0) {
                    let served = waiting.remove(&head).unwrap();
                    queue.served(head);
                    passed.retain(|(waits, _), _| *waits != served);
                    for waits in waiting.values().copied().filter(|lane| *lane != served).collect::<BTreeSet<_>>() {
                        *passed.entry((waits, served)).or_default() += 1;
                    }
                    prop_assert!(passed.values().all(|times| *times <= 2), "{:?}", passed);
                }
                prop_assert_eq!(queue.len(), waiting.len());
            }
        }
    }
}
