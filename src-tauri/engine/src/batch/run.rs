//! Running: questions are asked a few at a time, each failure stays its own, and every result is written once.

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use roundtable_domain::{BatchId, ConversationId, LaneId, RunState};
use roundtable_store::{ContextMode, LedgerFilter, NewBatch, NewConversation, NewLane, Source, SpendTotals};
use serde_json::{Map, Value, json};
use std::collections::VecDeque;
use std::time::Duration;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use super::error::BatchError;
use super::item::Item;
use super::plan::{BatchPlan, BatchSettings, Planned};
use super::purse::Purse;
use super::results::{RESULT, ResultsFile};
use super::standing::Due;

use crate::ask::{AnswerRecord, AskTarget, Question, Tools};
use crate::budgets::in_words;
use crate::conversations::Filing;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::turn::TurnSink;

/// How long a stopped answer may take to be put away.
const LONGEST_STOP: Duration = Duration::from_secs(2);

/// How long a batch that nobody goes on with is remembered, in milliseconds.
const REMEMBERED_MS: i64 = 30 * 24 * 60 * 60 * 1_000;

/// How an answer looks in the file of results: a JSON object. What belongs to the batch is added to it.
pub type RenderResult = fn(&AnswerRecord) -> serde_json::Result<Value>;

/// Stops a batch from outside.
#[derive(Clone, Debug, Default)]
pub struct BatchStop {
    /// Asks nothing more; answers under way are waited for.
    pub drain: CancellationToken,
    /// Stops the answers under way as well. What came of them is kept.
    pub cancel: CancellationToken,
}

/// How far a batch is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BatchProgress {
    /// Questions that have their result.
    pub done: u64,
    /// Of those, the ones whose answer is not complete.
    pub failed: u64,
    /// Questions under way.
    pub under_way: u64,
    /// What this batch has cost, earlier parts of it included.
    pub spent: SpendTotals,
}

/// Why a batch ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BatchEnd {
    /// Every question has its result.
    Finished,
    /// The next question might have gone over the cap.
    Capped,
    /// A budget has no room for the next question.
    OverBudget,
    /// It was stopped.
    Stopped,
}

/// What came of a batch.
#[derive(Clone, Debug, PartialEq)]
pub struct BatchOutcome {
    /// Why it ended.
    pub end: BatchEnd,
    /// Questions that were asked this time.
    pub asked: u64,
    /// Of all questions, those with a complete answer.
    pub complete: u64,
    /// Of all questions, those that failed or broke off.
    pub failed: u64,
    /// Of all questions, those that were stopped in flight and may have been paid.
    pub interrupted: u64,
    /// Of all questions, those without a result.
    pub left: u64,
    /// What the batch has cost, earlier parts of it included.
    pub spent: SpendTotals,
    /// Which budget has no room, its numbers and what helps, where that is why it ended.
    pub over_budget: Option<String>,
}

/// One question's end.
struct Answered<'p> {
    planned: &'p Planned,
    record: AnswerRecord,
    spent: SpendTotals,
}

/// A batch under way.
struct Running<'p> {
    file: ResultsFile,
    render: RenderResult,
    purse: Purse,
    outcome: BatchOutcome,
    progress: BatchProgress,
    report: &'p mut (dyn FnMut(&BatchProgress) + Send),
}

impl Engine {
    /// Writes what is answered already, then asks the rest. Ends with an error only where going on makes no sense: what has come by
    /// then is kept, and the same batch can be planned and run again.
    pub async fn run_batch(
        &self,
        plan: BatchPlan,
        render: RenderResult,
        stop: &BatchStop,
        report: &mut (dyn FnMut(&BatchProgress) + Send),
    ) -> Result<BatchOutcome, EngineError> {
        let (store, now) = (&self.inner.store, self.inner.clock.now());
        store.batches().forget_unused(roundtable_domain::UnixMs(now.0.saturating_sub(REMEMBERED_MS))).await?;
        let new = NewBatch {
            id: BatchId::from_uuid(self.inner.clock.new_id()),
            results: plan.results.to_string_lossy().into_owned(),
            at: now,
        };
        let batch = store.batches().open(&new).await?;
        let file = ResultsFile::open(&plan.results, &plan.held, &plan.asked_again()).await?;
        let mut running = Running::new(file, render, &plan, report);
        self.write_answered(&plan, &mut running).await?;
        self.ask_all(batch.id, &plan, stop, &mut running).await?;
        running.file.sync().await?;
        if running.outcome.left == 0 {
            store.batches().finish(batch.id, self.inner.clock.now()).await?;
        }
        Ok(running.outcome)
    }

    /// Writes the results of questions that were answered by a process that did not get to it.
    async fn write_answered(&self, plan: &BatchPlan, running: &mut Running<'_>) -> Result<(), EngineError> {
        for planned in &plan.items {
            if let Due::Write(run_id, _) = planned.due {
                let record = self.answer(run_id).await?;
                running.write(&planned.item, &record).await?;
            }
        }
        Ok(())
    }

