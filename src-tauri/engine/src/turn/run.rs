//! One run's task: asks its plan what to do until there is an answer or nothing more to try, and writes the end.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use roundtable_domain::{
    AttemptId, ConversationId, ErrorCategory, LaneId, PicoUsd, ProviderError, ReservationId, RunId,
    TokenUsage, TurnId,
};
use roundtable_providers::Timers;
use roundtable_router::attempt::{CallEnd, Committed, Failure, Offer, Resume, Stop, StopReason};
use roundtable_store::{OverBudget, Source, StoreError};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::{Instrument as _, Span};

use super::call::{Sending, call, elapsed_ms};
use super::course::{Course, Move, NextCall};
use super::live::LiveTurn;
use super::outcome::Outcome;
use super::record::{Charged, Ended};
use super::shown::Shown;
use super::told;
use crate::alerts::InTheWay;
use crate::budgets::not_called;
use crate::engine::Engine;
use crate::keys::FoundKey;
use crate::responses::{Follow, Followed};
use crate::routing::Leave;
use crate::tokens;

/// Where a run belongs.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    pub(crate) conversation_id: ConversationId,
    pub(crate) turn_id: TurnId,
    pub(crate) source: Source,
}

/// One run on its way.
pub(crate) struct Task {
    pub(super) engine: Engine,
    pub(super) live: Arc<LiveTurn>,
    pub(super) run_id: RunId,
    pub(super) lane_id: LaneId,
    pub(super) place: Place,
    pub(super) course: Course,
    /// The first call, which stands in the database already.
    pub(super) written: Option<AttemptId>,
    /// What pays for the call under way.
    pub(super) reservation: Option<ReservationId>,
    /// What the part that is gone on from has cost.
    pub(super) begun_cost: Option<Charged>,
    pub(super) cancel: CancellationToken,
    /// What the log says of the turn is inside of it.
    pub(super) turn_span: Span,
    pub(super) progress: Progress,
}

/// What has come of a run so far.
pub(super) struct Progress {
    pub(super) started: Instant,
    /// The latest call, ended and not yet written so.
    pub(super) ended: Option<Ended>,
    /// When it ended, in milliseconds of the router's clock.
    pub(super) ended_ms: u64,
    /// Who was called last, by place among the candidates.
    pub(super) latest: Option<usize>,
    pub(super) calls: u32,
    /// What was charged for calls whose end is written.
    pub(super) booked: Vec<Charged>,
    /// What failed, in order.
    pub(super) errors: Vec<ProviderError>,
    /// From the start of the run to the first semantic delta that stayed.
    pub(super) ttft_ms: Option<u64>,
    /// Tokens of parts that other calls of this run wrote.
    pub(super) usage: Option<TokenUsage>,
}

impl Default for Progress {
    fn default() -> Self {
        Self {
            started: Instant::now(),
            ended: None,
            ended_ms: 0,
            latest: None,
            calls: 0,
            booked: Vec::new(),
            errors: Vec::new(),
            ttft_ms: None,
            usage: None,
        }
    }
}

impl Task {
    /// Runs to the end. Never fails: what goes wrong is the run's outcome.
    pub(crate) async fn run(mut self, first: Move) {
        self.progress.started = Instant::now();
        match self.go(first).await {
            Over::Ended(outcome) => self.finish(*outcome).await,
            Over::BegunAnew(whom, offer) => Box::pin(self.begin_anew_with(whom, offer)).await,
        }
    }

    /// Does what there is to do until it is over.
    async fn go(&mut self, first: Move) -> Over {
        let mut next = first;
        loop {
            next = match next {
                Move::Call(call) => match self.make(*call).await {
                    Ok(()) => self.course.next().await,
                    Err(outcome) => return outcome.into(),
                },
                Move::Wait(wait) => {
                    self.save_ended(Some(wait)).await;
                    match self.wait().await {
                        Some(next) => next,
                        None => return Outcome::cancelled().into(),
                    }
                }
                Move::Follow(follow) => match self.follow(*follow).await {
                    Some(next) => next,
                    None => return Outcome::cancelled().into(),
                },
                Move::Kept(kept) => {
                    // What failed before it is no part of it.
                    self.save_ended(None).await;
                    self.progress.latest = Some(self.course.given_by());
                    return Outcome::kept(*kept).into();
                }
                Move::Offer(offer) => match offer.automatic {
                    Some((Resume::Continue, whom)) => {
                        self.go_on_with(whom);
                        self.course.next().await
                    }
                    Some((Resume::Regenerate, whom)) => return Over::BegunAnew(whom, offer),
                    None => return Outcome::offering(self.offers(&offer)).into(),
                },
                Move::Stop(stop) => match self.go_cheaper(&stop).await {
                    Some(next) => next,
                    None => return self.stopped(stop).into(),
                },
            };
        }
    }

    /// The longest a call may take, in milliseconds. The first has its own timers and its rung's; further ones share what is
    /// left of the request's time.
    fn longest_call_ms(&self, leave: &Leave) -> u64 {
        if self.progress.calls > 0 {
            return leave.timeout_ms;
        }
        let candidate = self.course.route.candidates.get(leave.candidate);
        candidate.and_then(|one| one.candidate.timeout_ms).unwrap_or(u64::MAX)
    }

    /// Goes to a cheaper model where budgets have kept back the rest of the route, if they say so.
    async fn go_cheaper(&mut self, stop: &Stop) -> Option<Move> {
        if matches!(stop.reason, StopReason::Answered | StopReason::Cancelled) {
            return None;
        }
        self.course = self.course.seek_cheaper().await?;
        tracing::info!("a cheaper model is asked instead");
        // Its candidates are other ones.
        self.progress.latest = None;
        Some(self.course.next().await)
    }

