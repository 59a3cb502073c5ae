//! What is on the screen as files of comma-separated values: the same digits.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use roundtable_domain::{LedgerEntryId, UnixMs};
use roundtable_store::{EntryPlace, FiledEntry};

use super::error::SpendError;
use super::gather::{Gathered, query_of};
use super::sums::count;
use crate::csv_text::{CsvText, written};
use crate::engine::Engine;
use crate::error::EngineError;
use crate::view::{AppError, SpendFilter, SpendView};

/// More entries than these are no file for a spreadsheet, and the file is held in memory whole.
const MOST_ENTRIES: u64 = 200_000;

const PAGE: u32 = 1_000;

type Row = Vec<String>;

impl Engine {
    /// One of the tables of a view as a file: `series`, `ranking`, `hours`, `models` or `entries`.
    pub async fn spend_csv(&self, filter: &SpendFilter, what: &str) -> Result<String, AppError> {
        let rows = match what {
            "series" => series(&self.spend(filter).await?, &self.time_zone().await?),
            "ranking" => ranking(&self.spend(filter).await?),
            "hours" => hours(&self.spend(filter).await?),
            "models" => models(&self.spend(filter).await?),
            "entries" => return Ok(self.entries_csv(filter).await?),
            other => return Err(EngineError::from(SpendError::Table(other.to_owned())).into()),
        };
        Ok(written(&rows))
    }

    async fn entries_csv(&self, filter: &SpendFilter) -> Result<String, EngineError> {
        let moment = self.spend_moment().await?;
        let mut names = self.spend_names().await?;
        let gathered = Gathered::read(&self.inner.store, filter, &moment, &mut names).await?;
        let found = count(gathered.range.entries);
        if found > MOST_ENTRIES {
            return Err(SpendError::TooManyEntries { found, most: MOST_ENTRIES }.into());
        }
        let zone = moment.zone().clone();
        // Row by row: as cells of their own they would be many times as much memory as the file.
        let mut file = CsvText::new();
        file.row(&ENTRY_COLUMNS);
        self.each_spend_entry(filter, Some(MOST_ENTRIES), |entry| file.row(&entry_row(entry, &zone))).await?;
        Ok(file.finish())
    }

    /// Shows all entries a filter is about, the latest first, without holding them. `most`: refuses when there are more.
    pub async fn each_spend_entry(
        &self,
        filter: &SpendFilter,
        most: Option<u64>,
        mut see: impl FnMut(&FiledEntry) + Send,
    ) -> Result<(), EngineError> {
        let query = query_of(&self.inner.store, filter, &self.spend_moment().await?).await?;
        let (mut before, mut found) = (None, 0_u64);
        loop {
            let page = self.inner.store.spend().entries(&query, before, PAGE).await?;
            found += page.len() as u64;
            if let Some(most) = most.filter(|most| found > *most) {
                return Err(SpendError::TooManyEntries { found, most }.into());
            }
            page.iter().for_each(&mut see);
            match page.last() {
                Some(last) if page.len() == PAGE as usize => {
                    before = Some(EntryPlace { at: last.entry.at, id: last.entry.id });
                }
                _ => return Ok(()),
            }
        }
    }
}

const ENTRY_COLUMNS: [&str; 18] = [
    "id",
    "at",
    "kind",
    "source",
    "provider",
    "model_requested",
    "model_served",
    "key_id",
    "conversation_id",
    "folder",
    "tags",
    "input_tokens",
    "cached_tokens",
    "output_tokens",
    "usd",
    "provenance",
    "price_date",
    "simulated",
];

fn entry_row(filed: &FiledEntry, zone: &TimeZone) -> Row {
    let entry = &filed.entry;
    let count = |tokens: Option<u64>| tokens.map(|tokens| tokens.to_string()).unwrap_or_default();
    let text = |text: Option<&String>| text.cloned().unwrap_or_default();
    vec![
        entry.id.to_string(),
        local_time(entry.at, zone),
        entry.kind.as_str().to_owned(),
        entry.source.as_str().to_owned(),
        entry.provider.clone(),
        entry.model_requested.clone(),
        text(entry.model_served.as_ref()),
        entry.key_id.map(|key| key.to_string()).unwrap_or_default(),
        entry.conversation_id.map(|id| id.to_string()).unwrap_or_default(),
        text(filed.folder.as_ref()),
        filed.tags.join(" "),
        count(entry.usage.input),
        count(entry.usage.cached_input),
        count(entry.usage.output),
        entry.cost.usd.map(|usd| usd.to_string()).unwrap_or_default(),
        entry.cost.provenance.map(|known| known.as_str().to_owned()).unwrap_or_default(),
        text(entry.cost.price_date.as_ref()),
        entry.simulated.to_string(),
    ]
}

