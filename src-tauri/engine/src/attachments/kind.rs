//! What a file is, from its first bytes.

use serde::de::IgnoredAny;

use super::{AttachmentError, LARGEST_FILE_BYTES, LARGEST_TEXT_BYTES};
use crate::view::AttachmentKind;

/// The name `infer` has for a type, and the one providers want.
const BINARY: [(&str, &str); 12] = [
    ("image/png", "image/png"),
    ("image/jpeg", "image/jpeg"),
    ("image/gif", "image/gif"),
    ("image/webp", "image/webp"),
    ("application/pdf", "application/pdf"),
    ("audio/x-wav", "audio/wav"),
    ("audio/mpeg", "audio/mpeg"),
    ("audio/m4a", "audio/mp4"),
    ("audio/ogg", "audio/ogg"),
    ("audio/x-flac", "audio/flac"),
    ("audio/aac", "audio/aac"),
    ("audio/x-aiff", "audio/aiff"),
];

/// The media type of a file that can go along.
pub(super) fn media_type_of(name: &str, bytes: &[u8]) -> Result<&'static str, AttachmentError> {
    if bytes.is_empty() {
        return Err(AttachmentError::Empty(name.to_owned()));
    }
    let media_type = recognised(name, bytes)?;
    let (kind, limit) = match kind_of(media_type) {
        AttachmentKind::Text => ("a text", LARGEST_TEXT_BYTES),
        AttachmentKind::Image => ("a picture", LARGEST_FILE_BYTES),
        AttachmentKind::Document => ("a document", LARGEST_FILE_BYTES),
        AttachmentKind::Audio => ("a recording", LARGEST_FILE_BYTES),
    };
    if bytes.len() > limit {
        return Err(AttachmentError::TooLarge { name: name.to_owned(), bytes: bytes.len(), limit, kind });
    }
    Ok(media_type)
}

fn recognised(name: &str, bytes: &[u8]) -> Result<&'static str, AttachmentError> {
    let found = infer::get(bytes).map(|found| found.mime_type());
    if let Some((_, media_type)) = BINARY.iter().find(|(inferred, _)| Some(*inferred) == found) {
        return Ok(media_type);
    }
    // Pages and scripts are text as well, whatever else they are.
    match text_type(bytes) {
        Some(media_type) => Ok(media_type),
        None => Err(AttachmentError::Unreadable {
            name: name.to_owned(),
            found: found.map_or_else(
                || "neither a known kind of file nor text in UTF-8".to_owned(),
                |found| format!("of the type {found}"),
            ),
        }),
    }
}

/// The type of a text in UTF-8; control characters that no text has make it something else.
fn text_type(bytes: &[u8]) -> Option<&'static str> {
    // What is too large is refused by its size, in words that say so.
    let text = std::str::from_utf8(bytes).ok()?;
    if text
        .chars()
        .take(LARGEST_TEXT_BYTES)
        .any(|one| one.is_control() && !matches!(one, '\n' | '\r' | '\t' | '\u{c}' | '\u{1b}'))
    {
        return None;
    }
    let is_json = text.trim_start().starts_with(['{', '['])
        && text.len() <= LARGEST_TEXT_BYTES
        && serde_json::from_str::<IgnoredAny>(text).is_ok();
    Some(if is_json { "application/json" } else { "text/plain" })
}

/// What a media type is to a model.
pub(crate) fn kind_of(media_type: &str) -> AttachmentKind {
    match media_type.split_once('/') {
        Some(("text", _) | ("image", "svg+xml")) => AttachmentKind::Text,
        Some(("image", _)) => AttachmentKind::Image,
        Some(("audio", _)) => AttachmentKind::Audio,
        Some(("application", sub)) if is_text(sub) => AttachmentKind::Text,
        _ => AttachmentKind::Document,
    }
}

/// Text under `application/`.
fn is_text(sub: &str) -> bool {
    let known = ["json", "xml", "yaml", "x-yaml", "toml", "javascript", "x-ndjson", "x-sh", "sql"];
    known.contains(&sub) || sub.ends_with("+json") || sub.ends_with("+xml")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_decide_and_names_do_not() {
        let is = |bytes: &[u8], expected| assert_eq!(media_type_of("x.txt", bytes), Ok(expected));
        is(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "image/png");
        is(b"\xff\xd8\xff\xe0\0\x10JFIF", "image/jpeg");
        is(b"GIF89a\x01\0\x01\0", "image/gif");
        is(b"RIFF\x10\0\0\0WEBPVP8 ", "image/webp");
        is(b"%PDF-1.7\n", "application/pdf");
        is(b"RIFF\x10\0\0\0WAVEfmt ", "audio/wav");
        is(b"ID3\x04\0\0\0\0\0\0", "audio/mpeg");
        is(b"OggS\0\x02", "audio/ogg");
        is(b"fLaC\0\0\0\"", "audio/flac");
        is("Grüße\n".as_bytes(), "text/plain");
        is(b"<html><body>hello</body></html>", "text/plain");
        is(b"#!/bin/sh\necho hello\n", "text/plain");
        is(b" {\"a\": [1, 2]}", "application/json");
        is(b"{ not json }", "text/plain");
    }

    #[test]
    fn what_no_model_reads_is_refused_in_plain_words() {
        let refused = |bytes: &[u8]| media_type_of("holiday.zip", bytes).unwrap_err().to_string();
        assert!(refused(b"PK\x03\x04\x14\0").contains("application/zip"));
        assert!(refused(b"\xfe\xff\0h\0i").contains("UTF-8"), "UTF-16 is not guessed");
        assert!(refused(b"text\0with nothing").contains("UTF-8"));
        assert_eq!(refused(b""), "“holiday.zip” is empty");
    }

    #[test]
    fn the_limit_is_that_of_the_kind() {
        let text = vec![b'a'; LARGEST_TEXT_BYTES + 1];
        let error = media_type_of("big.txt", &text).unwrap_err().to_string();
        assert_eq!(error, "“big.txt” is too large: 1048577 bytes, and a text may have 1048576");
        let mut picture = b"\x89PNG\r\n\x1a\n".to_vec();
        picture.resize(LARGEST_FILE_BYTES, 0);
        assert_eq!(media_type_of("p.png", &picture), Ok("image/png"));
        picture.push(0);
        assert!(matches!(media_type_of("p.png", &picture), Err(AttachmentError::TooLarge { .. })));
    }
}
