//! What other programs are told of calls, answers and turns that have ended: names and numbers, never what somebody wrote.

use roundtable_domain::{FinishReason, Params, TokenUsage, UnixMs};
use roundtable_store::{Call, CallSource};
use roundtable_telemetry::{CallFacts, Charge, InTurn, Operation, RequestFacts, RunFacts, Server, TurnFacts};

use super::finish::End;
use super::live::LiveTurn;
use super::record::Ended;
use super::run::{Place, Task};
use crate::directory::Setup;
use crate::engine::Engine;

/// The longest id of a provider that is told: what is longer is something else.
const LONGEST_ID: usize = 128;

impl Task {
    /// Takes a call that has ended into what is remembered, and tells who asked to be told.
    pub(super) fn report_call(&self, ended: Option<&Ended>, call: &Call) {
        self.engine.attempt_ended(call);
        self.engine.inner.telemetry.tell(&facts_of(call, ended, self.in_turn()));
    }

    /// The same of an answer.
    pub(super) fn report_answer(&self, end: &End) {
        self.engine.inner.telemetry.tell_run(|| {
            let finished = &end.finished;
            let lasted = finished.total_ms.and_then(|ms| i64::try_from(ms).ok()).unwrap_or(0);
            RunFacts {
                within: self.in_turn(),
                started_at: UnixMs(finished.finished_at.0.saturating_sub(lasted)),
                ended_at: finished.finished_at,
                state: finished.state,
                category: finished.error.as_ref().map(|error| error.category),
                calls: self.progress.calls,
            }
        });
    }

    fn in_turn(&self) -> InTurn {
        InTurn {
            conversation: self.place.conversation_id,
            turn: self.place.turn_id,
            span: self.live.begun().id,
            run: self.run_id,
        }
    }
}

impl Engine {
    /// Tells who asked to be told of a turn that is over.
    pub(super) fn report_turn(&self, place: Place, turn: &LiveTurn) {
        let begun = turn.begun();
        self.inner.telemetry.tell_turn(|| TurnFacts {
            conversation: place.conversation_id,
            turn: place.turn_id,
            span: begun.id,
            source: place.source.as_str(),
            started_at: begun.at,
            ended_at: self.inner.clock.now(),
            runs: turn.runs().len(),
        });
    }
}

/// Who is called, as others are told.
pub(crate) fn server_of(setup: &Setup) -> Server {
    Server {
        slug: setup.id.clone(),
        dialect: setup.dialect.id.to_owned(),
        address: setup.base_url.host_str().map(str::to_owned),
        port: setup.base_url.port_or_known_default(),
    }
}

fn facts_of(call: &Call, ended: Option<&Ended>, within: InTurn) -> CallFacts {
    let answer = ended.map(|ended| &ended.attempted.answer);
    let booking = ended.and_then(|ended| ended.booking.as_ref());
    let request = ended.map(|ended| &ended.ready.request);
    // An answer that needed no call is told of without anybody who was called.
    let nobody =
        || Server { slug: call.provider.clone(), dialect: call.provider.clone(), address: None, port: None };
    CallFacts {
        operation: Operation::Chat,
        server: ended.map_or_else(nobody, |ended| server_of(&ended.ready.asked.setup)),
        model: call.model.clone(),
        model_served: call.model_served.clone(),
        came_from: match call.source {
            CallSource::Model => "model",
            CallSource::Cache => "cache",
            CallSource::Shared => "shared",
        }
        .to_owned(),
        kind: call.kind.clone(),
        request: request.map_or_else(
            || RequestFacts::of(&Params::default(), false),
            |request| RequestFacts::of(&request.params, request.stream),
        ),
        state: call.state,
        category: call.category,
        finish_reason: answer.and_then(|answer| {
            let word = answer.finish_reason.as_deref()?;
            Some(FinishReason::of(word, !answer.tool_calls.is_empty()))
        }),
        response_id: answer.and_then(|answer| answer.response_id.clone()).filter(|id| is_id(id)),
        ended_at: call.at,
        ttft_ms: call.ttft_ms,
        total_ms: call.total_ms,
        usage: booking.map_or_else(
            || TokenUsage { input: call.input_tokens, output: call.output_tokens, ..TokenUsage::default() },
            |booking| booking.usage,
        ),
        charge: Charge::of_booked(booking.map(|booking| booking.cost.usd)),
        simulated: call.simulated,
        within: Some(within),
    }
}

/// Whether a provider's word is an id and cannot be a sentence.
fn is_id(text: &str) -> bool {
    text.len() <= LONGEST_ID && text.chars().all(|one| one.is_ascii_alphanumeric() || "-_.:/".contains(one))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_told_and_a_sentence_in_its_place_is_not() {
        assert!(is_id("chatcmpl-B9MBs8CjcvOU2jLn4n570S5qMJKcT") && is_id("msg_01:a.b/c"));
        assert!(!is_id("the answer to your question is"));
        assert!(!is_id(&"a".repeat(LONGEST_ID + 1)));
    }
}
