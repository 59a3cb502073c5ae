//! Requests under way, so that identical ones share a call: one leads, the others wait for its answer.
//!
//! A flight lasts as long as somebody leads it or waits for it. Whoever leads gives the answer, or says that there is none to share;
//! if neither is said before the seat is left, the seat is free and the first of those who wait takes it. So a failure is nobody's
//! but its own, and a leader that is stopped takes nobody along.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use roundtable_router::attempt::CacheKey;
use tokio::sync::watch;

use super::Kept;

/// All flights of this process.
#[derive(Default)]
pub(super) struct Flights(Mutex<HashMap<CacheKey, Weak<Flight>>>);

struct Flight(watch::Sender<Stage>);

#[derive(Clone)]
enum Stage {
    /// Somebody has the seat.
    Led,
    /// The seat is free.
    Free,
    /// Here is the answer.
    Given(Arc<Kept>),
    /// There is an answer, but not one to share: everybody asks for themselves.
    Apart,
}

/// Where a request finds itself.
pub(super) enum Place {
    /// It leads.
    Leading(Seat),
    /// Another leads.
    Waiting(Waiter),
}

/// Who leads. Leaving it makes it free, unless the answer was given.
pub(super) struct Seat(Arc<Flight>);

/// Who waits.
pub(super) struct Waiter(Arc<Flight>);

/// What became of a place.
pub(super) enum Outcome {
    /// The answer.
    Given(Arc<Kept>),
    /// Now it leads; with no seat where nobody waits for it.
    Leading(Option<Seat>),
}

impl Flights {
    /// Joins the flight of a key, or begins it.
    pub(super) fn join(&self, key: CacheKey) -> Place {
        let mut flights = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(flight) = flights.get(&key).and_then(Weak::upgrade) {
            return Place::Waiting(Waiter(flight));
        }
        Place::Leading(begin(&mut flights, key))
    }

    /// Leads the flight of a key where nobody does; `None` where somebody does, who is left alone.
    pub(super) fn lead(&self, key: CacheKey) -> Option<Seat> {
        let mut flights = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match flights.get(&key).and_then(Weak::upgrade) {
            Some(_) => None,
            None => Some(begin(&mut flights, key)),
        }
    }
}

fn begin(flights: &mut HashMap<CacheKey, Weak<Flight>>, key: CacheKey) -> Seat {
    // Flights end by themselves; what is left of them is swept up here, a few at a time.
    flights.retain(|_, flight| flight.strong_count() > 0);
    let flight = Arc::new(Flight(watch::Sender::new(Stage::Led)));
    flights.insert(key, Arc::downgrade(&flight));
    Seat(flight)
}

impl Seat {
    /// Gives the answer to all who wait, and to all who come while this seat is held.
    pub(super) fn give(&self, kept: &Kept) {
        self.0.0.send_replace(Stage::Given(Arc::new(kept.clone())));
    }

    /// Lets all who wait go their own ways.
    pub(super) fn give_nothing(&self) {
        self.0.0.send_replace(Stage::Apart);
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.0.0.send_if_modified(|stage| {
            let left = matches!(stage, Stage::Led);
            if left {
                *stage = Stage::Free;
            }
            left
        });
    }
}

impl Place {
    /// Waits until there is an answer or a seat. Can be dropped at any time.
    pub(super) async fn resolve(self) -> Outcome {
        match self {
            Self::Leading(seat) => Outcome::Leading(Some(seat)),
            Self::Waiting(waiter) => waiter.wait().await,
        }
    }
}

impl Waiter {
    async fn wait(self) -> Outcome {
        let mut stages = self.0.0.subscribe();
        loop {
            let stage = stages.borrow_and_update().clone();
            match stage {
                Stage::Given(kept) => return Outcome::Given(kept),
                Stage::Apart => return Outcome::Leading(None),
                Stage::Free if self.takes_the_seat() => return Outcome::Leading(Some(Seat(self.0))),
                Stage::Free | Stage::Led => {}
            }
            if stages.changed().await.is_err() {
                // Not while this one holds the flight; were it so, it would be alone.
                return Outcome::Leading(None);
            }
        }
    }

    fn takes_the_seat(&self) -> bool {
        self.0.0.send_if_modified(|stage| {
            let free = matches!(stage, Stage::Free);
            if free {
                *stage = Stage::Led;
            }
            free
        })
    }
}

#[cfg(test)]
mod tests {
    use std::future::Future;
    use std::pin::{Pin, pin};
    use std::task::{Context, Poll, Waker};

    use roundtable_domain::{Answer, ChatRequest, Endpoint, Network, Params, ToolChoice, WireApi};
    use roundtable_router::attempt::{CacheInput, cache_key};
    use roundtable_store::CallSource;

    use super::*;

    fn key(model: &str) -> CacheKey {
        let endpoint = Endpoint {
            provider: "p".into(),
            api: WireApi::OpenaiChat,
            dialect: "custom".into(),
            base_url: "http://127.0.0.1/v1".parse().unwrap(),
            extra_headers: Vec::new(),
            network: Network::default(),
        };
        let request = ChatRequest {
            model: model.into(),
            messages: Vec::new(),
            params: Params::default(),
            tools: Vec::new(),
            tool_choice: ToolChoice::Auto,
            parallel_tools: None,
            stream: true,
            thinking_limit: None,
        };
        cache_key(&CacheInput {
            endpoint: &endpoint,
            request: &request,
            model_served: model,
            adapter_revision: "1",
        })
    }