    async fn ask_all(
        &self,
        batch: BatchId,
        plan: &BatchPlan,
        stop: &BatchStop,
        running: &mut Running<'_>,
    ) -> Result<(), EngineError> {
        let mut queue = plan.items.iter().filter(|planned| planned.due == Due::Ask).peekable();
        // Questions a budget had no room for beside those under way, which may yet cost less than is set aside for them.
        let mut held: VecDeque<&Planned> = VecDeque::new();
        let mut full = false;
        let mut under_way = FuturesUnordered::new();
        let mut broken: Option<EngineError> = None;
        loop {
            let stopped = stop.drain.is_cancelled() || stop.cancel.is_cancelled();
            while !stopped && !full && broken.is_none() && under_way.len() < plan.settings.concurrency.get() {
                let next = held.pop_front();
                let next = next.or_else(|| queue.next_if(|planned| running.purse.admits(planned.worst)));
                let Some(planned) = next else { break };
                running.begin(planned);
                let alone = under_way.is_empty();
                let asking = self.answer_question(batch, planned, &plan.settings, stop.cancel.clone());
                under_way.push(async move { (planned, alone, Box::pin(asking).await) });
            }
            let Some((planned, alone, answered)) = under_way.next().await else { break };
            if let Err(EngineError::OverBudget(over)) = &answered {
                running.not_asked(planned, in_words(over));
                held.push_front(planned);
                // What it was refused beside may have ended meanwhile: then it is asked once more, alone.
                full = alone || !under_way.is_empty();
                continue;
            }
            full = false;
            if let Err(error) = running.end(answered).await {
                // One that cannot be recorded: no other can be. Those under way are waited for, they are being paid for.
                broken.get_or_insert(error);
            }
        }
        if let Some(error) = broken {
            return Err(error);
        }
        if held.is_empty() {
            running.outcome.over_budget = None;
        }
        running.outcome.end = match (queue.peek().or_else(|| held.front()), running.outcome.left) {
            (Some(_), _) if stop.drain.is_cancelled() || stop.cancel.is_cancelled() => BatchEnd::Stopped,
            (Some(_), _) if !held.is_empty() => BatchEnd::OverBudget,
            (Some(_), _) => BatchEnd::Capped,
            (None, 0) => BatchEnd::Finished,
            (None, _) => BatchEnd::Stopped,
        };
        Ok(())
    }

    /// Asks one question in a conversation of its own and waits for the end of its answer.
    async fn answer_question<'p>(
        &self,
        batch: BatchId,
        planned: &'p Planned,
        settings: &BatchSettings,
        cancel: CancellationToken,
    ) -> Result<Answered<'p>, EngineError> {
        let item = &planned.item;
        let conversation = self.conversation_for(item, &settings.filing);
        let lane_id = conversation.lanes.first().map(|lane| lane.id);
        self.inner.store.batches().begin_item(batch, &item.key, &conversation).await?;
        let (sink, mut over) = until_done();
        let question = question(item, settings);
        // Under a cap no question may cost more than what was set aside for it, whoever answers in the end.
        let most = settings.most_usd.and(planned.worst.usd);
        let turn = match self.ask_in(conversation.id, question, Source::Batch, most, sink).await {
            Err(error @ EngineError::OverBudget(_)) => {
                // It waits for its budget, and not in the list.
                let now = self.inner.clock.now();
                self.inner.store.conversations().archive(conversation.id, Some(now)).await?;
                return Err(error);
            }
            turn => turn?,
        };
        tokio::select! {
            _ = &mut over => {}
            () = cancel.cancelled() => {
                self.stop_turn(turn.id);
                // What is not put away in time is recovered at the next start.
                let _ = tokio::time::timeout(LONGEST_STOP, over).await;
            }
        }
        let lane_id = lane_id.ok_or(EngineError::NoLanes)?;
        let versions = self.inner.store.runs().versions(turn.id, lane_id).await?;
        let latest = versions.last().ok_or(EngineError::NothingToRetry)?;
        let record = self.answer(latest.id).await?;
        let filter = LedgerFilter { conversation: Some(conversation.id), ..LedgerFilter::default() };
        let spent = self.inner.store.ledger().totals(&filter).await?;
        Ok(Answered { planned, record, spent })
    }

    fn conversation_for(&self, item: &Item, filing: &Filing) -> NewConversation {
        let clock = &self.inner.clock;
        NewConversation {
            id: ConversationId::from_uuid(clock.new_id()),
            title: format!("Batch, question {}", item.number),
            title_is_auto: true,
            context_mode: ContextMode::Lanes,
            system_prompt: item.system.clone(),
            lanes: vec![NewLane {
                id: LaneId::from_uuid(clock.new_id()),
                target: item.target.clone(),
                params: roundtable_domain::Params::default(),
            }],
            folder: filing.folder.clone(),
            tags: filing.tags.clone(),
            created_at: clock.now(),
        }
    }
}

/// A channel of a turn that tells nothing but its end.
fn until_done() -> (TurnSink, oneshot::Receiver<()>) {
    let (sender, receiver) = oneshot::channel();
    let mut sender = Some(sender);
    let sink: TurnSink = Box::new(move |batch| {
        if batch.done
            && let Some(sender) = sender.take()
        {
            // Nobody waits any more when the batch was given up.
            let _ = sender.send(());
        }
        true
    });
    (sink, receiver)
}

