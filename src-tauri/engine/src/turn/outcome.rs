//! How a run ends, beside what its latest call says.

use roundtable_domain::ProviderError;
use roundtable_store::CallSource;

use crate::responses::Kept;
use crate::view::{AnswerSource, OfferView};

/// How a run ends, beside what its latest call says.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    /// What went wrong; `None` leaves it to the latest call.
    pub(super) error: Option<ProviderError>,
    /// Somebody stopped it.
    pub(super) cancelled: bool,
    /// What the route shows when nobody has answered.
    pub(super) last_resort: Option<String>,
    pub(super) offers: Vec<OfferView>,
    /// An answer that needed no call.
    pub(super) kept: Option<Kept>,
}

impl Outcome {
    pub(super) fn cancelled() -> Self {
        Self { cancelled: true, ..Self::default() }
    }

    pub(super) fn failed(error: ProviderError) -> Self {
        Self { error: Some(error), ..Self::default() }
    }

    pub(super) fn offering(offers: Vec<OfferView>) -> Self {
        Self { offers, ..Self::default() }
    }

    pub(super) fn kept(kept: Kept) -> Self {
        Self { kept: Some(kept), ..Self::default() }
    }

    pub(super) fn source(&self) -> AnswerSource {
        match &self.kept {
            Some(Kept { source: CallSource::Shared, .. }) => AnswerSource::Shared,
            Some(_) => AnswerSource::Cache,
            None if self.last_resort.is_some() => AnswerSource::LastResort,
            None => AnswerSource::Model,
        }
    }
}

/// The word of a source in its column.
pub(super) const fn word_of(source: AnswerSource) -> &'static str {
    match source {
        AnswerSource::Model => "model",
        AnswerSource::Cache => "cache",
        AnswerSource::Shared => "shared",
        AnswerSource::LastResort => "last_resort",
    }
}
