//! Plausible months of use, for looking at spend and for measuring it: the same seed gives the same books.
//!
//! Somebody works five days a week, more in the middle of the morning and of the afternoon, a little at weekends, and more from month to
//! month. Calls come as people make them: conversations of several turns with one to four models side by side, now and then a
//! batch over night, questions of the command line, texts turned into vectors. Some calls fail and are tried again, elsewhere if
//! need be; some are cut; some answers are kept ones; some prices are not known; some answers are picked; a few entries are
//! corrected later.

mod acts;
mod dice;
mod models;

use roundtable_domain::{Origin, UnixMs};
use roundtable_store::{Books, Key, OpenOptions, Provider, ProviderSettings, Store, StoreError, StoredPlace};

use acts::Acts;
pub use dice::Dice;
use models::MODELS;

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;

/// Entries that are written at a time.
const CHUNK: usize = 20_000;

/// How busy the hours of a working day are, in UTC.
const HOURS: [u64; 24] =
    [1, 1, 0, 0, 0, 1, 6, 22, 60, 90, 100, 84, 40, 62, 95, 92, 74, 48, 22, 14, 16, 14, 8, 3];

/// How busy the days of the week are, Monday first, in per cent.
const DAYS: [u64; 7] = [92, 100, 108, 104, 80, 9, 6];

/// What is to be made up.
#[derive(Clone, Copy, Debug)]
pub struct Months {
    /// So many entries of the books, about.
    pub entries: usize,
    /// Over so many days, the last of them today.
    pub days: u32,
    /// When it all ends.
    pub now: UnixMs,
    /// The same seed, the same books.
    pub seed: u64,
}

impl Default for Months {
    fn default() -> Self {
        Self { entries: 1_000_000, days: 365, now: UnixMs(1_795_000_000_000), seed: 1 }
    }
}

impl Months {
    /// Writes them into a database, and gives how many entries there are. Memory stays what one chunk needs.
    pub async fn write(&self, store: &Store) -> Result<usize, StoreError> {
        write_providers(store, self.begin()).await?;
        let mut dice = Dice::new(self.seed);
        let quotas = self.quotas();
        let mut acts = Acts::new(self.now);
        let mut written = 0;
        for (hour, quota) in quotas {
            let mut left = quota;
            while left > 0 {
                let made = acts.next(&mut dice, hour, left);
                left = left.saturating_sub(made);
            }
            if acts.books.entries.len() >= CHUNK {
                written += flush(store, &mut acts.books).await?;
            }
        }
        Ok(written + flush(store, &mut acts.books).await?)
    }

    fn begin(&self) -> UnixMs {
        UnixMs(self.now.0 - i64::from(self.days) * DAY_MS)
    }

    /// Every hour, and how many entries fall into it.
    fn quotas(&self) -> Vec<(i64, usize)> {
        let first = self.begin().0.div_euclid(HOUR_MS) + 1;
        let last = self.now.0.div_euclid(HOUR_MS) + 1;
        let weights: Vec<(i64, u64)> = (first..last).map(|hour| (hour, weight(hour, first, last))).collect();
        let whole: u64 = weights.iter().map(|(_, weight)| weight).sum::<u64>().max(1);
        let (mut sum, mut given) = (0_u64, 0_usize);
        let entries = self.entries as u64;
        weights
            .into_iter()
            .map(|(hour, weight)| {
                sum += weight;
                let until = usize::try_from(sum * entries / whole).unwrap_or(usize::MAX);
                let quota = until - given;
                given = until;
                (hour, quota)
            })
            .collect()
    }
}

/// Three times as busy at the end as at the beginning; nobody works on a few days of each month.
fn weight(hour: i64, first: i64, last: i64) -> u64 {
    let day = hour.div_euclid(24);
    let weekday = usize::try_from((day + 3).rem_euclid(7)).unwrap_or(0);
    let of_day = usize::try_from(hour.rem_euclid(24)).unwrap_or(0);
    let grown = 100 + u64::try_from((hour - first) * 200 / (last - first).max(1)).unwrap_or(0);
    let mut of_its_own = Dice::new(u64::try_from(day).unwrap_or(0));
    let mood = if of_its_own.one_in(24) { 8 } else { 60 + of_its_own.below(80) };
    HOURS[of_day] * DAYS[weekday] * grown * mood / 100
}

async fn flush(store: &Store, books: &mut Books) -> Result<usize, StoreError> {
    let written = books.entries.len();
    store.write_books(books).await?;
    *books = Books::default();
    Ok(written)
}

/// Providers and two keys each, so that they have names.
async fn write_providers(store: &Store, at: UnixMs) -> Result<(), StoreError> {
    for model in MODELS.iter().filter(|model| !model.is_demo()) {
        let base_url = format!("https://{}.example/v1", model.provider);
        let Ok(url) = base_url.parse() else { continue };
        store
            .providers()
            .upsert(&Provider {
                id: model.provider.to_owned(),
                name: model.provider_name.to_owned(),
                api: roundtable_domain::WireApi::OpenaiChat,
                dialect: model.dialect.to_owned(),
                base_url,
                extra_headers: vec![],
                settings: ProviderSettings::default(),
                enabled: true,
                plain_http_confirmed: false,
                created_at: at,
                updated_at: at,
            })
            .await?;
        for (number, label) in (0..).zip(["work", "private"]) {
            store
                .keys()
                .upsert(&Key {
                    id: models::key_of(model.provider, number),
                    provider: model.provider.to_owned(),
                    label: label.to_owned(),
                    mask: format!("sk-…{number}f3a"),
                    origin: Origin::of(&url),
                    place: StoredPlace::Session,
                    created_at: at,
                    last_checked_at: None,
                    last_check: None,
                })
                .await?;
        }
    }
    Ok(())
}

/// Opens the database of a data folder, which is made when it is not there.
pub async fn open_books(folder: &std::path::Path, now: UnixMs) -> Result<Store, StoreError> {
    let options = OpenOptions { now, backup_dir: folder.join("backups") };
    Store::open(&folder.join("roundtable.db"), options).await
}
