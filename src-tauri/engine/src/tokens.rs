//! Token counts of our own: before sending, and where a provider reports none. What a provider reports always wins.
//!
//! `OpenAI`'s models have a public tokenizer (`encoding.rs`). For all others a rule of thumb (`estimate.rs`) is corrected by what
//! the same model has reported for earlier prompts (`learned.rs`). Pictures, documents and sound have rules of their own
//! (`media.rs`). A tokenizer's counts are kept by content, so that a long conversation is counted once and not per keystroke.

mod documents;
mod encoding;
mod estimate;
mod learned;
mod media;
mod pdf;
mod pieces;
mod text_count;

use std::hash::{BuildHasher, RandomState};

use moka::sync::Cache;
use roundtable_domain::{Blob, Message, Part, ToolDefinition};
use roundtable_store::Store;
use tiktoken_rs::CoreBPE;
use tokio::sync::OnceCell;

use crate::directory::Setup;
use crate::engine::Engine;
use crate::view::CountSource;
pub use documents::{Document, End, PackedDocument};
pub(crate) use encoding::Encoding;
pub(crate) use estimate::{at_least, estimate_text};
pub(crate) use learned::{Factor, LearnedFactors};
pub(crate) use media::{MediaRule, MediaTokens};
use pieces::pieces_of;
pub use text_count::TextCount;

/// What every message costs beside its content: role and separators.
const PER_MESSAGE: u64 = 4;

/// How many counts are kept; about 100 bytes each.
const KEPT_COUNTS: u64 = 50_000;
const KEPT_MEDIA: u64 = 5_000;

/// How much of each end of a file stands for it in the cache: reading all of it takes as long as counting.
const FINGERPRINT_CHARACTERS: usize = 4_096;

/// Counts, and what has been learnt for them.
pub(crate) struct TokenCounter {
    counts: Cache<CountKey, u64>,
    media: Cache<CountKey, MediaTokens>,
    hashes: RandomState,
    pub(crate) learned: LearnedFactors,
    /// What earlier runs have taught is read when it is first needed.
    read: OnceCell<()>,
}

/// Content by its hash and length, and by what it was counted with.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct CountKey {
    hash: u64,
    length: usize,
    by: CountedBy,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum CountedBy {
    Encoding(Encoding),
    Media(MediaRule),
}

impl Default for TokenCounter {
    fn default() -> Self {
        Self {
            counts: Cache::new(KEPT_COUNTS),
            media: Cache::new(KEPT_MEDIA),
            hashes: RandomState::new(),
            learned: LearnedFactors::default(),
            read: OnceCell::new(),
        }
    }
}

impl Engine {
    /// How a model counts, as far as that is known at this moment.
    pub(crate) async fn counting(&self, setup: &Setup, model: &str) -> Counting<'_> {
        self.token_counter().await.counting(setup, model)
    }

    /// As [`Self::counting`], but waits for a tokenizer that is not loaded yet.
    pub(crate) async fn counting_exactly(&self, setup: &Setup, model: &str) -> Counting<'_> {
        self.token_counter().await.counting_exactly(setup, model).await
    }

    async fn token_counter(&self) -> &TokenCounter {
        self.inner.tokens.with_learnt(&self.inner.store).await
    }
}

impl TokenCounter {
    /// The counter with what earlier runs have taught.
    pub(crate) async fn with_learnt(&self, store: &Store) -> &Self {
        let room = store.token_ratios();
        let read = async || match tokio::try_join!(room.list(), room.unseen()) {
            Ok((rows, unseen)) => self.learned.load(rows, unseen),
            // Estimates are rougher until the next start.
            Err(error) => tracing::warn!(%error, "what was learnt about token counts could not be read"),
        };
        self.read.get_or_init(read).await;
        self
    }

    /// How a model counts, as far as that is known at this moment.
    fn counting(&self, setup: &Setup, model: &str) -> Counting<'_> {
        let tokenizer = Encoding::of(setup.dialect.id, model)
            .and_then(|encoding| encoding.loaded().map(|bpe| (encoding, bpe)));
        self.counting_with(setup, model, tokenizer)
    }

    /// As [`Self::counting`], but waits for the tokenizer.
    pub(crate) async fn counting_exactly(&self, setup: &Setup, model: &str) -> Counting<'_> {
        let tokenizer = match Encoding::of(setup.dialect.id, model) {
            Some(encoding) => encoding.wait().await.map(|bpe| (encoding, bpe)),
            None => None,
        };
        self.counting_with(setup, model, tokenizer)
    }

    fn counting_with(
        &self,
        setup: &Setup,
        model: &str,
        tokenizer: Option<(Encoding, &'static CoreBPE)>,
    ) -> Counting<'_> {
        Counting {
            counter: self,
            tokenizer,
            factor: if tokenizer.is_some() { None } else { self.learned.factor(&setup.id, model) },
            media: MediaRule::of(setup.api, setup.dialect.id, model),
        }
    }

    fn key(&self, content: impl std::hash::Hash, length: usize, by: CountedBy) -> CountKey {
        CountKey { hash: self.hashes.hash_one(content), length, by }
    }
}