    fn stopped(&self, stop: Stop) -> Outcome {
        told::stopped(&stop);
        match stop.reason {
            StopReason::Answered => Outcome::default(),
            StopReason::Cancelled => Outcome::cancelled(),
            _ => self.gave_up(stop),
        }
    }

    /// What the log says of this run is inside of it.
    pub(super) fn span(&self) -> Span {
        told::run_span(&self.turn_span, self.run_id, self.lane_id, &self.course.lane.target)
    }

    /// As [`Self::run`], as a future that may hold others of its kind.
    pub(super) fn on_its_way(self, first: Move) -> BoxFuture<'static, ()> {
        Box::pin(self.run(first))
    }

    /// Waits for the same request of somebody else; `None`: stopped meanwhile.
    async fn follow(&mut self, follow: Follow) -> Option<Move> {
        tokio::select! {
            () = self.cancel.cancelled() => None,
            followed = follow.wait() => match followed {
                Followed::Kept(kept) => Some(Move::Kept(kept)),
                Followed::Lead(lead) => {
                    self.course.lead_with(lead);
                    Some(self.course.next().await)
                }
            },
        }
    }

    /// The budgets have no room for a further call.
    async fn kept_back(&mut self, next: &NextCall, over: OverBudget) {
        tracing::info!(budgets = over.budgets.len(), "a further call is kept back by budgets");
        self.engine.tell_of_refusals(&InTheWay::of_call(&over)).await;
        let why = not_called(&over);
        self.course.too_dear(next.money(self.lane_id), over);
        self.course.not_afforded(next.leave.candidate, why);
    }

    /// Makes a call and tells the plan how it ended, or that a budget has no room for it. The error is how the run ends, when the call
    /// cannot be made.
    async fn make(&mut self, next: NextCall) -> Result<(), Outcome> {
        if self.written.is_none() && self.cancel.is_cancelled() {
            self.course.leased().not_sent();
            return Err(Outcome::cancelled());
        }
        self.save_ended(None).await;
        let id = match self.write_down(&next).await {
            Ok(id) => id,
            Err(StoreError::OverBudget(over)) => {
                self.kept_back(&next, *over).await;
                return Ok(());
            }
            Err(error) => {
                self.course.leased().not_sent();
                return Err(Outcome::failed(could_not_record(&error)));
            }
        };
        self.show_call(&next);
        let span = told::attempt_span(id, &next);
        let sent_after_ms = elapsed_ms(self.progress.started);
        let NextCall { leave, ready, key } = next;
        let engine = self.engine.clone();
        let endpoint = ready.asked.setup.endpoint();
        let sending = Sending {
            endpoint: &endpoint,
            key: key.as_ref().and_then(FoundKey::secret),
            request: &ready.request,
            timers: within(ready.timers, self.longest_call_ms(&leave)),
        };
        let mut shown = Shown {
            engine: &engine,
            live: &self.live,
            run_id: self.run_id,
            model: ready.asked.model_ref(),
            key: leave.key.clone(),
            sent_after_ms,
            plan: self.course.leased(),
        };
        let calling = call(&engine.inner.client, sending, &mut shown, id, &self.cancel);
        let attempted = calling.instrument(span.clone()).await;
        self.progress.latest = Some(leave.candidate);
        self.progress.calls += 1;
        let ended = self.book(attempted, leave, ready, key).await;
        span.in_scope(|| told::call_ended(&ended));
        if ended.attempted.answer.has_content() {
            let ttft_ms = ended.attempted.ttft_ms.map(|ttft_ms| ttft_ms + sent_after_ms);
            self.progress.ttft_ms = self.progress.ttft_ms.or(ttft_ms);
        }
        let end = call_end(&ended);
        self.progress.ended_ms = engine.inner.router.now_ms();
        self.course.leased().ended(end, engine.inner.clock.jitter());
        if let Some(error) = ended.error() {
            self.progress.errors.push(error);
        }
        self.course.route.trace.attempts.push(ended.traced());
        self.progress.ended = Some(ended);
        Ok(())
    }
}

/// What is left to do.
enum Over {
    /// To write the end.
    Ended(Box<Outcome>),
    /// The same, and then the next version with this candidate.
    BegunAnew(usize, Offer),
}

impl From<Outcome> for Over {
    fn from(outcome: Outcome) -> Self {
        Self::Ended(Box::new(outcome))
    }
}

/// What cannot be written down is not sent.
fn could_not_record(error: &StoreError) -> ProviderError {
    ProviderError::local(ErrorCategory::Unavailable, "roundtable", format!("Nothing was sent: {error}"))
}

/// A call's timers within what its rung and the request's own time allow.
fn within(timers: Timers, timeout_ms: u64) -> Timers {
    Timers { total_ms: timers.total_ms.min(timeout_ms), ..timers }
}

/// How a call ended, as far as policy needs to know it.
fn call_end(ended: &Ended) -> CallEnd {
    let answer = &ended.attempted.answer;
    let failure = ended.error().map(|error| Failure {
        category: error.category,
        retry_after_ms: error.retry_after_ms,
        committed: answer.has_content().then(|| Committed {
            tokens: tokens::estimate_text(&answer.text),
            has_tool_calls: !answer.tool_calls.is_empty(),
        }),
    });
    let used = answer.usage.and_then(|usage| Some(usage.input?.saturating_add(usage.output?)));
    // What stands in no books has cost nothing; that is known, unlike a price that nobody knows.
    let cost = if ended.booking.is_none() { Some(PicoUsd::ZERO) } else { ended.cost() };
    CallEnd { failure, tokens: used, cost }
}