    fn kept(text: &str) -> Kept {
        let answer = Answer { text: text.into(), completed: true, ..Answer::default() };
        Kept { answer, source: CallSource::Shared, saved: None, key: [0; 32] }
    }

    fn leads(flights: &Flights, model: &str) -> Seat {
        let Place::Leading(seat) = flights.join(key(model)) else { panic!("nobody else asks this") };
        seat
    }

    fn waits(flights: &Flights, model: &str) -> Pin<Box<dyn Future<Output = Outcome>>> {
        let place = flights.join(key(model));
        assert!(matches!(place, Place::Waiting(_)), "somebody asks this already");
        Box::pin(place.resolve())
    }

    /// Looks once, as a runtime would after a wake-up.
    fn look(future: &mut Pin<Box<dyn Future<Output = Outcome>>>) -> Option<Outcome> {
        match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(outcome) => Some(outcome),
            Poll::Pending => None,
        }
    }

    fn given(outcome: Option<Outcome>) -> Option<String> {
        match outcome {
            Some(Outcome::Given(kept)) => Some(kept.answer.text.clone()),
            _ => None,
        }
    }

    #[test]
    fn one_leads_and_all_others_get_its_answer() {
        let flights = Flights::default();
        let seat = leads(&flights, "a");
        let mut first = waits(&flights, "a");
        let mut second = waits(&flights, "a");
        assert!(look(&mut first).is_none() && look(&mut second).is_none());
        drop(leads(&flights, "b"));
        seat.give(&kept("hello"));
        let mut late = waits(&flights, "a");
        drop(seat);
        for waiter in [&mut first, &mut second, &mut late] {
            assert_eq!(given(look(waiter)).as_deref(), Some("hello"));
        }
        drop((first, second, late));
        drop(leads(&flights, "a"));
    }

    #[test]
    fn a_leader_that_fails_or_is_stopped_makes_exactly_one_other_lead() {
        let flights = Flights::default();
        let seat = leads(&flights, "a");
        let mut waiters: Vec<_> = (0..3).map(|_| waits(&flights, "a")).collect();
        assert!(waiters.iter_mut().all(|waiter| look(waiter).is_none()));
        drop(seat);
        let mut seats: Vec<Seat> = Vec::new();
        let mut still: Vec<_> = Vec::new();
        for mut waiter in waiters {
            match look(&mut waiter) {
                Some(Outcome::Leading(Some(seat))) => seats.push(seat),
                None => still.push(waiter),
                Some(_) => panic!("nobody has an answer, and all share one flight"),
            }
        }
        assert_eq!((seats.len(), still.len()), (1, 2));
        seats[0].give(&kept("from the second"));
        for waiter in &mut still {
            assert_eq!(given(look(waiter)).as_deref(), Some("from the second"));
        }
    }

    #[test]
    fn one_that_stops_waiting_takes_the_seat_from_nobody() {
        let flights = Flights::default();
        let seat = leads(&flights, "a");
        let mut stopped = waits(&flights, "a");
        let mut waiting = waits(&flights, "a");
        assert!(look(&mut stopped).is_none() && look(&mut waiting).is_none());
        drop(seat);
        drop(stopped);
        assert!(matches!(look(&mut waiting), Some(Outcome::Leading(Some(_)))));
        drop(waiting);
        drop(leads(&flights, "a"));
    }

    #[test]
    fn with_an_answer_that_is_not_for_sharing_all_go_their_own_ways() {
        let flights = Flights::default();
        let seat = leads(&flights, "a");
        let mut waiters: Vec<_> = (0..3).map(|_| waits(&flights, "a")).collect();
        seat.give_nothing();
        drop(seat);
        assert!(waiters.iter_mut().all(|waiter| matches!(look(waiter), Some(Outcome::Leading(None)))));
    }

    #[test]
    fn who_asks_again_on_purpose_waits_for_nobody_and_pushes_nobody_away() {
        let flights = Flights::default();
        let seat = leads(&flights, "a");
        assert!(flights.lead(key("a")).is_none());
        let mut waiter = waits(&flights, "a");
        seat.give(&kept("hello"));
        assert_eq!(given(look(&mut waiter)).as_deref(), Some("hello"));
        drop((seat, waiter));
        assert!(flights.lead(key("a")).is_some(), "nobody asks it any more");
    }

    #[tokio::test]
    async fn sixty_four_racers_make_one_call_for_each_good_answer() {
        let flights = Arc::new(Flights::default());
        let calls = Arc::new(std::sync::atomic::AtomicU32::new(0));
        let racer = |flights: Arc<Flights>, calls: Arc<std::sync::atomic::AtomicU32>| async move {
            match flights.join(key("a")).resolve().await {
                Outcome::Given(kept) => kept.answer.text.clone(),
                Outcome::Leading(seat) => {
                    let call = calls.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                    tokio::task::yield_now().await;
                    if call < 3 {
                        return "failed".to_owned();
                    }
                    seat.unwrap().give(&kept("good"));
                    tokio::task::yield_now().await;
                    "good".to_owned()
                }
            }
        };
        let tasks: Vec<_> =
            (0..64).map(|_| tokio::spawn(racer(Arc::clone(&flights), Arc::clone(&calls)))).collect();
        let mut texts = Vec::new();
        for task in tasks {
            texts.push(task.await.unwrap());
        }
        assert_eq!(
            texts.iter().filter(|text| *text == "failed").count(),
            3,
            "each failure is one request's own"
        );
        assert_eq!(calls.load(std::sync::atomic::Ordering::SeqCst), 4);
    }
}
