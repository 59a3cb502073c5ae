//! Budgets: what may be spent, shown, written down, and kept to.
//!
//! The database decides, in the transaction that sets money aside (`store::Admission`). Here is what stands around that decision:
//! [`calendar`] opens the windows of time budgets count in, [`reserve`] says how much is set aside for a call, [`fit`] and [`ways`]
//! say what is in the way and what helps, [`cheaper`] looks for models that cost less, [`draft`] is budgets as people write them.

mod calendar;
mod cheaper;
mod draft;
mod error;
mod fit;
mod refused;
mod reserve;
#[cfg(test)]
mod samples;
mod scope;
mod ways;
mod words;

use std::collections::HashMap;

use roundtable_domain::budget::Scope;
use roundtable_domain::{BudgetId, UnixMs};
use roundtable_ledger::budget::{opening_windows, window_anew};
use roundtable_store::{BooksCheck, BudgetRow, LedgerFilter, OverrideWhy, RecordedOverride};

use crate::engine::Engine;
use crate::error::EngineError;
use crate::keys::variable_of;
use crate::view::{AppError, BudgetDraft, BudgetOverrideView, BudgetView, OverrideReason};
pub(crate) use cheaper::Others;
pub use error::BudgetError;
pub(crate) use reserve::{
    Counted, Reserve, answer_limit, is_governed, longest_answer, thinking_limit, worst_call,
};
pub(crate) use ways::{Balance, Detour, LaneMoney, Payee, Place, as_refused, thinking};
pub(crate) use words::{in_words, not_called};

/// So many exceptions are listed.
const MOST_OVERRIDES: u32 = 100;

/// So much of a question is listed with them, in characters.
const SHOWN_OF_A_QUESTION: usize = 160;

impl Engine {
    /// All budgets as they stand, oldest first.
    pub async fn list_budgets(&self) -> Result<Vec<BudgetView>, AppError> {
        let rows = self.budgets_now().await?;
        let labels = self.labels(&rows).await?;
        let unused = self.inner.store.budgets().unused().await.map_err(EngineError::from)?;
        let now = self.inner.clock.now();
        let shown = |row: BudgetRow| {
            let label = labels.get(&row.budget.id).cloned().unwrap_or_default();
            let unused = unused.contains(&row.budget.id);
            draft::view(row, label, unused, now)
        };
        Ok(rows.into_iter().map(shown).collect())
    }

    /// Makes a budget, or changes the one of its id. `begin_anew`: what was counted so far counts no more; it also opens a period
    /// again that a wrong clock has closed. Otherwise a new budget counts what was booked in its period already.
    pub async fn save_budget(
        &self,
        draft: BudgetDraft,
        begin_anew: bool,
    ) -> Result<Vec<BudgetView>, AppError> {
        self.write_budget(draft, begin_anew).await?;
        self.list_budgets().await
    }

    async fn write_budget(&self, draft: BudgetDraft, begin_anew: bool) -> Result<(), EngineError> {
        let clock = &self.inner.clock;
        let now = clock.now();
        let rows = self.inner.store.budgets().list().await?;
        let scope = self.known_scope(&draft.scope, &rows).await?;
        let label = self.label(&scope).await?;
        let budget = draft::budget_of(draft, BudgetId::from_uuid(clock.new_id()), scope, &label)?;
        let zone = self.time_zone().await?;
        let windows = if begin_anew {
            window_anew(budget.period, &zone, now).into_iter().collect()
        } else {
            opening_windows(budget.period, &zone, self.latest_moment(budget.simulated, now).await?)
        };
        if windows.is_empty() {
            return Err(BudgetError::Clock.into());
        }
        self.inner.store.budgets().save(&budget, &windows, begin_anew, now).await?;
        tracing::info!(id = %budget.id, begin_anew, "a budget was saved");
        Ok(())
    }

    /// The later of now and what is booked last. On a clock that was set back the period of now is one that is over; a budget that
    /// began with it would open the present one again as soon as the clock is right.
    async fn latest_moment(&self, simulated: bool, now: UnixMs) -> Result<UnixMs, EngineError> {
        let of_its_kind = LedgerFilter { simulated: Some(simulated), ..LedgerFilter::default() };
        let newest = self.inner.store.ledger().entries(&of_its_kind, 1).await?;
        Ok(newest.first().map_or(now, |entry| entry.at.max(now)))
    }

