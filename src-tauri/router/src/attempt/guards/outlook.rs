//! How busy it is under several limits at once, for whoever chooses before anything is asked.

use super::Guards;
use crate::attempt::Scope;
use crate::choose::Load;

impl Guards {
    /// How busy it is for a call of about so many tokens that counts under all of these: of each limit the tightest, and the
    /// longest wait that is foreseen. What nobody has limited or waited for yet leaves all the room there is.
    pub fn load_under(&self, scopes: &[Scope], tokens: u64, now_ms: u64) -> Load {
        let gates = scopes.iter().filter_map(|scope| self.gates.get(scope));
        gates.fold(Load::default(), |load, gate| {
            let wait_ms = gate.predicted_wait_ms(tokens, now_ms);
            load.and(Load::new(gate.limits(), gate.allowance(now_ms), 0, wait_ms))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::Waiting;
    use super::*;
    use crate::choose::Room;
    use crate::limits::Limits;

    fn host() -> Scope {
        Scope::Host { origin: "http://localhost:11434".into() }
    }

    fn account() -> Scope {
        Scope::AccountModel { model: "house/m".parse().unwrap(), key: Some("a".into()) }
    }

    fn one_at_once() -> Limits {
        Limits { concurrency: Some(1), ..Limits::default() }
    }

    #[test]
    fn the_tightest_limit_and_the_longest_wait_count() {
        let mut guards = Guards::default();
        assert_eq!(
            guards.load_under(&[host(), account()], 10, 0),
            Load::default(),
            "nobody has limited anything"
        );
        guards.set_limits(host(), one_at_once());
        guards.learn_limits(account(), Limits { requests: Some(60), ..one_at_once() });
        guards.exhausted(account(), 5_000, 0);
        let load = guards.load_under(&[host(), account()], 10, 1_000);
        assert_eq!(load.wait_ms, 4_000);
        assert_eq!(load.requests, Some(Room { left: 0, limit: 60 }));
        assert_eq!(guards.load_under(&[host()], 10, 1_000).wait_ms, 0, "the host has room");
    }

    #[test]
    fn those_who_wait_for_a_server_are_waited_for() {
        let mut guards = Guards::default();
        guards.set_limits(host(), one_at_once());
        let gate = guards.gates.get_mut(&host()).unwrap();
        let ticket = gate.take(1, 10, 0).ok().unwrap();
        gate.settle(ticket, 10, 8_000);
        assert_eq!(guards.load_under(&[host()], 10, 0).wait_ms, 0, "it is free");
        let gate = guards.gates.get_mut(&host()).unwrap();
        let _under_way = gate.take(2, 10, 0).ok().unwrap();
        let alone = guards.load_under(&[host()], 10, 0);
        assert_eq!((alone.wait_ms, alone.concurrency), (8_000, Some(Room { left: 0, limit: 1 })));
        for id in 3..5 {
            guards.wait_at(&host(), Waiting { id, lane: id, tokens: 10, expires_ms: 99_000 }, 0);
        }
        assert_eq!(guards.load_under(&[host()], 10, 0).wait_ms, 24_000, "two are before it");
    }
}
