use super::*;
use proptest::prelude::*;

fn limiter(requests: u64, tokens: u64, concurrency: u64) -> Limiter {
    Limiter::new(Limits { requests: Some(requests), tokens: Some(tokens), concurrency: Some(concurrency) })
}

#[test]
fn a_limit_is_reached_and_not_passed() {
    let mut limiter = limiter(3, 1_000_000, 10);
    for now in [0, 10, 20] {
        let ticket = limiter.take(1, now).unwrap();
        limiter.settle(ticket, 1);
    }
    assert_eq!(limiter.take(1, 30), Err(Full::Until(60_000)));
    assert_eq!(limiter.take(1, 59_999), Err(Full::Until(60_000)));
    assert!(limiter.take(1, 60_000).is_ok(), "the first has left the window");
}

#[test]
fn unused_tokens_come_back_and_a_call_never_sent_counts_for_nothing() {
    let mut limiter = limiter(100, 1_000, 10);
    let one = limiter.take(900, 0).unwrap();
    assert_eq!(limiter.take(200, 1), Err(Full::Until(60_000)));
    limiter.settle(one, 100);
    let two = limiter.take(900, 2).unwrap();
    limiter.refund(two);
    assert!(limiter.take(900, 3).is_ok());
}

#[test]
fn calls_at_once_are_bounded_and_a_place_comes_free_when_one_ends() {
    let mut limiter = limiter(100, 1_000_000, 1);
    let one = limiter.take(1, 0).unwrap();
    assert_eq!(limiter.take(1, 0), Err(Full::UntilOneEnds));
    limiter.settle(one, 1);
    assert!(limiter.take(1, 0).is_ok());
}

#[test]
fn what_alone_is_larger_than_the_limit_is_said_at_once() {
    assert_eq!(limiter(1, 1_000, 1).take(1_001, 0), Err(Full::TooLarge { tokens: 1_000 }));
}

#[test]
fn a_refusal_halves_what_is_used_and_successes_bring_it_back() {
    let mut limiter = limiter(100, 1_000_000, 8);
    let ticket = limiter.take(1, 0).unwrap();
    limiter.refused(ticket, Some(5_000), 0);
    assert_eq!(limiter.take(1, 4_999), Err(Full::Until(5_000)), "Retry-After is a floor");
    assert_eq!(limiter.allowance(5_000).concurrency, Some(4));
    for _ in 0..25 {
        let ticket = limiter.take(1, 70_000).unwrap();
        limiter.settle(ticket, 1);
    }
    assert_eq!(limiter.allowance(200_000).concurrency, Some(8));
}

proptest! {
    /// However racers come, hold and leave: no window of a minute holds more than the limits, and the allowance is exact.
    #[test]
    fn no_window_holds_more_than_the_limits(
        steps in prop::collection::vec((0_u64..9_000, 1_u64..400, 0_u8..5), 1..200)
    ) {
        let mut limiter = limiter(10, 1_000, 4);
        let (mut now, mut held, mut sent) = (0, VecDeque::new(), Vec::<(u64, u64)>::new());
        for (wait, tokens, what) in steps {
            now += wait;
            if what < 3 {
                if let Ok(ticket) = limiter.take(tokens, now) {
                    held.push_back((ticket, sent.len(), tokens));
                    sent.push((now, tokens));
                }
            } else if let Some((ticket, place, tokens)) = held.pop_front() {
                let used = tokens / u64::from(what);
                limiter.settle(ticket, used);
                sent[place].1 = used;
            }
            prop_assert!(held.len() <= 4);
            let window: Vec<_> = sent.iter().filter(|(at, _)| now - at < MINUTE_MS).collect();
            prop_assert!(window.len() <= 10, "{} requests in a minute", window.len());
            let tokens: u64 = window.iter().map(|(_, tokens)| tokens).sum();
            prop_assert!(tokens <= 1_000, "{} tokens in a minute", tokens);
            prop_assert_eq!(limiter.allowance(now).requests, Some(10 - window.len() as u64));
        }
    }

    /// Who is told a time and asks again then, alone, is let through: the limit can be reached and nobody starves.
    #[test]
    fn a_time_that_is_told_is_true(sizes in prop::collection::vec(1_u64..600, 1..40)) {
        let mut limiter = limiter(5, 1_000, 100);
        let mut now = 0;
        for tokens in sizes {
            let ticket = match limiter.take(tokens, now) {
                Ok(ticket) => ticket,
                Err(Full::Until(at)) => {
                    prop_assert!(at > now);
                    now = at;
                    limiter.take(tokens, now).unwrap()
                }
                Err(other) => return Err(TestCaseError::fail(format!("{other:?}"))),
            };
            limiter.settle(ticket, tokens);
        }
    }
}
