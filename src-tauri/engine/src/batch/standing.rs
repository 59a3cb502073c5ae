//! Where a question stands: what the file of results and the database know of it, and what therefore is to be done.

use std::collections::{HashMap, HashSet};

use roundtable_domain::{RunId, RunState};
use roundtable_store::{BatchItem, LedgerFilter, SpendTotals};

use super::error::BatchError;
use super::plan::Again;
use crate::engine::Engine;
use crate::error::EngineError;

/// What is to be done about a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Due {
    /// Its result stands in the file.
    Nothing(RunState),
    /// Its answer is there and was not written to the file yet.
    Write(RunId, RunState),
    /// It is asked.
    Ask,
}

/// What was begun for a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Begun {
    run: Option<(RunId, RunState)>,
    /// Something of it stands in the books.
    booked: bool,
}

/// What is known before anything is asked.
#[derive(Debug, Default)]
pub(super) struct Known {
    pub(super) begun: HashMap<String, Begun>,
    /// Questions that had their results when the batch was finished, and whose answers are gone from here.
    pub(super) put_away: HashSet<String>,
    /// What all of it has cost so far.
    pub(super) spent: SpendTotals,
}

/// What is to be done about a question: by what the file holds, what was begun, and what shall be asked again. `None`: another
/// process is answering it.
pub(super) fn due(in_file: Option<RunState>, begun: Option<&Begun>, again: &[Again]) -> Option<Due> {
    let asked_again = |state: RunState| again.iter().any(|one| one.means(state));
    if let Some(state) = in_file {
        return Some(if asked_again(state) { Due::Ask } else { Due::Nothing(state) });
    }
    let Some(Begun { run: Some((id, state)), booked }) = begun else { return Some(Due::Ask) };
    if !state.is_final() {
        return None;
    }
    // Stopped before it was charged: nobody pays twice.
    let stopped = matches!(state, RunState::Cancelled | RunState::Interrupted);
    Some(if asked_again(*state) || (stopped && !booked) { Due::Ask } else { Due::Write(*id, *state) })
}

impl Engine {
    /// What an earlier process began for this file of results.
    pub(super) async fn known_of_batch(&self, results: &str) -> Result<Known, EngineError> {
        let store = &self.inner.store;
        let Some(batch) = store.batches().find(results).await? else { return Ok(Known::default()) };
        let mut known = Known { spent: store.batches().spend(batch.id).await?, ..Known::default() };
        for item in store.batches().items(batch.id).await? {
            if !item.kept {
                known.put_away.insert(item.key);
                continue;
            }
            let booked = self.is_booked(&item).await?;
            known.begun.insert(item.key, Begun { run: item.run, booked });
        }
        Ok(known)
    }

    /// Whether anything was booked for it; only asked of those that were stopped.
    async fn is_booked(&self, item: &BatchItem) -> Result<bool, EngineError> {
        let stopped =
            item.run.is_some_and(|(_, state)| matches!(state, RunState::Cancelled | RunState::Interrupted));
        if !stopped {
            return Ok(true);
        }
        let filter = LedgerFilter { conversation: Some(item.conversation_id), ..LedgerFilter::default() };
        let totals = self.inner.store.ledger().totals(&filter).await?;
        Ok(totals.calls + totals.simulated_calls > 0)
    }
}

/// The error for a question that another process is answering.
pub(super) fn busy(results: &std::path::Path) -> EngineError {
    BatchError::Busy(results.to_owned()).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use RunState::{Cancelled, Committed, Complete, Failed, Interrupted, Truncated};

    fn begun(state: RunState, booked: bool) -> Begun {
        Begun { run: Some((RunId::from_uuid(uuid::Uuid::nil()), state)), booked }
    }

    #[test]
    fn the_file_decides_first() {
        for state in [Complete, Truncated, Failed, Cancelled, Interrupted] {
            assert_eq!(due(Some(state), Some(&begun(Failed, true)), &[]), Some(Due::Nothing(state)));
        }
        assert_eq!(due(Some(Failed), None, &[Again::Failed]), Some(Due::Ask));
        assert_eq!(due(Some(Complete), None, &[Again::Failed]), Some(Due::Nothing(Complete)));
        assert_eq!(due(Some(Cancelled), None, &[Again::Interrupted]), Some(Due::Ask), "stopped is stopped");
    }

    #[test]
    fn what_was_answered_is_written_and_what_was_never_sent_is_asked() {
        let id = RunId::from_uuid(uuid::Uuid::nil());
        for state in [Complete, Truncated, Failed] {
            assert_eq!(due(None, Some(&begun(state, true)), &[]), Some(Due::Write(id, state)));
        }
        assert_eq!(due(None, None, &[]), Some(Due::Ask));
        assert_eq!(due(None, Some(&Begun { run: None, booked: true }), &[]), Some(Due::Ask));
    }

    #[test]
    fn what_may_have_been_paid_is_asked_again_only_on_request() {
        let id = RunId::from_uuid(uuid::Uuid::nil());
        for state in [Cancelled, Interrupted] {
            assert_eq!(due(None, Some(&begun(state, true)), &[]), Some(Due::Write(id, state)));
            assert_eq!(due(None, Some(&begun(state, true)), &[Again::Interrupted]), Some(Due::Ask));
            assert_eq!(due(None, Some(&begun(state, false)), &[]), Some(Due::Ask), "nothing was charged");
        }
        assert_eq!(due(None, Some(&begun(Committed, true)), &[]), None, "another process has it");
    }
}
