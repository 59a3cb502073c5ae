//! What providers have reported for prompts whose tokens were estimated first, and what they count beyond a prompt.

use roundtable_domain::UnixMs;

use crate::Store;
use crate::error::StoreError;
use crate::row::{Columns as _, integer};

/// Beyond this many estimated tokens both sums are halved, so that what a model does now outweighs what it did last year.
const MEMORY_TOKENS: i64 = 2_000_000;

/// One model's sums: `reported / estimated` is the factor for its next estimate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenRatio {
    /// The provider's slug.
    pub provider: String,
    /// The model's name at the provider.
    pub model: String,
    /// Tokens estimated; at least 1.
    pub estimated: u64,
    /// Tokens the provider reported for the same prompts; at least 1.
    pub reported: u64,
    /// Prompts it was learnt from.
    pub samples: u64,
    /// When it was last learnt.
    pub updated_at: UnixMs,
}

/// What a provider puts around the prompts of a model that nobody here sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnseenTokens {
    /// The provider's slug.
    pub provider: String,
    /// The model's name at the provider.
    pub model: String,
    /// The most tokens it has reported beyond what was counted.
    pub tokens: u64,
}

/// The room of token ratios. Get it from [`Store::token_ratios`].
#[derive(Clone, Copy, Debug)]
pub struct TokenRatios<'s>(pub(crate) &'s Store);

impl TokenRatios<'_> {
    /// Learns from one prompt: what it was estimated at and what was reported for it. A prompt without tokens teaches nothing.
    pub async fn learn(
        self,
        provider: &str,
        model: &str,
        estimated: u64,
        reported: u64,
        at: UnixMs,
    ) -> Result<(), StoreError> {
        if estimated == 0 || reported == 0 {
            return Ok(());
        }
        let mut tx = self.0.begin().await?;
        sqlx::query(
            "INSERT INTO token_ratios (provider, model, estimated, reported, samples, updated_at)
             VALUES (?1, ?2, ?3, ?4, 1, ?5)
             ON CONFLICT (provider, model) DO UPDATE SET
                 estimated = CASE WHEN estimated > ?6 THEN estimated / 2 ELSE estimated END + excluded.estimated,
                 reported = CASE WHEN estimated > ?6 THEN reported / 2 ELSE reported END + excluded.reported,
                 samples = samples + 1, updated_at = max(updated_at, excluded.updated_at)",
        )
        .bind(provider)
        .bind(model)
        .bind(integer(estimated.min(u64::from(u32::MAX))))
        .bind(integer(reported.min(u64::from(u32::MAX))))
        .bind(at.0)
        .bind(MEMORY_TOKENS)
        .execute(&mut *tx)
        .await?;
        tx.commit().await
    }

    /// Remembers that a prompt was reported as so many tokens more than it was counted at; the most of them stays.
    pub async fn exceeded(
        self,
        provider: &str,
        model: &str,
        tokens: u64,
        at: UnixMs,
    ) -> Result<(), StoreError> {
        if tokens == 0 {
            return Ok(());
        }
        let mut tx = self.0.begin().await?;
        sqlx::query(
            "INSERT INTO unseen_tokens (provider, model, tokens, updated_at) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (provider, model) DO UPDATE SET tokens = excluded.tokens, updated_at = excluded.updated_at
             WHERE excluded.tokens > tokens",
        )
        .bind(provider)
        .bind(model)
        .bind(integer(tokens))
        .bind(at.0)
        .execute(&mut *tx)
        .await?;
        tx.commit().await
    }

    /// What providers put around prompts unseen.
    pub async fn unseen(self) -> Result<Vec<UnseenTokens>, StoreError> {
        let rows = sqlx::query("SELECT * FROM unseen_tokens ORDER BY provider, model")
            .fetch_all(&self.0.readers)
            .await?;
        let read = |row: &sqlx::sqlite::SqliteRow| {
            Ok(UnseenTokens {
                provider: row.text("provider")?,
                model: row.text("model")?,
                tokens: row.opt_u64("tokens")?.unwrap_or(0),
            })
        };
        rows.iter().map(read).collect()
    }

    /// All that was learnt.
    pub async fn list(self) -> Result<Vec<TokenRatio>, StoreError> {
        let rows = sqlx::query("SELECT * FROM token_ratios ORDER BY provider, model")
            .fetch_all(&self.0.readers)
            .await?;
        rows.iter()
            .map(|row| {
                Ok(TokenRatio {
                    provider: row.text("provider")?,
                    model: row.text("model")?,
                    estimated: row.opt_u64("estimated")?.unwrap_or(1),
                    reported: row.opt_u64("reported")?.unwrap_or(1),
                    samples: row.opt_u64("samples")?.unwrap_or(1),
                    updated_at: row.time("updated_at")?,
                })
            })
            .collect()
    }
}
