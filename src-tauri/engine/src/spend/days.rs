//! What models have cost day by day, in the user's time zone. Of real money.

use std::collections::{BTreeMap, HashMap};

use jiff::ToSpan as _;
use roundtable_domain::UnixMs;
use roundtable_store::{QUARTER_MS, SpendCell, Stretch};

use super::span::{Span, columns_between};
use crate::engine::Engine;
use crate::error::EngineError;

/// A day, those before it, and what each model has cost on them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct DailyCosts {
    /// The day, `YYYY-MM-DD`.
    pub(crate) day: String,
    /// When it ended; `None`: it is today.
    pub(crate) over_at: Option<UnixMs>,
    /// By `provider/model`: pico-dollars of each day, the oldest first and this one last.
    pub(crate) models: BTreeMap<String, Vec<i128>>,
}

impl Engine {
    /// What each model has cost yesterday and today, and on so many days before each.
    pub(crate) async fn daily_costs(&self, before: u16) -> Result<[DailyCosts; 2], EngineError> {
        let moment = self.spend_moment().await?;
        let today = moment.today();
        let begins: Vec<i64> = (0..=i64::from(before) + 1)
            .rev()
            .map(|back| moment.begin_of(today.checked_sub(back.days()).unwrap_or(today)))
            .collect();
        let stretches = columns_between(&begins, moment.end());
        let mut models: BTreeMap<String, Vec<i128>> = BTreeMap::new();
        for (target, cell) in self.real_cells(&stretches).await? {
            let days = models.entry(target).or_insert_with(|| vec![0; stretches.len()]);
            if let Some(day) = usize::try_from(cell.column).ok().and_then(|column| days.get_mut(column)) {
                *day += i128::from(cell.sums.cost);
            }
        }
        let yesterday = DailyCosts {
            day: today.yesterday().unwrap_or(today).to_string(),
            over_at: Some(UnixMs(moment.begin_of(today).saturating_mul(QUARTER_MS))),
            models: of_days(&models, |days| days.split_last().map(|(_, earlier)| earlier)),
        };
        let models = of_days(&models, |days| days.split_first().map(|(_, later)| later));
        Ok([yesterday, DailyCosts { day: today.to_string(), over_at: None, models }])
    }

    /// Models that were called on these last days, today among them, as `provider/model`.
    pub(crate) async fn models_used(&self, days: u16) -> Result<Vec<String>, EngineError> {
        let moment = self.spend_moment().await?;
        let back = (i64::from(days.max(1)) - 1).days();
        let first = moment.begin_of(moment.today().checked_sub(back).unwrap_or(moment.today()));
        // What stands in a cell is to be added up, and may be below zero.
        let mut requests: BTreeMap<String, i128> = BTreeMap::new();
        for (target, cell) in self.real_cells(&[Span { first, last: moment.end() }.stretch(0)]).await? {
            *requests.entry(target).or_default() += i128::from(cell.sums.requests);
        }
        Ok(requests.into_iter().filter(|(_, requests)| *requests > 0).map(|(target, _)| target).collect())
    }

    /// Cells of real money with the model each is of.
    async fn real_cells(&self, stretches: &[Stretch]) -> Result<Vec<(String, SpendCell)>, EngineError> {
        let room = self.inner.store.spend();
        let subjects = room.subjects().await?;
        let real = subjects.iter().filter(|subject| !subject.simulated);
        let targets: HashMap<i64, String> =
            real.map(|subject| (subject.id, format!("{}/{}", subject.provider, subject.model))).collect();
        if targets.is_empty() {
            return Ok(Vec::new());
        }
        let cells = room.cells(stretches).await?;
        Ok(cells.into_iter().filter_map(|cell| Some((targets.get(&cell.subject)?.clone(), cell))).collect())
    }
}

/// Some of the days of each model.
fn of_days(
    models: &BTreeMap<String, Vec<i128>>,
    some: impl Fn(&[i128]) -> Option<&[i128]>,
) -> BTreeMap<String, Vec<i128>> {
    models.iter().map(|(target, days)| (target.clone(), some(days).unwrap_or_default().to_vec())).collect()
}
