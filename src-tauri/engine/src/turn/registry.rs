//! All turns in flight of this process.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use roundtable_domain::{LaneId, RunId, TurnId};
use tokio_util::sync::CancellationToken;

use super::live::{Begun, LiveTurn, TurnSink};
use crate::view::RunView;

/// Turns in flight, by id. A turn is here from before its first byte until its channels were told that it is over.
///
/// Lock order: this map, then a turn's state; never the other way round.
#[derive(Default)]
pub(crate) struct LiveTurns {
    turns: Mutex<HashMap<TurnId, Arc<LiveTurn>>>,
}

/// What joining a turn needs to know.
pub(crate) struct Joined {
    pub(crate) turn: Arc<LiveTurn>,
    /// Nobody pumps it yet: whoever sees this must.
    pub(crate) is_new: bool,
}

impl LiveTurns {
    fn lock(&self) -> MutexGuard<'_, HashMap<TurnId, Arc<LiveTurn>>> {
        self.turns.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds runs and a channel to a turn, bringing it to life, as what has begun now, when it is not in flight.
    pub(crate) fn join(
        &self,
        turn_id: TurnId,
        begun: Begun,
        runs: impl IntoIterator<Item = (RunView, CancellationToken)>,
        sink: TurnSink,
    ) -> Joined {
        let mut turns = self.lock();
        let is_new = !turns.contains_key(&turn_id);
        let turn =
            Arc::clone(turns.entry(turn_id).or_insert_with(|| Arc::new(LiveTurn::new(turn_id, begun))));
        for (view, cancel) in runs {
            turn.add_run(view, cancel);
        }
        turn.add_channel(sink);
        Joined { turn, is_new }
    }

    /// Adds a channel to a turn in flight; gives the sink back when it is not.
    pub(crate) fn watch(&self, turn_id: TurnId, sink: TurnSink) -> Result<(), TurnSink> {
        match self.lock().get(&turn_id) {
            Some(turn) => {
                turn.add_channel(sink);
                Ok(())
            }
            None => Err(sink),
        }
    }

    /// Forgets a turn if all of its runs have ended; false when one was added meanwhile.
    pub(crate) fn retire(&self, turn_id: TurnId) -> bool {
        let mut turns = self.lock();
        let over = turns.get(&turn_id).is_none_or(|turn| turn.is_over());
        if over {
            turns.remove(&turn_id);
        }
        over
    }

    /// Whether a run of this lane is in flight.
    pub(crate) fn is_busy(&self, lane_id: LaneId) -> bool {
        self.lock().values().any(|turn| turn.is_busy(lane_id))
    }

    /// The runs of a turn in flight, as they stand.
    pub(crate) fn runs_of(&self, turn_id: TurnId) -> Option<Vec<RunView>> {
        self.lock().get(&turn_id).map(|turn| turn.runs())
    }

    /// Stops a run wherever it is.
    pub(crate) fn stop_run(&self, run_id: RunId) {
        for turn in self.lock().values() {
            turn.stop(Some(run_id));
        }
    }

    /// Stops all runs of a turn.
    pub(crate) fn stop_turn(&self, turn_id: TurnId) {
        if let Some(turn) = self.lock().get(&turn_id) {
            turn.stop(None);
        }
    }

    /// All of them.
    pub(crate) fn all(&self) -> Vec<Arc<LiveTurn>> {
        self.lock().values().cloned().collect()
    }
}
