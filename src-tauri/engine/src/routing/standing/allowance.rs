//! What is left under limits, for people.

use roundtable_router::attempt::{Guards, Scope};
use roundtable_router::{Allowance, Limits};

use crate::view::{AllowanceView, RoomView};

/// What is left under several limits together: with two keys of one account each, twice as much. A limit that some of them do
/// not have is none.
pub(super) fn allowance_of(guards: &Guards, scopes: &[Scope], now_ms: u64) -> AllowanceView {
    let mut all = scopes.iter().filter_map(|scope| {
        let mut view = view(guards.limits(scope)?, guards.allowance(scope, now_ms)?);
        view.waiting = count(guards.waiting(scope));
        Some(view)
    });
    let first = all.next().unwrap_or_default();
    all.fold(first, |sum, one| AllowanceView {
        requests: added(sum.requests, one.requests),
        tokens: added(sum.tokens, one.tokens),
        concurrency: added(sum.concurrency, one.concurrency),
        waiting: sum.waiting.saturating_add(one.waiting),
    })
}

/// What is left on a rung; `None` where its file sets no limit. Before its first call all of it is.
pub(super) fn allowance_of_rung(
    guards: &Guards,
    scope: &Scope,
    limits: Limits,
    now_ms: u64,
) -> Option<AllowanceView> {
    if limits == Limits::default() {
        return None;
    }
    let whole =
        Allowance { requests: limits.requests, tokens: limits.tokens, concurrency: limits.concurrency };
    let is_current = guards.limits(scope) == Some(limits);
    let left = guards.allowance(scope, now_ms).filter(|_| is_current).unwrap_or(whole);
    Some(AllowanceView { waiting: count(guards.waiting(scope)), ..view(limits, left) })
}

fn view(limits: Limits, left: Allowance) -> AllowanceView {
    let room = |limit: Option<u64>, left: Option<u64>| Some(RoomView { left: left?, limit: limit? });
    AllowanceView {
        requests: room(limits.requests, left.requests),
        tokens: room(limits.tokens, left.tokens),
        concurrency: room(limits.concurrency, left.concurrency),
        waiting: 0,
    }
}

fn added(one: Option<RoomView>, other: Option<RoomView>) -> Option<RoomView> {
    let (one, other) = (one?, other?);
    Some(RoomView { left: one.left.saturating_add(other.left), limit: one.limit.saturating_add(other.limit) })
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use roundtable_domain::ModelRef;

    use super::*;

    fn account(key: &str) -> Scope {
        let model: ModelRef = "house/m".parse().unwrap();
        Scope::AccountModel { model, key: Some(key.to_owned()) }
    }

    fn a_minute(requests: u64) -> Limits {
        Limits { requests: Some(requests), ..Limits::default() }
    }

    #[test]
    fn keys_of_their_own_accounts_add_up_and_an_unlimited_one_makes_all_unlimited() {
        let mut guards = Guards::default();
        guards.learn_limits(account("a"), a_minute(10));
        guards.learn_limits(account("b"), a_minute(5));
        let both = allowance_of(&guards, &[account("a"), account("b")], 0);
        assert_eq!(both.requests, Some(RoomView { left: 15, limit: 15 }));
        guards.exhausted(account("a"), 1_000, 0);
        let both = allowance_of(&guards, &[account("a"), account("b")], 1);
        assert_eq!(both.requests, Some(RoomView { left: 5, limit: 15 }), "nothing is left of the first");
        guards.exhausted(account("c"), 0, 0);
        let all = allowance_of(&guards, &[account("a"), account("b"), account("c")], 1);
        assert_eq!(all.requests, None);
        assert_eq!(allowance_of(&guards, &[], 0), AllowanceView::default());
    }

    #[test]
    fn all_of_a_rungs_limit_is_left_before_its_first_call_and_after_its_file_has_changed() {
        let mut guards = Guards::default();
        let rung = Scope::Rung { group: "g".into(), echelon: 1 };
        assert_eq!(allowance_of_rung(&guards, &rung, Limits::default(), 0), None);
        let all = allowance_of_rung(&guards, &rung, a_minute(3), 0).unwrap();
        assert_eq!(all.requests, Some(RoomView { left: 3, limit: 3 }));
        guards.set_limits(rung.clone(), a_minute(3));
        guards.exhausted(rung.clone(), 1_000, 0);
        let none = allowance_of_rung(&guards, &rung, a_minute(3), 1).unwrap();
        assert_eq!(none.requests, Some(RoomView { left: 0, limit: 3 }));
        let changed = allowance_of_rung(&guards, &rung, a_minute(7), 1).unwrap();
        assert_eq!(changed.requests, Some(RoomView { left: 7, limit: 7 }));
    }
}
