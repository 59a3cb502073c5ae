//! Spend: what the books hold, by time and by thing, down to a single entry.
//!
//! All figures of a view come from one reading of the store's sums (`gather.rs`), and every amount is written once as exact decimal
//! text: chart, table, file and command line show the same digits. Time is cut in the user's zone (`span.rs`). What is said about it
//! in words (`takeaway.rs`) and where it leads (`forecast.rs`) are pure rules.

mod days;
mod entries;
mod error;
mod export;
mod folders;
mod forecast;
mod gather;
mod known;
mod listing;
mod names;
mod picture;
mod replay;
mod span;
mod sums;
mod tables;
mod takeaway;

use std::collections::BTreeSet;

use roundtable_domain::TurnId;
use roundtable_store::SpendSubject;

use crate::engine::Engine;
use crate::error::EngineError;
use crate::view::{
    AppError, BudgetScope, BudgetScopeKind, Spend, SpendBy, SpendChoices, SpendFilter, SpendName, SpendRange,
    SpendView, TightestBudget,
};
pub(crate) use days::DailyCosts;
pub use error::SpendError;
use gather::Gathered;
pub use known::UnusedName;
pub use listing::{AtLeastSums, EntryList, Money};
use names::names_of;
use span::Moment;

impl Engine {
    /// Everything the Spend room shows for one filter.
    pub async fn spend(&self, filter: &SpendFilter) -> Result<SpendView, AppError> {
        let moment = self.spend_moment().await?;
        let mut names = self.spend_names().await?;
        let gathered = Gathered::read(&self.inner.store, filter, &moment, &mut names).await?;
        let mut view = picture::picture(&gathered, filter, &moment, &names);
        view.figures.tightest = self.tightest_budget(filter).await?;
        Ok(view)
    }

    /// What can be filtered by: all that the books name, whatever the range, in the order of what people call it.
    pub async fn spend_choices(&self) -> Result<SpendChoices, AppError> {
        let names = self.spend_names().await?;
        let subjects = self.inner.store.spend().subjects().await.map_err(EngineError::from)?;
        let booked: Vec<&SpendSubject> = subjects.iter().filter(|subject| subject.booked).collect();
        let choices = |by| {
            let all: BTreeSet<String> = booked.iter().flat_map(|subject| names_of(subject, by)).collect();
            let mut choices: Vec<SpendName> = all.iter().map(|name| names.of(by, name)).collect();
            choices.sort_by_key(|choice| (choice.name.is_empty(), choice.label.to_lowercase()));
            choices
        };
        Ok(SpendChoices {
            providers: choices(SpendBy::Provider),
            models: choices(SpendBy::Model),
            keys: choices(SpendBy::Key),
            sources: choices(SpendBy::Source),
            folders: choices(SpendBy::Folder),
            tags: choices(SpendBy::Tag),
            has_real: booked.iter().any(|subject| !subject.simulated),
            has_simulated: booked.iter().any(|subject| subject.simulated),
        })
    }

    /// What a turn has cost so far: every call of every version of its answers.
    pub async fn turn_spend(&self, turn_id: TurnId) -> Result<Spend, AppError> {
        let totals = self.inner.store.ledger().turn_totals(turn_id).await.map_err(EngineError::from)?;
        Ok(crate::project::spend(&totals))
    }

    /// A range in words: `today`, `week`, `month`, `year`, `all`, a number of days (`30d`), or `FROM..UNTIL`, each a day (`2026-11-21`,
    /// in the user's time zone) or a moment (RFC 3339). It ends before the moment, and with the day.
    pub async fn spend_range(&self, words: &str) -> Result<SpendRange, EngineError> {
        let moment = self.spend_moment().await?;
        span::range_of(words, moment.zone()).ok_or_else(|| SpendError::Range(words.to_owned()).into())
    }

    /// Now, in the user's time zone.
    async fn spend_moment(&self) -> Result<Moment, EngineError> {
        Ok(Moment::new(self.inner.clock.now(), &self.time_zone().await?))
    }

    /// The budget in force that is used up most, of those that count anything the filter is about.
    async fn tightest_budget(&self, filter: &SpendFilter) -> Result<Option<TightestBudget>, AppError> {
        let simulated = filter.simulated;
        let budgets = self.list_budgets().await?.into_iter();
        let in_force = budgets.filter(|budget| !budget.draft.paused && budget.draft.simulated == simulated);
        let concerned = in_force.filter(|budget| concerns(&budget.draft.scope, filter));
        let tightest = concerned.max_by_key(|budget| budget.used_basis_points);
        Ok(tightest.map(|budget| TightestBudget {
            id: budget.id,
            name: budget.draft.name,
            on_limit: budget.draft.on_limit,
            limit_usd: budget.draft.limit_usd,
            fits: budget.left_usd != "0",
            left_usd: budget.left_usd,
            simulated,
        }))
    }
}

/// Whether a budget counts anything that a filter is about, as far as their names say.
fn concerns(scope: &BudgetScope, filter: &SpendFilter) -> bool {
    let Some(name) = &scope.name else { return true };
    let among = |list: &[String]| list.is_empty() || list.contains(name);
    let provider = || name.split_once('/').map_or(name.as_str(), |(provider, _)| provider);
    let of_provider = |model: &String| model.split_once('/').is_some_and(|(provider, _)| provider == name);
    match scope.kind {
        BudgetScopeKind::Everything => true,
        BudgetScopeKind::Provider => {
            among(&filter.providers) && (filter.models.is_empty() || filter.models.iter().any(of_provider))
        }
        BudgetScopeKind::Model => {
            among(&filter.models)
                && (filter.providers.is_empty() || filter.providers.iter().any(|one| one == provider()))
        }
        BudgetScopeKind::Key => among(&filter.keys),
        BudgetScopeKind::Conversation => among(&filter.conversations),
        BudgetScopeKind::Folder => among(&filter.folders),
        BudgetScopeKind::Tag => among(&filter.tags),
        BudgetScopeKind::Source => among(&filter.sources),
    }
}
