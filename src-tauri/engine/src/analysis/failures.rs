//! From how often a model failed to the calls that did.

use roundtable_domain::{ErrorCategory, ProviderError};
use roundtable_store::FailedCall as Kept;

use crate::engine::Engine;
use crate::error::EngineError;
use crate::view::{AppError, FailedCall};

/// More than these nobody reads one by one.
const MOST: u32 = 50;

impl Engine {
    /// The latest failed calls of `provider/model` over the last days (1 to 90), newest first, at most 50.
    pub async fn failed_calls(&self, target: &str, days: u32) -> Result<Vec<FailedCall>, AppError> {
        Ok(self.failures_of(target, days).await?)
    }

    async fn failures_of(&self, target: &str, days: u32) -> Result<Vec<FailedCall>, EngineError> {
        let window = self.analysis_window(days).await?;
        // Also of a model that is no longer set up.
        let kept = self.inner.store.calls().failed(target, window.since, MOST).await?;
        Ok(kept.into_iter().map(shown).collect())
    }
}

fn shown(kept: Kept) -> FailedCall {
    let error = kept.error;
    FailedCall {
        id: kept.id,
        at: kept.at,
        category: kept.category.unwrap_or(ErrorCategory::Unavailable),
        total_ms: kept.total_ms,
        status: error.as_ref().and_then(|error| error.status),
        code: error.as_ref().and_then(code_of),
        message: error.map(|error| error.message),
        conversation_id: kept.conversation_id,
        turn_id: kept.turn_id,
        entry_id: kept.entry_id,
    }
}

/// As the provider wrote it.
fn code_of(error: &ProviderError) -> Option<String> {
    let code = error.code.as_ref().map(|code| code.as_str().map_or_else(|| code.to_string(), str::to_owned));
    code.or_else(|| error.kind.clone())
}
