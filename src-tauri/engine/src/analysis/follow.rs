//! Advice that is followed, taken back, or turned down.
//!
//! A change is in the database before it is made, and marked as made after that; taking it back goes the same way. Where a process died
//! in between, what stands in the place of the change says how far it came.

use roundtable_store::{AdviceChange, ChangeState};
use serde_json::Value;

use super::advice::Advice;
use super::error::AdviceError;
use super::standing::{Standing, Way};
use super::step::Step;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::lease::is_alive;
use crate::view::{AnalysisView, AppError, AppliedChange, CannotUndo, RecommendationKind, Said};

/// More changes than these are not shown; all are kept.
const MOST_SHOWN: u32 = 200;

impl Engine {
    /// Follows a recommendation. One that is followed already is left as it is.
    pub async fn apply_recommendation(&self, id: &str, days: u32) -> Result<AnalysisView, AppError> {
        self.apply_advice(id, days).await?;
        self.analysis(days).await
    }

    /// Turns a recommendation down, or takes that back. It is still told, last and marked.
    pub async fn dismiss_recommendation(
        &self,
        id: &str,
        dismissed: bool,
        days: u32,
    ) -> Result<AnalysisView, AppError> {
        let now = self.inner.clock.now();
        self.inner.store.advice().dismiss(id, dismissed, now).await.map_err(EngineError::from)?;
        self.analysis(days).await
    }

    /// Takes back a change that followed a recommendation, if what stands there is still what it made.
    pub async fn undo_change(&self, id: &str, days: u32) -> Result<AnalysisView, AppError> {
        self.undo_advice(id).await?;
        self.analysis(days).await
    }

    async fn apply_advice(&self, id: &str, days: u32) -> Result<(), EngineError> {
        let _one_at_a_time = self.inner.following.lock().await;
        self.settle_changes().await?;
        let told = self.advice_for(days).await?.into_iter().find(|advice| advice.shown.id == id);
        match told {
            Some(advice) => self.follow(&advice, false).await.map(|_| ()),
            None if self.is_followed(id).await? => Ok(()),
            None => Err(AdviceError::Unknown(id.to_owned()).into()),
        }
    }

    /// Makes the change of a piece of advice; `None`: it stands already, or somebody else is at it. To be called with the lock held.
    pub(super) async fn follow(
        &self,
        advice: &Advice,
        automatic: bool,
    ) -> Result<Option<AppliedChange>, EngineError> {
        let step = advice.step.as_ref().ok_or(AdviceError::ByHand)?;
        match self.stands(step).await? {
            Standing::Before => {}
            Standing::After => return Ok(None),
            Standing::Other { place, .. } | Standing::Gone { place } => {
                return Err(AdviceError::Overtaken { place: Box::new(place) }.into());
            }
        }
        let inner = &self.inner;
        let now = inner.clock.now();
        let change = AdviceChange {
            id: inner.clock.new_id().to_string(),
            advice: advice.shown.id.clone(),
            kind: advice.shown.kind.as_str().to_owned(),
            subject: advice.shown.subject.clone(),
            title: json(&advice.shown.title)?,
            step: json(step)?,
            state: ChangeState::Begun,
            owner: inner.lease_id.clone(),
            automatic,
            at: now,
            undone_at: None,
        };
        let room = inner.store.advice();
        if !room.begin(&change).await? {
            return Ok(None);
        }
        if let Err(error) = self.make(step, Way::Apply).await {
            room.forget(&change.id).await?;
            return Err(error);
        }
        room.move_on(&change.id, ChangeState::Begun, ChangeState::Applied, &inner.lease_id, now).await?;
        tracing::info!(advice = %change.advice, automatic, "advice was followed");
        Ok(Some(self.shown(&AdviceChange { state: ChangeState::Applied, ..change }).await?))
    }

    async fn undo_advice(&self, id: &str) -> Result<(), EngineError> {
        let _one_at_a_time = self.inner.following.lock().await;
        self.settle_changes().await?;
        let changes = self.inner.store.advice().changes(u32::MAX).await?;
        let change = changes.into_iter().find(|change| change.id == id);
        let change = change.ok_or_else(|| AdviceError::UnknownChange(id.to_owned()))?;
        if change.state != ChangeState::Applied {
            return Err(AdviceError::TakenBack.into());
        }
        let step = step_of(&change)?;
        if let Some(why) = self.why_not_undone(&step).await? {
            return Err(AdviceError::CannotUndo(Box::new(why)).into());
        }
        let (room, lease) = (self.inner.store.advice(), &self.inner.lease_id);
        let now = self.inner.clock.now();
        room.move_on(id, ChangeState::Applied, ChangeState::Undoing, lease, now).await?;
        if let Err(error) = self.make(&step, Way::Undo).await {
            room.move_on(id, ChangeState::Undoing, ChangeState::Applied, lease, now).await?;
            return Err(error);
        }
        room.move_on(id, ChangeState::Undoing, ChangeState::Undone, lease, now).await?;
        tracing::info!(advice = %change.advice, "a change was taken back");
        Ok(())
    }