fn question(item: &Item, settings: &BatchSettings) -> Question {
    Question {
        targets: vec![AskTarget::Named(item.target.clone())],
        text: item.prompt.clone(),
        attachments: Vec::new(),
        tools: Tools::default(),
        profile: settings.profile.clone(),
        system: item.system.clone(),
        params: settings.params.clone(),
        // Also where nobody watches: of a stream that breaks off, the text that came is kept.
        stream: true,
        retry: settings.retry,
        fresh: false,
        timeouts: settings.timeouts,
        money: settings.money.clone(),
        filing: settings.filing.clone(),
    }
}

impl<'p> Running<'p> {
    fn new(
        file: ResultsFile,
        render: RenderResult,
        plan: &BatchPlan,
        report: &'p mut (dyn FnMut(&BatchProgress) + Send),
    ) -> Self {
        let mut running = Self {
            file,
            render,
            purse: Purse::new(plan.settings.most_usd, &plan.spent),
            outcome: BatchOutcome {
                end: BatchEnd::Finished,
                asked: 0,
                complete: 0,
                failed: 0,
                interrupted: 0,
                left: plan.estimate.questions,
                spent: plan.spent,
                over_budget: None,
            },
            progress: BatchProgress { spent: plan.spent, ..BatchProgress::default() },
            report,
        };
        for planned in &plan.items {
            if let Due::Nothing(state) = planned.due {
                running.count(state);
            }
        }
        (running.report)(&running.progress);
        running
    }

    fn begin(&mut self, planned: &Planned) {
        self.purse.set_aside(planned.worst);
        self.outcome.asked += 1;
        self.progress.under_way += 1;
        (self.report)(&self.progress);
    }

    /// A budget had no room for it: it is as if it had not been begun.
    fn not_asked(&mut self, planned: &Planned, why: String) {
        self.purse.settle(planned.worst, &SpendTotals::default());
        self.outcome.asked -= 1;
        self.outcome.over_budget = Some(why);
        self.progress.under_way -= 1;
        (self.report)(&self.progress);
    }

    /// Counts what an answer cost and writes its result. An answer that was stopped before it was charged has none: it is asked
    /// again the next time.
    async fn end(&mut self, answered: Result<Answered<'_>, EngineError>) -> Result<(), EngineError> {
        self.progress.under_way -= 1;
        let Answered { planned, record, spent } = answered?;
        self.purse.settle(planned.worst, &spent);
        self.outcome.spent = sum(&self.outcome.spent, &spent);
        self.progress.spent = self.outcome.spent;
        let state = record.run.state;
        let stopped = matches!(state, RunState::Cancelled | RunState::Interrupted);
        let free = spent.calls + spent.simulated_calls == 0;
        if !state.is_final() || (stopped && free) {
            (self.report)(&self.progress);
            return Ok(());
        }
        Ok(self.write(&planned.item, &record).await?)
    }

    async fn write(&mut self, item: &Item, record: &AnswerRecord) -> Result<(), BatchError> {
        let rendered = (self.render)(record);
        let answer = rendered.map_err(|error| self.file.unwritable(error.into()))?;
        self.file.add(&line(item, record.run.state, answer)).await?;
        self.count(record.run.state);
        (self.report)(&self.progress);
        Ok(())
    }

    fn count(&mut self, state: RunState) {
        let outcome = &mut self.outcome;
        match state {
            RunState::Complete => outcome.complete += 1,
            RunState::Interrupted | RunState::Cancelled => outcome.interrupted += 1,
            _ => outcome.failed += 1,
        }
        outcome.left = outcome.left.saturating_sub(1);
        self.progress.done += 1;
        self.progress.failed += u64::from(state != RunState::Complete);
    }
}

/// A line of the file of results: what belongs to the batch, then the answer, then what the question passed through.
fn line(item: &Item, state: RunState, answer: Value) -> Value {
    let mut line = Map::new();
    line.insert("type".to_owned(), RESULT.into());
    line.insert("item".to_owned(), item.number.into());
    line.insert("id".to_owned(), item.id.clone().unwrap_or_default());
    line.insert("key".to_owned(), item.key.clone().into());
    line.insert("target".to_owned(), item.target.clone().into());
    line.insert("state".to_owned(), state.as_str().into());
    if let Value::Object(answer) = answer {
        line.extend(answer.into_iter().filter(|(name, _)| name != "type"));
    }
    line.insert("fields".to_owned(), json!(item.fields));
    Value::Object(line)
}

fn sum(one: &SpendTotals, other: &SpendTotals) -> SpendTotals {
    SpendTotals {
        real: one.real.checked_add(other.real).unwrap_or(one.real),
        simulated: one.simulated.checked_add(other.simulated).unwrap_or(one.simulated),
        calls: one.calls + other.calls,
        simulated_calls: one.simulated_calls + other.simulated_calls,
        unpriced_calls: one.unpriced_calls + other.unpriced_calls,
        estimated: one.estimated || other.estimated,
        at_least: one.at_least || other.at_least,
    }
}
