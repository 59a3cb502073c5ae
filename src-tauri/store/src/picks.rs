//! Which answers were picked over which others.

use roundtable_domain::UnixMs;

use crate::error::StoreError;
use crate::row::Columns as _;
use crate::runs::Runs;

/// How often one model's answer was picked over another's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PickedOver {
    /// The provider's slug of the answer that was picked.
    pub provider: String,
    /// The model's name at the provider, as it was asked for.
    pub model: String,
    /// The same of the answer that was there too.
    pub other_provider: String,
    /// The same of the answer that was there too.
    pub other_model: String,
    /// So often.
    pub times: u64,
}

impl Runs<'_> {
    /// Each pick since then as comparisons: the picked answer with the complete answer of every other lane of its turn, as it stands
    /// there now. A model is not compared with itself, and an answer that several wrote with nobody.
    ///
    /// Reads the picks by their index, and of each turn its few answers.
    pub async fn picked_over(self, since: UnixMs) -> Result<Vec<PickedOver>, StoreError> {
        let rows = sqlx::query(
            "SELECT w.provider, w.model_requested AS model, r.provider AS other_provider,
                    r.model_requested AS other_model, COUNT(*) AS times
             FROM runs w
             JOIN runs r ON r.turn_id = w.turn_id AND r.lane_id <> w.lane_id AND r.state = 'complete'
                 AND NOT EXISTS (SELECT 1 FROM runs n
                                 WHERE n.turn_id = r.turn_id AND n.lane_id = r.lane_id AND n.version > r.version)
             WHERE w.picked_at IS NOT NULL AND w.picked_at >= ?1
                 AND w.provider IS NOT NULL AND w.model_requested IS NOT NULL
                 AND r.provider IS NOT NULL AND r.model_requested IS NOT NULL
                 AND (r.provider, r.model_requested) <> (w.provider, w.model_requested)
                 AND w.segments = '[]' AND r.segments = '[]'
             GROUP BY 1, 2, 3, 4
             ORDER BY 1, 2, 3, 4",
        )
        .bind(since.0)
        .fetch_all(&self.0.readers)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(PickedOver {
                    provider: row.text("provider")?,
                    model: row.text("model")?,
                    other_provider: row.text("other_provider")?,
                    other_model: row.text("other_model")?,
                    times: row.opt_u64("times")?.unwrap_or(0),
                })
            })
            .collect()
    }
}