    /// Finds out what became of changes whose process died over them. To be called with the lock held.
    pub(super) async fn settle_changes(&self) -> Result<(), EngineError> {
        let room = self.inner.store.advice();
        for change in room.changes(u32::MAX).await? {
            if !matches!(change.state, ChangeState::Begun | ChangeState::Undoing) {
                continue;
            }
            let is_ours = change.owner == self.inner.lease_id;
            if !is_ours && is_alive(&self.inner.data_dir.leases(), change.owner.as_str()) {
                continue;
            }
            let stands = self.stands(&step_of(&change)?).await?;
            let (now, lease) = (self.inner.clock.now(), &self.inner.lease_id);
            match (change.state, stands) {
                (ChangeState::Begun, Standing::After) => {
                    room.move_on(&change.id, ChangeState::Begun, ChangeState::Applied, lease, now).await?;
                }
                // Whatever stands there, it is not what was to be made.
                (ChangeState::Begun, _) => room.forget(&change.id).await?,
                (_, Standing::Before) => {
                    room.move_on(&change.id, ChangeState::Undoing, ChangeState::Undone, lease, now).await?;
                }
                (..) => {
                    room.move_on(&change.id, ChangeState::Undoing, ChangeState::Applied, lease, now).await?;
                }
            }
        }
        Ok(())
    }

    /// Whether a change that followed this advice stands.
    async fn is_followed(&self, advice: &str) -> Result<bool, EngineError> {
        let changes = self.inner.store.advice().changes(u32::MAX).await?;
        Ok(changes.iter().any(|change| change.advice == advice && change.state == ChangeState::Applied))
    }

    /// The changes, newest first. One that another process is at this very moment is not among them yet.
    pub(super) async fn changes_shown(&self) -> Result<Vec<AppliedChange>, EngineError> {
        let mut shown = Vec::new();
        for change in self.inner.store.advice().changes(MOST_SHOWN).await? {
            if change.state != ChangeState::Begun {
                shown.push(self.shown(&change).await?);
            }
        }
        Ok(shown)
    }

    async fn shown(&self, change: &AdviceChange) -> Result<AppliedChange, EngineError> {
        let step = step_of(change)?;
        let in_force = change.state != ChangeState::Undone;
        Ok(AppliedChange {
            id: change.id.clone(),
            recommendation: change.advice.clone(),
            kind: read::<RecommendationKind>(&Value::from(change.kind.as_str()))?,
            subject: change.subject.clone(),
            title: read::<Said>(&change.title)?,
            change: step.changes(),
            at: change.at,
            automatic: change.automatic,
            undone_at: change.undone_at,
            cannot_undo: if in_force { self.why_not_undone(&step).await? } else { None },
        })
    }

    /// Why a change cannot be taken back; `None`: it can be.
    async fn why_not_undone(&self, step: &Step) -> Result<Option<CannotUndo>, EngineError> {
        let first = step.changes().into_iter().next();
        Ok(match self.stands(step).await? {
            Standing::After => None,
            Standing::Gone { place } => {
                let text = format!("“{}” is not there any more", place.text);
                Some(CannotUndo { text, place, found: None })
            }
            Standing::Before => first.map(|change| changed_since(change.place, change.before)),
            Standing::Other { place, found } => Some(changed_since(place, found)),
        })
    }
}

/// What stands there now is somebody's own.
fn changed_since(place: Said, found: Said) -> CannotUndo {
    let text = format!("“{}” was changed since: it is “{}” now", place.text, found.text);
    CannotUndo { text, place, found: Some(found) }
}

pub(super) fn step_of(change: &AdviceChange) -> Result<Step, EngineError> {
    read(&change.step)
}

fn json(value: &impl serde::Serialize) -> Result<Value, EngineError> {
    Ok(serde_json::to_value(value).map_err(|error| AdviceError::Damaged(error.to_string()))?)
}

fn read<T: serde::de::DeserializeOwned>(value: &Value) -> Result<T, EngineError> {
    Ok(T::deserialize(value).map_err(|error| AdviceError::Damaged(error.to_string()))?)
}
