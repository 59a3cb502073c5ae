//! What comes with a prompt, as it stands in `turns.parts`: files by reference, everything else as it is.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use roundtable_domain::{Blob, Part, TurnId, UnixMs};
use serde::{Deserialize, Serialize};
use sqlx::SqliteConnection;
use tokio::sync::OnceCell;

use crate::attachments::{self, Attachment, attachment_id};
use crate::error::StoreError;
use crate::row::{Columns as _, json};

/// One piece of a prompt in the database.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum StoredPart {
    Image(Reference),
    File(Reference),
    #[serde(untagged)]
    Other(Part),
}

/// A file of this turn. Name and type are the turn's own: the same bytes may have been another's under another name, and a
/// history that is sent again must be what was sent before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Reference {
    attachment: String,
    media_type: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
}

impl StoredPart {
    fn reference(&self) -> Option<&Reference> {
        match self {
            Self::Image(reference) | Self::File(reference) => Some(reference),
            Self::Other(_) => None,
        }
    }
}

/// A prompt's parts on their way into the database.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub(super) stored: Vec<StoredPart>,
    /// The bytes of its files, by id.
    files: Vec<(String, Vec<u8>)>,
}

/// Takes the files out of the parts. Decoding and hashing happen here, before the one writer is taken.
pub(crate) fn prepare(parts: &[Part]) -> Result<Prepared, StoreError> {
    let mut prepared = Prepared { stored: Vec::with_capacity(parts.len()), files: Vec::new() };
    for part in parts {
        let stored = match part {
            Part::Image { blob } => StoredPart::Image(prepared.take_out(blob)?),
            Part::File { blob } => StoredPart::File(prepared.take_out(blob)?),
            other => StoredPart::Other(other.clone()),
        };
        prepared.stored.push(stored);
    }
    Ok(prepared)
}

impl Prepared {
    fn take_out(&mut self, blob: &Blob) -> Result<Reference, StoreError> {
        let bytes = STANDARD
            .decode(blob.base64.as_bytes())
            .map_err(|error| StoreError::unreadable("parts", error))?;
        let attachment = attachment_id(&bytes);
        self.files.push((attachment.clone(), bytes));
        Ok(Reference { attachment, media_type: blob.media_type.clone(), name: blob.name.clone() })
    }
}

/// Keeps the files of a turn that is written already, and which it has.
pub(super) async fn keep_files(
    connection: &mut SqliteConnection,
    turn: TurnId,
    prepared: &Prepared,
    at: UnixMs,
) -> Result<(), StoreError> {
    for (id, bytes) in &prepared.files {
        let mut references = prepared.stored.iter().filter_map(StoredPart::reference);
        let Some(file) = references.find(|file| file.attachment == *id) else { continue };
        let name = file.name.as_deref().unwrap_or_default();
        attachments::insert(connection, id, bytes, name, &file.media_type, at).await?;
        sqlx::query(
            "INSERT INTO turn_attachments (turn_id, attachment) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
        )
        .bind(turn.to_string())
        .bind(id)
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

/// Files of several turns and lanes, each read once and held once.
#[derive(Debug, Default)]
pub struct SharedFiles {
    /// Base64 of the bytes, by id. Whoever comes first reads; the others wait for that one.
    encoded: Mutex<HashMap<String, Arc<OnceCell<Arc<str>>>>>,
}

impl SharedFiles {
    /// The parts as they were handed over, files with their bytes.
    pub(super) async fn give_back(
        &self,
        connection: &mut SqliteConnection,
        stored: Vec<StoredPart>,
    ) -> Result<Vec<Part>, StoreError> {
        let mut parts = Vec::with_capacity(stored.len());
        for part in stored {
            parts.push(match part {
                StoredPart::Image(reference) => Part::Image { blob: self.blob(connection, reference).await? },
                StoredPart::File(reference) => Part::File { blob: self.blob(connection, reference).await? },
                StoredPart::Other(part) => part,
            });
        }
        Ok(parts)
    }

    async fn blob(
        &self,
        connection: &mut SqliteConnection,
        reference: Reference,
    ) -> Result<Blob, StoreError> {
        let cell = {
            let mut encoded = self.encoded.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(encoded.entry(reference.attachment.clone()).or_default())
        };
        let base64 = cell.get_or_try_init(|| read_encoded(connection, &reference.attachment)).await?;
        Ok(Blob { media_type: reference.media_type, base64: Arc::clone(base64), name: reference.name })
    }
}

async fn read_encoded(connection: &mut SqliteConnection, id: &str) -> Result<Arc<str>, StoreError> {
    let row = sqlx::query("SELECT bytes FROM attachments WHERE sha256 = ?1")
        .bind(id)
        .fetch_optional(connection)
        .await?
        .ok_or_else(|| StoreError::not_found("file", id))?;
    Ok(STANDARD.encode(row.bytes("bytes")?).into())
}

/// The parts that are no files, and what is known of the files, without reading those.
pub(super) async fn describe(
    connection: &mut SqliteConnection,
    stored: Vec<StoredPart>,
) -> Result<(Vec<Part>, Vec<Attachment>), StoreError> {
    let ids: Vec<&str> =
        stored.iter().filter_map(StoredPart::reference).map(|file| file.attachment.as_str()).collect();
    let mut known: HashMap<String, (u64, UnixMs)> = HashMap::new();
    if !ids.is_empty() {
        let rows = sqlx::query(
            "SELECT a.sha256, a.size, a.created_at FROM json_each(?1) wanted JOIN attachments a ON a.sha256 = wanted.value",
        )
        .bind(json(&ids)?)
        .fetch_all(connection)
        .await?;
        for row in &rows {
            known.insert(row.text("sha256")?, (row.opt_u64("size")?.unwrap_or(0), row.time("created_at")?));
        }
    }
    let (mut parts, mut files) = (Vec::new(), Vec::new());
    for part in stored {
        match part {
            StoredPart::Image(file) | StoredPart::File(file) => {
                let (bytes, created_at) = known.get(&file.attachment).copied().unwrap_or((0, UnixMs(0)));
                files.push(Attachment {
                    id: file.attachment,
                    media_type: file.media_type,
                    name: file.name.unwrap_or_default(),
                    bytes,
                    created_at,
                });
            }
            StoredPart::Other(part) => parts.push(part),
        }
    }
    Ok((parts, files))
}