/// How one model counts.
#[derive(Clone, Copy)]
pub(crate) struct Counting<'a> {
    counter: &'a TokenCounter,
    tokenizer: Option<(Encoding, &'static CoreBPE)>,
    factor: Option<Factor>,
    media: MediaRule,
}

impl Counting<'_> {
    /// How its counts are made.
    pub(crate) fn source(&self) -> CountSource {
        match (self.tokenizer, self.factor) {
            (Some(_), _) => CountSource::Tokenizer,
            (None, Some(_)) => CountSource::Learned,
            (None, None) => CountSource::Estimate,
        }
    }

    /// Tokens of a text.
    pub(crate) fn text(&self, text: &str) -> u64 {
        match (self.tokenizer, self.factor) {
            (Some((encoding, bpe)), _) => {
                let count = |piece: &str| {
                    let key = self.counter.key(piece, piece.len(), CountedBy::Encoding(encoding));
                    self.counter.counts.get_with(key, || length(bpe.encode_ordinary(piece).len()))
                };
                pieces_of(text).map(count).sum()
            }
            (None, Some(factor)) => factor.apply(estimate_text(text)),
            (None, None) => estimate_text(text),
        }
    }

    /// Tokens of a message in a request.
    pub(crate) fn message(&self, message: &Message) -> u64 {
        PER_MESSAGE + message.parts.iter().map(|part| self.part(part)).sum::<u64>()
    }

    /// Tokens of a request.
    pub(crate) fn messages(&self, messages: &[Message]) -> u64 {
        roundtable_domain::history::count(messages, |message| self.message(message))
    }

    /// Tokens of the tools a request offers: as JSON they are read much like they are sent.
    pub(crate) fn tools(&self, tools: &[ToolDefinition]) -> u64 {
        let one = |tool: &ToolDefinition| {
            self.text(&tool.name)
                + tool.description.as_deref().map_or(0, |text| self.text(text))
                + self.text(&tool.parameters.to_string())
        };
        tools.iter().map(one).sum()
    }

    /// Tokens of a part.
    pub(crate) fn part(&self, part: &Part) -> u64 {
        match part {
            Part::Text { text } | Part::Reasoning { text, .. } | Part::Refusal { text } => self.text(text),
            Part::Other { content, .. } => self.text(&content.to_string()),
            Part::ToolCall { name, arguments, .. } => self.text(name) + self.text(arguments),
            Part::ToolResult { content, .. } => self.text(content),
            Part::ImageUrl { .. } | Part::Image { .. } | Part::File { .. } => self.media_part(part).expected,
        }
    }

    /// What of a request's count is no text: that is counted by other rules, and has a bound of its own.
    pub(crate) fn media<'m>(&self, messages: impl IntoIterator<Item = &'m Message>) -> MediaTokens {
        messages.into_iter().flat_map(|message| &message.parts).map(|part| self.media_part(part)).sum()
    }

    fn media_part(&self, part: &Part) -> MediaTokens {
        match part {
            Part::ImageUrl { .. } => self.media.unseen_image(),
            Part::Image { blob } => self.blob(blob, MediaRule::image),
            Part::File { blob } => self.blob(blob, MediaRule::file),
            _ => MediaTokens::default(),
        }
    }

    fn blob(&self, blob: &Blob, rule: fn(MediaRule, &Blob) -> MediaTokens) -> MediaTokens {
        let (start, end) = (
            blob.base64.floor_char_boundary(FINGERPRINT_CHARACTERS),
            blob.base64.ceil_char_boundary(blob.base64.len().saturating_sub(FINGERPRINT_CHARACTERS)),
        );
        let fingerprint = (&blob.media_type, blob.base64.get(..start), blob.base64.get(end..));
        let key = self.counter.key(fingerprint, blob.base64.len(), CountedBy::Media(self.media));
        self.counter.media.get_with(key, || rule(self.media, blob))
    }
}

/// About how many tokens a request carries, whoever it is for.
pub(crate) fn estimate_messages(messages: &[Message]) -> u64 {
    let counter = TokenCounter::default();
    let thumb = Counting { counter: &counter, tokenizer: None, factor: None, media: MediaRule::Unknown };
    thumb.messages(messages)
}

fn length(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}
