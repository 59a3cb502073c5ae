//! What money was spent on. A subject never changes once it is there, but for the mark that the books name it; so each is read once.

use std::sync::{Arc, Mutex, PoisonError};

use super::SpendRoom;
use crate::error::StoreError;
use crate::row::{Columns as _, json};

/// What money was spent on: all that the entries of a sum have in common.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SpendSubject {
    /// Its number in this database.
    pub id: i64,
    /// The provider's slug.
    pub provider: String,
    /// The model that was asked for.
    pub model: String,
    /// The key's id; empty: none that is stored.
    pub key: String,
    /// What for; empty: not known.
    pub source: String,
    /// The folder the conversation stood in; empty: none.
    pub folder: String,
    /// The tags it had.
    pub tags: Vec<String>,
    /// Invented money.
    pub simulated: bool,
    /// The books name it; otherwise only calls that cost nothing do.
    pub booked: bool,
}

/// A subject as it comes from the database.
type Packed = (i64, String, String, String, String, String, Vec<String>, u8, u8);

/// The subjects that were read, in the order of their numbers.
#[derive(Debug, Default)]
pub(super) struct KnownSubjects(Mutex<Arc<Vec<SpendSubject>>>);

impl KnownSubjects {
    fn get(&self) -> Arc<Vec<SpendSubject>> {
        Arc::clone(&self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn set(&self, subjects: &Arc<Vec<SpendSubject>>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Arc::clone(subjects);
    }
}

impl SpendRoom<'_> {
    /// All that money was spent on, whatever the time, in the order of the numbers.
    pub async fn subjects(self) -> Result<Arc<Vec<SpendSubject>>, StoreError> {
        let kept = &self.0.spend_kept.subjects;
        let known = kept.get();
        let latest = known.last().map_or(0, |subject| subject.id);
        let unbooked: Vec<i64> =
            known.iter().filter(|subject| !subject.booked).map(|subject| subject.id).collect();
        let row = sqlx::query(
            "SELECT json_group_array(json_array(id, provider, model, key_id, source, folder, json(tags), simulated, booked))
                        AS subjects
             FROM (SELECT * FROM spend_subjects WHERE id > ?1
                   UNION ALL
                   SELECT * FROM spend_subjects WHERE booked = 1 AND id IN (SELECT value FROM json_each(?2)))",
        )
        .bind(latest)
        .bind(json(&unbooked)?)
        .fetch_one(&self.0.readers)
        .await?;
        let news: Vec<Packed> = row.json("subjects")?;
        if news.is_empty() {
            return Ok(known);
        }
        let subjects = Arc::new(with(&known, news));
        kept.set(&subjects);
        Ok(subjects)
    }
}

/// Those that were known, with what has been read of them since and those that are new.
fn with(known: &[SpendSubject], news: Vec<Packed>) -> Vec<SpendSubject> {
    let mut subjects = known.to_vec();
    for new in news.into_iter().map(unpacked) {
        match subjects.binary_search_by_key(&new.id, |subject| subject.id) {
            Ok(place) => {
                if let Some(old) = subjects.get_mut(place) {
                    *old = new;
                }
            }
            Err(place) => subjects.insert(place, new),
        }
    }
    subjects
}

fn unpacked((id, provider, model, key, source, folder, tags, simulated, booked): Packed) -> SpendSubject {
    SpendSubject {
        id,
        provider,
        model,
        key,
        source,
        folder,
        tags,
        simulated: simulated != 0,
        booked: booked != 0,
    }
}
