//! What advice rests on, counted from the calls of a window. Real and invented calls are counted apart.

use std::collections::HashMap;

use roundtable_domain::{ErrorCategory, RunState, UnixMs};
use roundtable_router::attempt::{Blame, Reaction, blame, reactions};
use roundtable_store::{CallSource, CountedCall};

use crate::statistics::tally::pico;

const DAY_MS: i128 = 24 * 3_600_000;

/// What is spent in less than a week says little of a month.
const SHORTEST_SPAN_MS: i128 = 7 * DAY_MS;

/// What was seen of the calls of a window.
#[derive(Debug, Default)]
pub(super) struct Facts {
    /// When the first of them ended.
    pub(super) first: Option<UnixMs>,
    pub(super) calls: u64,
    /// Known cost, in pico-dollars.
    pub(super) cost: i128,
    /// Requests that are meant to give the same answer each time, and others.
    pub(super) repeatable: Repeats,
    pub(super) varying: Repeats,
    /// By group and rung.
    pub(super) rungs: HashMap<(String, String), Rung>,
    /// By slug.
    pub(super) providers: HashMap<String, Provider>,
    /// By `provider/model`.
    pub(super) models: HashMap<String, Model>,
    /// By the key's name in calls.
    pub(super) keys: HashMap<String, Key>,
    /// Second tries of the same model.
    pub(super) retries: Tries,
    /// Calls of another model because one had failed.
    pub(super) fallbacks: Tries,
    /// When the same request was first answered, and so would have been kept.
    seen: HashMap<u64, UnixMs>,
}

/// Calls that were made because another had failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tries {
    pub(super) made: u64,
    pub(super) answered: u64,
}

/// Fewer tries say nothing of what others would come to.
const FEWEST_TRIES: u64 = 10;

impl Tries {
    fn add(&mut self, answered: bool) {
        self.made += 1;
        self.answered += u64::from(answered);
    }

    /// They are enough to go by.
    pub(super) const fn tell(self) -> bool {
        self.made >= FEWEST_TRIES
    }

    /// How many of these failures would have been answered if such tries do as well there as here, rounded down; `None`: too few tries
    /// to say, or not one.
    pub(super) fn would_answer(self, failures: u64) -> Option<u64> {
        let answered = failures.saturating_mul(self.answered).checked_div(self.made)?;
        (self.tell() && answered > 0).then_some(answered)
    }
}

/// Requests that were sent again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Repeats {
    /// Requests whose answers could be kept.
    pub(super) requests: u64,
    /// Of these, sent again while their answer could still have been there.
    pub(super) again: u64,
    /// Of those, at a known cost, and what they have cost, in pico-dollars.
    pub(super) priced: u64,
    pub(super) cost: i128,
}

/// How long calls took that came to an end by themselves, and those that were given up.
#[derive(Clone, Debug, Default)]
pub(super) struct Times {
    /// Milliseconds of those that answered.
    pub(super) answered: Vec<u64>,
    /// Milliseconds after which a timer of ours gave up.
    pub(super) given_up: Vec<u64>,
}

/// Calls of one rung.
#[derive(Clone, Debug, Default)]
pub(super) struct Rung {
    pub(super) ended: u64,
    pub(super) answered: u64,
    /// Failed by what usually passes.
    pub(super) transient: u64,
    pub(super) whole: Times,
}

/// Calls of one provider.
#[derive(Clone, Debug, Default)]
pub(super) struct Provider {
    pub(super) whole: Times,
    /// To the first word.
    pub(super) first: Times,
}

/// Calls of one model.
#[derive(Clone, Debug, Default)]
pub(super) struct Model {
    pub(super) answered: u64,
    /// Those of lanes that name it themselves: answered, and failed by no fault of the request or the key.
    pub(super) alone_answered: u64,
    pub(super) alone_failed: u64,
    /// Of lanes that leave the choice to the rules.
    pub(super) auto_answered: u64,
    /// Answered at an unknown cost.
    pub(super) unpriced: u64,
    pub(super) unpriced_tokens: u64,
    /// Answers of known cost to prompts that were read as simple: of lanes that leave the choice to the rules, and of those that name
    /// this model.
    pub(super) simple_auto: Vec<Paid>,
    pub(super) simple_named: Vec<Paid>,
}

/// An answer that was paid.
#[derive(Clone, Copy, Debug)]
pub(super) struct Paid {
    pub(super) at: UnixMs,
    pub(super) input: u64,
    pub(super) output: u64,
    /// Pico-dollars.
    pub(super) cost: i128,
}

/// Calls with one key.
#[derive(Clone, Debug, Default)]
pub(super) struct Key {
    pub(super) provider: String,
    /// Refusals since it last worked.
    pub(super) refusals: u64,
    /// Why it was refused last.
    pub(super) category: Option<ErrorCategory>,
}

impl Facts {
    /// To be called in order of time. `kept_ms`: how long an answer is kept.
    pub(super) fn add(&mut self, call: &CountedCall, kept_ms: u64) {
        if call.source != CallSource::Model {
            return;
        }
        self.first.get_or_insert(call.at);
        self.calls += 1;
        self.cost += pico(call.cost);
        self.add_request(call, kept_ms);
        let answered = call.state == RunState::Complete;
        match call.kind.as_str() {
            "retry" => self.retries.add(answered),
            "fallback" => self.fallbacks.add(answered),
            _ => {}
        }
        if let (Some(group), Some(echelon)) = (&call.group, &call.echelon) {
            self.rungs.entry((group.clone(), echelon.clone())).or_default().add(call);
        }
        self.providers.entry(call.provider.clone()).or_default().add(call);
        self.models.entry(format!("{}/{}", call.provider, call.model)).or_default().add(call);
        if let Some(name) = &call.key {
            self.keys.entry(name.clone()).or_default().add(call);
        }
    }

