//! Files that go along with a prompt: what they are is found out from their bytes, never from their names.

mod kind;

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use roundtable_domain::{Blob, Part};
use roundtable_store::Attachment;

use crate::engine::Engine;
use crate::error::EngineError;
use crate::view::{AppError, AttachmentKind, AttachmentView};
pub(crate) use kind::kind_of;
use kind::media_type_of;

/// The largest picture, document or sound. Providers take 20 to 50 MB of request, and base64 adds a third.
pub const LARGEST_FILE_BYTES: usize = 20 * 1024 * 1024;

/// The largest text: some 250,000 tokens, more than most models read.
pub const LARGEST_TEXT_BYTES: usize = 1024 * 1024;

/// The most files with one prompt.
pub const MOST_FILES: usize = 20;

/// The longest name kept, in characters.
const LONGEST_NAME: usize = 120;

/// Why a file cannot go along.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AttachmentError {
    /// Nothing in it.
    #[error("“{0}” is empty")]
    Empty(String),
    /// Too large for its kind.
    #[error("“{name}” is too large: {bytes} bytes, and {kind} may have {limit}")]
    TooLarge {
        /// Its name.
        name: String,
        /// Its size.
        bytes: usize,
        /// The most it may have.
        limit: usize,
        /// What it is, for people.
        kind: &'static str,
    },
    /// Nothing a model can take.
    #[error(
        "“{name}” is {found}, which models cannot read. Pictures (PNG, JPEG, GIF, WebP), PDF files, sound (WAV, MP3, M4A, Ogg, \
         FLAC, AAC, AIFF) and text in UTF-8 can go along"
    )]
    Unreadable {
        /// Its name.
        name: String,
        /// What it seems to be, for people.
        found: String,
    },
    /// Too many.
    #[error("at most {MOST_FILES} files can go along with a prompt")]
    TooMany,
}

impl Engine {
    /// Keeps a file for a prompt; the same bytes are kept once.
    pub async fn add_attachment(&self, name: &str, bytes: Vec<u8>) -> Result<AttachmentView, AppError> {
        let name = plain_name(name);
        let media_type = media_type_of(&name, &bytes).map_err(EngineError::from)?;
        let now = self.inner.clock.now();
        let kept = self
            .inner
            .store
            .attachments()
            .put(&bytes, &name, media_type, now)
            .await
            .map_err(EngineError::from)?;
        Ok(attachment_view(kept))
    }

    /// The bytes of a kept file.
    pub async fn read_attachment(&self, id: &str) -> Result<Vec<u8>, AppError> {
        Ok(self.inner.store.attachments().get(id).await.map_err(EngineError::from)?.1)
    }

    /// Kept files as parts of a prompt, in order.
    pub(crate) async fn parts_of(&self, ids: &[String]) -> Result<Vec<Part>, EngineError> {
        if ids.len() > MOST_FILES {
            return Err(AttachmentError::TooMany.into());
        }
        let mut parts = Vec::with_capacity(ids.len());
        for id in ids {
            let (kept, bytes) = self.inner.store.attachments().get(id).await?;
            let kind = kind_of(&kept.media_type);
            let blob = Blob {
                media_type: kept.media_type,
                base64: STANDARD.encode(bytes).into(),
                name: Some(kept.name).filter(|name| !name.is_empty()),
            };
            parts.push(if kind == AttachmentKind::Image {
                Part::Image { blob }
            } else {
                Part::File { blob }
            });
        }
        Ok(parts)
    }
}

pub(crate) fn attachment_view(kept: Attachment) -> AttachmentView {
    AttachmentView {
        kind: kind_of(&kept.media_type),
        id: kept.id,
        name: kept.name,
        media_type: kept.media_type,
        bytes: kept.bytes,
    }
}

/// A file of text as every model can read it: its name, and its content between fences that do not occur in it. `None` for other
/// files.
pub(crate) fn labelled_text(blob: &Blob) -> Option<String> {
    if kind_of(&blob.media_type) != AttachmentKind::Text {
        return None;
    }
    let content = String::from_utf8(STANDARD.decode(blob.base64.as_bytes()).ok()?).ok()?;
    let name = blob.name.as_deref().unwrap_or("text");
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    let language = if extension.chars().all(char::is_alphanumeric) { extension } else { "" };
    let fence = "`".repeat(longest_run(&content, '`').max(2) + 1);
    let mut text = String::with_capacity(content.len() + 2 * fence.len() + name.len() + 16);
    // Writing to a string cannot fail.
    let _ = write!(text, "File “{name}”:\n{fence}{language}\n{content}");
    if !content.ends_with('\n') {
        text.push('\n');
    }
    text.push_str(&fence);
    Some(text)
}

fn longest_run(text: &str, character: char) -> usize {
    let (mut longest, mut current) = (0, 0);
    for one in text.chars() {
        current = if one == character { current + 1 } else { 0 };
        longest = longest.max(current);
    }
    longest
}

/// A name without folders and control characters, not too long.
fn plain_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or(name).trim();
    let plain: String = last.chars().filter(|one| !one.is_control()).take(LONGEST_NAME).collect();
    if plain.is_empty() { "file".to_owned() } else { plain }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text_blob(name: &str, content: &str) -> Blob {
        Blob {
            media_type: "text/plain".to_owned(),
            base64: STANDARD.encode(content).into(),
            name: Some(name.to_owned()),
        }
    }

    #[test]
    fn a_text_is_labelled_and_cannot_leave_its_fence() {
        let text = labelled_text(&text_blob("a.rs", "fn main() {}")).unwrap();
        assert_eq!(text, "File “a.rs”:\n```rs\nfn main() {}\n```");
        let tricky = labelled_text(&text_blob("notes", "```\ninside\n````\n")).unwrap();
        assert!(tricky.starts_with("File “notes”:\n`````\n") && tricky.ends_with("\n`````"), "{tricky}");
        let picture = Blob { media_type: "image/png".to_owned(), ..text_blob("a.png", "x") };
        assert_eq!(labelled_text(&picture), None);
    }

    #[test]
    fn names_lose_their_folders_and_control_characters() {
        assert_eq!(plain_name("/home/me/a b.txt"), "a b.txt");
        assert_eq!(plain_name("C:\\x\\y.png"), "y.png");
        assert_eq!(plain_name("a\u{1b}[2Jb\n"), "a[2Jb");
        assert_eq!(plain_name("///"), "file");
        assert_eq!(plain_name(&"x".repeat(500)).len(), LONGEST_NAME);
    }
}
