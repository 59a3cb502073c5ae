//! Many entries of the books at once.

use crate::Store;
use crate::calls::{self, Call};
use crate::conversations::{self, NewConversation};
use crate::error::StoreError;
use crate::ledger::{self, LedgerEntry};
use crate::spend::{self, Vote};

/// What is booked together.
#[derive(Clone, Debug, Default)]
pub struct Books {
    /// Conversations that are not there yet.
    pub conversations: Vec<NewConversation>,
    /// Entries.
    pub entries: Vec<LedgerEntry>,
    /// What became of the calls.
    pub calls: Vec<Call>,
    /// Which models were picked.
    pub votes: Vec<Vote>,
}

impl Store {
    /// Books all of it in one transaction; what is there already stays as it is.
    pub async fn write_books(&self, books: &Books) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        for conversation in &books.conversations {
            conversations::insert(&mut tx, conversation).await?;
        }
        for entry in &books.entries {
            ledger::insert(&mut tx, entry).await?;
        }
        for call in &books.calls {
            calls::insert(&mut tx, call).await?;
        }
        for vote in &books.votes {
            spend::insert_vote(&mut tx, vote).await?;
        }
        tx.commit().await
    }
}
