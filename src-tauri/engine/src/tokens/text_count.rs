//! How many tokens one text is, for who asks about that alone.

use roundtable_domain::{ChatRequest, Message, Role};
use roundtable_providers::{Timers, count_tokens};

use crate::engine::Engine;
use crate::error::EngineError;
use crate::keys::FoundKey;
use crate::view::{AppError, CountSource};

/// A text's tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextCount {
    /// How many. A provider counts the text as a message, which is a few more.
    pub tokens: u64,
    /// How they were counted.
    pub source: CountSource,
    /// What the model reads at most.
    pub context_window: Option<u64>,
}

impl Engine {
    /// Tokens of a text for a target (`provider/model`): by its own tokenizer where that is public, else by an estimate.
    /// `exact` asks a provider that counts for free, which shows it the text; where it cannot, the estimate stands.
    pub async fn count_text(&self, target: &str, text: &str, exact: bool) -> Result<TextCount, AppError> {
        let directory = self.directory().await?;
        let (setup, model) = directory.resolve(target).map_err(EngineError::Provider)?;
        let counting = self.counting_exactly(&setup, &model.model).await;
        let mut count = TextCount {
            tokens: counting.text(text),
            source: counting.source(),
            context_window: setup.facts(&model.model).and_then(|facts| facts.context_window),
        };
        if exact
            && count.source != CountSource::Tokenizer
            && let Some(tokens) = self.count_text_at_provider(target, text).await?
        {
            (count.tokens, count.source) = (tokens, CountSource::Provider);
        }
        Ok(count)
    }

    async fn count_text_at_provider(&self, target: &str, text: &str) -> Result<Option<u64>, EngineError> {
        let directory = self.directory().await?;
        let asked = self
            .ask_whom(&directory, target)
            .await
            .map_err(|refused| EngineError::Provider(refused.error))?;
        let request = ChatRequest {
            model: asked.model.clone(),
            messages: vec![Message::text(Role::User, text)],
            ..ChatRequest::default()
        };
        let (endpoint, key) = (asked.setup.endpoint(), asked.key(None).and_then(FoundKey::secret));
        let inner = &self.inner;
        count_tokens(&inner.client, &endpoint, key, &request, Timers::default(), &inner.closing)
            .await
            .map_err(EngineError::Provider)
    }
}
