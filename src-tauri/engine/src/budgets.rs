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
mod reserve;
#[cfg(test)]
mod samples;
mod ways;
mod words;

use std::collections::HashMap;

use roundtable_domain::BudgetId;
use roundtable_domain::budget::Scope;
use roundtable_ledger::budget::{opening_windows, window_anew};
use roundtable_store::{BooksCheck, BudgetRow};

use crate::engine::Engine;
use crate::error::EngineError;
use crate::keys::variable_of;
use crate::view::{AppError, BudgetDraft, BudgetView};
pub use error::BudgetError;
pub(crate) use reserve::{Counted, Reserve, answer_limit, is_governed, longest_answer, worst_call};
pub(crate) use ways::{Balance, Detour, LaneMoney, Payee, Place};
pub(crate) use words::{in_words, not_called};

impl Engine {
    /// All budgets as they stand, oldest first.
    pub async fn list_budgets(&self) -> Result<Vec<BudgetView>, AppError> {
        let rows = self.budgets_now().await?;
        let labels = self.labels(&rows).await?;
        let now = self.inner.clock.now();
        let shown = |row: BudgetRow| {
            let label = labels.get(&row.budget.id).cloned().unwrap_or_default();
            draft::view(row, label, now)
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
        let label = self.label(&draft::scope_of(&draft.scope)?).await?;
        let budget = draft::budget_of(draft, BudgetId::from_uuid(clock.new_id()), &label)?;
        let zone = self.time_zone().await?;
        let windows = if begin_anew {
            window_anew(budget.period, &zone, now).into_iter().collect()
        } else {
            opening_windows(budget.period, &zone, now)
        };
        if windows.is_empty() {
            return Err(BudgetError::Clock.into());
        }
        self.inner.store.budgets().save(&budget, &windows, begin_anew, now).await?;
        tracing::info!(id = %budget.id, begin_anew, "a budget was saved");
        Ok(())
    }

    /// Removes a budget. What it counted stays in the books.
    pub async fn remove_budget(&self, id: BudgetId) -> Result<Vec<BudgetView>, AppError> {
        self.inner.store.budgets().remove(id).await.map_err(EngineError::from)?;
        self.list_budgets().await
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