    /// Whether this request was answered before, early enough to have been kept and late enough to be still there.
    fn add_request(&mut self, call: &CountedCall, kept_ms: u64) {
        let Some(key) = call.requested.key.filter(|_| call.state == RunState::Complete) else { return };
        let short = key.first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes));
        let sent = call.total_ms.and_then(|ms| i64::try_from(ms).ok()).unwrap_or(0);
        let sent_at = UnixMs(call.at.0.saturating_sub(sent));
        let repeats = if call.requested.repeatable { &mut self.repeatable } else { &mut self.varying };
        repeats.requests += 1;
        match self.seen.get(&short) {
            Some(&made) if made <= sent_at && sent_at.since_ms(made) < kept_ms => {
                repeats.again += 1;
                repeats.priced += u64::from(call.cost.is_some());
                repeats.cost += pico(call.cost);
            }
            // Both were under way at once: they share a call where answers are kept, but that is not what is counted here.
            Some(&made) if made > sent_at => {}
            _ => {
                self.seen.insert(short, call.at);
            }
        }
    }

    /// All calls are counted: what only told repeats apart is of no more use, and is the most of it.
    pub(super) fn forget_requests(&mut self) {
        self.seen = HashMap::new();
    }

    /// An amount of this window as one of 30 days.
    pub(super) fn in_30_days(&self, pico: i128, until: UnixMs) -> i128 {
        let span = self.first.map_or(0, |first| i128::from(until.since_ms(first))).max(SHORTEST_SPAN_MS);
        (pico * 30 * DAY_MS).checked_div(span).unwrap_or(0)
    }
}

fn is_stopped(state: RunState) -> bool {
    matches!(state, RunState::Cancelled | RunState::Interrupted)
}

/// Given up by a timer of ours.
fn is_timeout(call: &CountedCall) -> bool {
    call.category == Some(ErrorCategory::Timeout)
}

impl Rung {
    fn add(&mut self, call: &CountedCall) {
        if is_stopped(call.state) {
            return;
        }
        self.ended += 1;
        self.answered += u64::from(call.state == RunState::Complete);
        let passes = call.category.is_some_and(|category| {
            category != ErrorCategory::Timeout && reactions(category).contains(&Reaction::SameTarget)
        });
        self.transient += u64::from(passes && call.state != RunState::Complete);
        self.whole.add(call, call.total_ms);
    }
}

impl Times {
    fn add(&mut self, call: &CountedCall, ms: Option<u64>) {
        if is_timeout(call) {
            self.given_up.extend(call.total_ms);
        } else if call.state == RunState::Complete {
            self.answered.extend(ms);
        }
    }
}

impl Provider {
    fn add(&mut self, call: &CountedCall) {
        self.whole.add(call, call.total_ms);
        // One that had begun to speak was not given up for its silence.
        if !is_timeout(call) || call.ttft_ms.is_none() {
            self.first.add(call, call.ttft_ms);
        }
    }
}

impl Model {
    fn add(&mut self, call: &CountedCall) {
        if is_stopped(call.state) {
            return;
        }
        let answered = call.state == RunState::Complete;
        self.answered += u64::from(answered);
        self.auto_answered += u64::from(answered && call.requested.asked.as_deref() == Some("auto"));
        if call.group.is_none() && call.pool.is_none() {
            let blamed = call.category.map_or(Blame::Model, blame);
            self.alone_answered += u64::from(answered);
            self.alone_failed += u64::from(!answered && matches!(blamed, Blame::Model | Blame::Host));
        }
        if answered && call.cost.is_none() {
            self.unpriced += 1;
            let tokens = call.input_tokens.unwrap_or(0).saturating_add(call.output_tokens.unwrap_or(0));
            self.unpriced_tokens = self.unpriced_tokens.saturating_add(tokens);
        }
        if answered && call.requested.complexity.as_deref() == Some("simple") {
            self.add_simple(call);
        }
    }

    fn add_simple(&mut self, call: &CountedCall) {
        let (Some(cost), Some(input), Some(output)) = (call.cost, call.input_tokens, call.output_tokens)
        else {
            return;
        };
        let paid = Paid { at: call.at, input, output, cost: i128::from(cost.as_pico()) };
        match call.requested.asked.as_deref() {
            Some("auto") => self.simple_auto.push(paid),
            Some(_) if call.group.is_none() && call.pool.is_none() => self.simple_named.push(paid),
            _ => {}
        }
    }
}

impl Key {
    fn add(&mut self, call: &CountedCall) {
        self.provider.clone_from(&call.provider);
        match call.category.filter(|category| blame(*category) == Blame::Key) {
            Some(category) => {
                self.refusals += 1;
                self.category = Some(category);
            }
            // Whatever else came of it, the key was taken.
            None if call.state == RunState::Complete => {
                *self = Self { provider: call.provider.clone(), ..Self::default() }
            }
            None => {}
        }
    }
}

#[cfg(test)]
mod tests;
