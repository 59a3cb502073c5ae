//! What a keystroke cannot change: the files of a draft, and how long a model's answers usually are.

use std::time::Duration;

use moka::sync::Cache;
use roundtable_domain::Part;

use crate::engine::Engine;
use crate::error::EngineError;

/// Memory for the files of drafts, in bytes.
const FILES_BYTES: u64 = 96 * 1024 * 1024;

/// How long a file is remembered after its last use.
const FILES_LIFE: Duration = Duration::from_mins(2);

/// Models whose answers are remembered, and for how long.
const MODELS: u64 = 256;
const ANSWERS_LIFE: Duration = Duration::from_mins(1);

/// An ordinary answer in tokens, as long as a model has given none.
const ORDINARY_ANSWER: u64 = 500;

/// Remembered between two keystrokes.
pub(crate) struct Remembered {
    files: Cache<String, Part>,
    /// The usual length of past answers by `provider/model`; `None`: there are none.
    answers: Cache<String, Option<u64>>,
}

impl Default for Remembered {
    fn default() -> Self {
        let files = Cache::builder()
            .max_capacity(FILES_BYTES)
            .weigher(|_, part: &Part| match part {
                Part::Image { blob } | Part::File { blob } => {
                    u32::try_from(blob.base64.len()).unwrap_or(u32::MAX)
                }
                _ => 0,
            })
            .time_to_idle(FILES_LIFE)
            .build();
        let answers = Cache::builder().max_capacity(MODELS).time_to_live(ANSWERS_LIFE).build();
        Self { files, answers }
    }
}

impl Engine {
    /// As [`Engine::parts_of`], without reading a file for every keystroke.
    pub(super) async fn remembered_parts(&self, ids: &[String]) -> Result<Vec<Part>, EngineError> {
        let files = &self.inner.remembered.files;
        let known: Option<Vec<Part>> = ids.iter().map(|id| files.get(id)).collect();
        if let Some(parts) = known {
            return Ok(parts);
        }
        let parts = self.parts_of(ids).await?;
        for (id, part) in ids.iter().zip(&parts) {
            files.insert(id.clone(), part.clone());
        }
        Ok(parts)
    }

    /// How long an answer of this model will be, in tokens: as its answers so far, else an ordinary one, never more than the longest.
    pub(crate) async fn usual_answer(&self, provider: &str, model: &str, longest: u64) -> u64 {
        let name = format!("{provider}/{model}");
        let answers = &self.inner.remembered.answers;
        let known = if let Some(known) = answers.get(&name) {
            known
        } else {
            // An estimate that cannot be read is no reason to show none.
            let read = self.inner.store.calls().usual_output(provider, model).await.unwrap_or_default();
            answers.insert(name, read);
            read
        };
        known.unwrap_or_else(|| ORDINARY_ANSWER.min(longest / 4)).clamp(1, longest.max(1))
    }
}
