//! `ledger` without sums: the newest entries, and what everything that matches has cost. The same entries in every form, found and added
//! up as in the Spend room of the window.

use roundtable_domain::{Provenance, UnixMs};
use roundtable_engine::view::{SpendFilter, SpendSums};
use roundtable_engine::{Engine, EntryList, FiledEntry, Money};
use roundtable_ledger::format_usd;
use serde_json::{Value, json};

use super::filter_of;
use crate::arguments::{Format, Ledger, Limit};
use crate::failure::Failure;
use crate::output;

/// Entries that are held at once.
const PAGE: u32 = 1_000;

/// What everything that matches has cost.
struct Totals {
    from: UnixMs,
    until: UnixMs,
    zone: String,
    real: SpendSums,
    simulated: SpendSums,
    at_least: bool,
}

pub(super) async fn run(engine: &Engine, arguments: &Ledger, format: Format) -> Result<(), Failure> {
    let filter = filter_of(engine, &arguments.filters, format).await?;
    let money = match (arguments.filters.simulated, arguments.real) {
        (true, _) => Money::Simulated,
        (false, true) => Money::Real,
        (false, false) => Money::Both,
    };
    let mut list = engine.list_entries(&filter, money).await?;
    match format {
        Format::Csv => csv(engine, &mut list, arguments.limit).await,
        Format::Json => {
            each_page(engine, &mut list, arguments.limit, |page| {
                page.iter().try_for_each(|entry| output::object(&entry_object(entry)))
            })
            .await?;
            output::object(&totals_of(engine, &filter, money).await?.object())
        }
        Format::Table => {
            let zone = engine.time_zone().await?;
            let heading = ["TIME", "MODEL", "IN", "OUT", "COST", ""].map(str::to_owned).to_vec();
            let mut rows = vec![heading];
            each_page(engine, &mut list, arguments.limit, |page| {
                rows.extend(page.iter().map(|entry| row(entry, &zone)));
                Ok(())
            })
            .await?;
            output::table(&rows)?;
            output::line(&totals_of(engine, &filter, money).await?.words(money))
        }
    }
}

async fn csv(engine: &Engine, list: &mut EntryList, limit: Limit) -> Result<(), Failure> {
    output::piece(&EntryList::csv_heading())?;
    // What is written does not depend on how far it has been read.
    let shape = list.clone();
    each_page(engine, list, limit, |page| output::piece(&shape.csv(page))).await
}

/// Shows entries page by page until there are as many as were asked for, or none are left.
async fn each_page(
    engine: &Engine,
    list: &mut EntryList,
    limit: Limit,
    mut see: impl FnMut(&[FiledEntry]) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut left = limit.0;
    loop {
        let most = left.map_or(PAGE, |left| left.min(PAGE));
        if most == 0 {
            return Ok(());
        }
        let page = engine.next_entries(list, most).await?;
        see(&page)?;
        let found = u32::try_from(page.len()).unwrap_or(u32::MAX);
        if found < most {
            return Ok(());
        }
        left = left.map(|left| left.saturating_sub(found));
    }
}

async fn totals_of(engine: &Engine, filter: &SpendFilter, money: Money) -> Result<Totals, Failure> {
    let of = |simulated| SpendFilter { simulated, ..filter.clone() };
    let (real, simulated) = (engine.spend(&of(false)).await?, engine.spend(&of(true)).await?);
    let at_least = money != Money::Simulated && engine.at_least_sums(&of(false)).await?.range;
    let (with_real, with_simulated) = (money != Money::Simulated, money != Money::Real);
    let sums = |wanted: bool, sums: SpendSums| if wanted { sums } else { SpendSums::default() };
    Ok(Totals {
        from: real.from,
        until: real.until,
        zone: real.zone,
        real: sums(with_real, real.figures.range),
        simulated: sums(with_simulated, simulated.figures.range),
        at_least,
    })
}

impl Totals {
    fn object(&self) -> Value {
        let usd = |sums: &SpendSums| if sums.usd.is_empty() { "0".to_owned() } else { sums.usd.clone() };
        json!({
            "type": "totals",
            "from": output::utc(self.from),
            "until": output::utc(self.until),
            "zone": self.zone,
            "usd": usd(&self.real),
            "calls": self.real.requests,
            "unpriced_calls": self.real.unpriced,
            "estimated": is_estimated(&self.real),
            "at_least": self.at_least,
            "simulated_usd": usd(&self.simulated),
            "simulated_calls": self.simulated.requests,
        })
    }

    /// Of the worlds that are listed.
    fn words(&self, money: Money) -> String {
        let real = || {
            format!(
                "{} calls, {}${}{}{}",
                self.real.requests,
                if self.at_least { "at least " } else { "" },
                self.real.usd,
                if is_estimated(&self.real) { " (partly estimated)" } else { "" },
                if self.real.unpriced > 0 {
                    format!(" and {} unpriced calls", self.real.unpriced)
                } else {
                    String::new()
                },
            )
        };
        let simulated = || format!("simulated: {} calls, ${}", self.simulated.requests, self.simulated.usd);
        match money {
            Money::Both => format!("{}; {}", real(), simulated()),
            Money::Real => real(),
            Money::Simulated => simulated(),
        }
    }
}

fn is_estimated(sums: &SpendSums) -> bool {
    !matches!(sums.estimated_usd.as_str(), "" | "0")
}

/// An entry of the books: of a list, or the one that was asked for and its corrections.
pub(super) fn entry_object(filed: &FiledEntry) -> Value {
    let entry = &filed.entry;
    let is_stated = entry.cost.provenance == Some(Provenance::Reported);
    let stated = entry.cost.usd_exact.as_ref().filter(|_| is_stated);
    json!({
        "type": "entry",
        "id": entry.id,
        "attempt_id": entry.attempt_id,
        "kind": entry.kind,
        "at": output::utc(entry.at),
        "source": entry.source,
        "conversation_id": entry.conversation_id,
        "turn_id": entry.turn_id,
        "run_id": entry.run_id,
        "key_id": entry.key_id,
        "folder": filed.folder,
        "tags": filed.tags,
        "provider": entry.provider,
        "model_requested": entry.model_requested,
        "model_served": entry.model_served,
        "usage": entry.usage,
        "usage_raw": entry.usage_raw,
        "usd": entry.cost.usd.map(|usd| usd.to_string()),
        "stated_usd": stated,
        "provenance": entry.cost.provenance,
        "price": entry.price,
        "price_date": entry.cost.price_date,
        "lines": entry.cost.lines,
        "at_least": entry.cost.at_least,
        "simulated": entry.simulated,
    })
}

fn row(filed: &FiledEntry, zone: &jiff::tz::TimeZone) -> Vec<String> {
    let entry = &filed.entry;
    let count = |tokens: Option<u64>| tokens.map_or_else(|| "?".to_owned(), |tokens| tokens.to_string());
    let least = if entry.cost.at_least { "≥ " } else { "" };
    vec![
        output::local(entry.at, zone),
        format!("{}/{}", entry.provider, entry.model_served.as_ref().unwrap_or(&entry.model_requested)),
        count(entry.usage.input),
        count(entry.usage.output),
        format!("{least}{}", format_usd(entry.cost.usd, entry.cost.provenance)),
        if entry.simulated { "simulated".to_owned() } else { String::new() },
    ]
}
