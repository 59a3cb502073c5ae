//! Files that go along with a prompt.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What a file is to a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum AttachmentKind {
    /// A picture.
    Image,
    /// A PDF.
    Document,
    /// Sound.
    Audio,
    /// Text of any kind: it goes into the prompt as it is, which every model can read.
    Text,
}

/// A file that is kept here. The same bytes are kept once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct AttachmentView {
    /// The SHA-256 of its bytes, in hexadecimal.
    pub id: String,
    /// Its name where it came from.
    pub name: String,
    /// For instance `image/png`, found out from its bytes.
    pub media_type: String,
    /// What it is to a model.
    pub kind: AttachmentKind,
    /// Its size.
    #[ts(type = "number")]
    pub bytes: u64,
}