/// Entries as lines of CSV.
pub(super) fn entry_lines(entries: &[FiledEntry], zone: &TimeZone) -> String {
    let mut lines = CsvText::new();
    for entry in entries {
        lines.row(&entry_row(entry, zone));
    }
    lines.finish()
}

/// The heading of [`entry_lines`].
pub(super) fn entry_heading() -> String {
    written(&[words(&ENTRY_COLUMNS)])
}

/// One row a column of the chart, one column a band.
fn series(view: &SpendView, zone: &TimeZone) -> Vec<Row> {
    let mut head = vec!["from".to_owned()];
    head.extend(view.series.iter().map(|series| shown(&series.of.name, &series.of.label)));
    head.push("total".to_owned());
    let rows = view.columns.iter().zip(&view.totals).enumerate().map(|(place, (begin, total))| {
        let mut row = vec![local_time(*begin, zone)];
        let value = |values: &[Option<String>]| values.get(place).cloned().flatten().unwrap_or_default();
        row.extend(view.series.iter().map(|series| value(&series.values)));
        row.push(total.clone().unwrap_or_default());
        row
    });
    std::iter::once(head).chain(rows).collect()
}

fn ranking(view: &SpendView) -> Vec<Row> {
    let head = words(&[
        "name",
        "label",
        "usd",
        "estimated_usd",
        "requests",
        "unpriced",
        "input_tokens",
        "cached_tokens",
        "output_tokens",
        "share_percent",
        "success_percent",
        "average_ms",
    ]);
    let rows = view.ranking.iter().map(|rank| {
        let sums = &rank.sums;
        vec![
            rank.of.name.clone(),
            rank.of.label.clone(),
            sums.known_usd().unwrap_or_default().to_owned(),
            sums.estimated_usd.clone(),
            sums.requests.to_string(),
            sums.unpriced.to_string(),
            sums.input_tokens.to_string(),
            sums.cached_tokens.to_string(),
            sums.output_tokens.to_string(),
            percent(Some(rank.share_basis_points)),
            percent(rank.success_basis_points),
            rank.average_ms.map(|ms| ms.to_string()).unwrap_or_default(),
        ]
    });
    std::iter::once(head).chain(rows).collect()
}

fn hours(view: &SpendView) -> Vec<Row> {
    let head = words(&["weekday", "hour", "usd", "requests", "unpriced"]);
    let rows = view.hours.iter().map(|hour| {
        vec![
            hour.weekday.to_string(),
            hour.hour.to_string(),
            hour.known_usd().unwrap_or_default().to_owned(),
            hour.requests.to_string(),
            hour.unpriced.to_string(),
        ]
    });
    std::iter::once(head).chain(rows).collect()
}

fn models(view: &SpendView) -> Vec<Row> {
    let head = words(&["name", "label", "requests", "usd_per_request", "average_ms", "picks", "comparisons"]);
    let rows = view.models.iter().map(|model| {
        vec![
            model.of.name.clone(),
            model.of.label.clone(),
            model.requests.to_string(),
            model.usd_per_request.clone().unwrap_or_default(),
            model.average_ms.map(|ms| ms.to_string()).unwrap_or_default(),
            model.picks.to_string(),
            model.comparisons.to_string(),
        ]
    });
    std::iter::once(head).chain(rows).collect()
}

fn words(words: &[&str]) -> Row {
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// What heads a column: a name, or for people where the name is an id nobody knows, or there is none.
fn shown(name: &str, label: &str) -> String {
    if name.is_empty() {
        return "(none)".to_owned();
    }
    let is_id = name.len() == 36 && name.parse::<LedgerEntryId>().is_ok();
    if is_id { format!("{label} ({name})") } else { name.to_owned() }
}

/// Basis points as per cent, exactly.
fn percent(basis_points: Option<u32>) -> String {
    basis_points.map(|points| format!("{}.{:02}", points / 100, points % 100)).unwrap_or_default()
}

/// RFC 3339 with the zone's offset, to the second.
fn local_time(at: UnixMs, zone: &TimeZone) -> String {
    let Ok(time) = Timestamp::from_millisecond(at.0) else { return at.0.to_string() };
    time.to_zoned(zone.clone()).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}
