//! Where conversations are filed: a folder and tags.

use roundtable_domain::ConversationId;

use crate::engine::Engine;
use crate::error::EngineError;
use crate::project::summary;
use crate::view::{AppError, ConversationSummary};

/// The longest name of a folder, in characters.
const LONGEST_FOLDER: usize = 80;

/// The longest tag, in characters.
const LONGEST_TAG: usize = 40;

/// More tags than this on one conversation find nothing any more.
const MOST_TAGS: usize = 20;

/// A name that a conversation cannot be filed under.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FilingError {
    /// A folder's name that is too long.
    #[error("a folder's name has at most {LONGEST_FOLDER} characters; “{0}” is longer")]
    LongFolder(String),
    /// A folder is to have no name.
    #[error("a folder needs a name; to take a conversation out of its folder, move it")]
    NamelessFolder,
    /// A tag that is too long.
    #[error("a tag has at most {LONGEST_TAG} characters; “{0}” is longer")]
    LongTag(String),
    /// Too many tags.
    #[error("a conversation has at most {MOST_TAGS} tags; take some off first")]
    TooManyTags,
}

/// Where a conversation is filed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filing {
    /// The folder it lies in: a plain name, no path; `None`: in none.
    pub folder: Option<String>,
    /// Its tags, in the user's order.
    pub tags: Vec<String>,
}

impl Filing {
    /// The same as it is kept: names trimmed, each tag once, empty ones left out. Of two tags that differ in capitals only the first
    /// stays, for rules and budgets see one in them.
    pub fn tidied(self) -> Result<Self, FilingError> {
        Ok(Self { folder: folder(self.folder.as_deref())?, tags: tags(&self.tags)? })
    }
}

impl Engine {
    /// Lays a conversation into a folder, which need not exist before; nothing or an empty name takes it out.
    pub async fn set_conversation_folder(
        &self,
        id: ConversationId,
        name: Option<&str>,
    ) -> Result<ConversationSummary, AppError> {
        let folder = folder(name).map_err(EngineError::from)?;
        let conversations = self.inner.store.conversations();
        conversations.set_folder(id, folder.as_deref()).await.map_err(EngineError::from)?;
        Ok(self.summary_of(id).await?)
    }

    /// Gives a folder another name, for all that lies in it; those of the list that it moved. If there is a folder of the new
    /// name, the two become one: whoever calls asks first. Budgets and the books keep the name that was booked under.
    pub async fn rename_folder(&self, old: &str, new: &str) -> Result<Vec<ConversationSummary>, AppError> {
        let Some(new) = folder(Some(new)).map_err(EngineError::from)? else {
            return Err(EngineError::from(FilingError::NamelessFolder).into());
        };
        let moved = self.inner.store.conversations().rename_folder(old, &new).await;
        Ok(moved.map_err(EngineError::from)?.iter().map(summary).collect())
    }

    /// Sets a conversation's tags, trimmed, each once, in this order.
    pub async fn set_conversation_tags(
        &self,
        id: ConversationId,
        names: &[String],
    ) -> Result<ConversationSummary, AppError> {
        let tags = tags(names).map_err(EngineError::from)?;
        self.inner.store.conversations().set_tags(id, &tags).await.map_err(EngineError::from)?;
        Ok(self.summary_of(id).await?)
    }
}

fn folder(name: Option<&str>) -> Result<Option<String>, FilingError> {
    let name = name.map(in_one_line).filter(|name| !name.is_empty());
    match name {
        Some(name) if name.chars().count() > LONGEST_FOLDER => Err(FilingError::LongFolder(shortened(&name))),
        name => Ok(name),
    }
}

fn tags(names: &[String]) -> Result<Vec<String>, FilingError> {
    let mut tags: Vec<String> = Vec::new();
    for tag in names.iter().map(|name| in_one_line(name)).filter(|tag| !tag.is_empty()) {
        if tag.chars().count() > LONGEST_TAG {
            return Err(FilingError::LongTag(shortened(&tag)));
        }
        if !tags.iter().any(|known| known.to_lowercase() == tag.to_lowercase()) {
            tags.push(tag);
        }
    }
    if tags.len() > MOST_TAGS { Err(FilingError::TooManyTags) } else { Ok(tags) }
}

/// A name as people read it: without spaces around it, and one between its words.
pub(crate) fn in_one_line(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn shortened(name: &str) -> String {
    let beginning: String = name.chars().take(30).collect();
    format!("{beginning}…")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn a_folder_is_a_plain_name_of_at_most_eighty_characters() {
        assert_eq!(folder(Some("  Tax \n 2026 ")), Ok(Some("Tax 2026".into())));
        assert_eq!((folder(Some(" \t")), folder(None)), (Ok(None), Ok(None)));
        assert_eq!(folder(Some(&"税".repeat(80))), Ok(Some("税".repeat(80))), "counted in characters");
        let refused = folder(Some(&"税".repeat(81))).unwrap_err().to_string();
        assert!(refused.contains("at most 80 characters"), "{refused}");
    }

    #[test]
    fn tags_keep_their_order_and_each_stands_once() {
        let kept = tags(&names(&[" Work ", "private", "", "work", "WORK", "a  b"]));
        assert_eq!(kept, Ok(names(&["Work", "private", "a b"])));
        assert_eq!(tags(&names(&[&"x".repeat(41)])), Err(FilingError::LongTag("x".repeat(30) + "…")));
        let many: Vec<String> = (0..21).map(|number| number.to_string()).collect();
        assert_eq!(tags(&many), Err(FilingError::TooManyTags));
        assert!(tags(&many[1..]).is_ok(), "twenty are allowed");
    }
}