    /// Takes a budget out of force, or puts it back in. Nothing else of it changes, whatever it says by now.
    pub async fn pause_budget(&self, id: BudgetId, paused: bool) -> Result<Vec<BudgetView>, AppError> {
        let now = self.inner.clock.now();
        self.inner.store.budgets().set_paused(id, paused, now).await.map_err(EngineError::from)?;
        tracing::info!(%id, paused, "a budget was paused or resumed");
        self.list_budgets().await
    }

    /// Removes a budget. What it counted stays in the books.
    pub async fn remove_budget(&self, id: BudgetId) -> Result<Vec<BudgetView>, AppError> {
        self.inner.store.budgets().remove(id).await.map_err(EngineError::from)?;
        self.list_budgets().await
    }

    /// What was sent against a budget because somebody said so, the newest first. The record outlives the budget and the question.
    pub async fn list_budget_overrides(&self, id: BudgetId) -> Result<Vec<BudgetOverrideView>, AppError> {
        let found = self.inner.store.budgets().overrides(id, MOST_OVERRIDES).await;
        Ok(found.map_err(EngineError::from)?.into_iter().map(shown_override).collect())
    }

    /// Adds up the books for every budget, and looks for money set aside that nobody will settle.
    pub async fn check_budgets(&self) -> Result<BooksCheck, AppError> {
        self.budgets_now().await?;
        Ok(self.inner.store.budgets().check().await.map_err(EngineError::from)?)
    }

    /// What people call the things budgets count.
    async fn labels(&self, rows: &[BudgetRow]) -> Result<HashMap<BudgetId, String>, EngineError> {
        let mut labels = HashMap::with_capacity(rows.len());
        for row in rows {
            labels.insert(row.budget.id, self.label(&row.budget.scope).await?);
        }
        Ok(labels)
    }

    /// What people call the thing a budget counts; its plain name where it is gone.
    pub(crate) async fn label(&self, scope: &Scope) -> Result<String, EngineError> {
        let store = &self.inner.store;
        let plain = scope.name().unwrap_or_else(|| scope.kind().to_owned());
        Ok(match scope {
            Scope::Provider(id) => self.directory().await?.find(id).map_or(plain, |setup| setup.name),
            Scope::Model(name) => {
                let found = self.directory().await?.resolve(name).ok();
                let known = found.as_ref().and_then(|(setup, model)| setup.facts(&model.model));
                known.map_or(plain, |facts| facts.name.clone())
            }
            Scope::Key(id) => {
                let keys = store.keys().list(None).await?;
                let key = keys.into_iter().find(|key| key.id == *id);
                let variable =
                    || variable_of(&plain).map_or_else(|| plain.clone(), |(name, _)| name.to_owned());
                key.map_or_else(variable, |key| if key.label.is_empty() { key.mask } else { key.label })
            }
            Scope::Conversation(id) => match store.conversations().get(*id).await {
                Ok(conversation) if !conversation.title.is_empty() => conversation.title,
                Ok(_) | Err(roundtable_store::StoreError::NotFound { .. }) => plain,
                Err(error) => return Err(error.into()),
            },
            Scope::Everything | Scope::Folder(_) | Scope::Tag(_) | Scope::Source(_) => plain,
        })
    }
}

fn shown_override(found: RecordedOverride) -> BudgetOverrideView {
    let RecordedOverride { record, asked } = found;
    let begins = |text: &str| {
        let line = crate::conversations::in_one_line(text);
        match line.char_indices().nth(SHOWN_OF_A_QUESTION) {
            Some(_) => line.chars().take(SHOWN_OF_A_QUESTION - 1).chain(['…']).collect(),
            None => line,
        }
    };
    BudgetOverrideView {
        at: record.at,
        why: match record.why {
            OverrideWhy::Limit => OverrideReason::Limit,
            OverrideWhy::Unpriced => OverrideReason::Unpriced,
        },
        over_usd: record.over.to_string(),
        unpriced_calls: record.unpriced_calls,
        question: asked.as_ref().map(|asked| begins(&asked.question)),
        conversation_id: asked.as_ref().map(|asked| asked.conversation_id),
        conversation_title: asked.map(|asked| asked.title),
        turn_id: record.turn_id,
    }
}
