//! The prompt and what goes along: text from the command line or standard input, images and files.

use std::io::{IsTerminal, Read};
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use roundtable_domain::{Blob, Part};

use crate::failure::Failure;

/// The prompt's text. "-" stands for standard input, alone or among other words.
pub(crate) fn text(words: &[String]) -> Result<String, Failure> {
    if words.is_empty() {
        if std::io::stdin().is_terminal() {
            return Err(Failure::Usage("write a prompt, or pipe one in".to_owned()));
        }
        return standard_input();
    }
    let piped = if words.iter().any(|word| word == "-") { standard_input()? } else { String::new() };
    let (piped, mut text) = (piped.as_str(), String::new());
    for word in words {
        let (word, gap) = if word == "-" { (piped, "\n\n") } else { (word.as_str(), " ") };
        if !text.is_empty() {
            text.push_str(gap);
        }
        text.push_str(word);
    }
    Ok(text)
}

/// All of standard input, without the line end a shell puts last.
pub(crate) fn standard_input() -> Result<String, Failure> {
    let mut bytes = Vec::new();
    std::io::stdin().lock().read_to_end(&mut bytes)?;
    let mut text = String::from_utf8(bytes).map_err(|_| {
        Failure::Usage("standard input is not UTF-8 text; send it with --file or --image".to_owned())
    })?;
    if text.ends_with('\n') {
        text.pop();
        if text.ends_with('\r') {
            text.pop();
        }
    }
    Ok(text)
}

/// An image to send along.
pub(crate) fn image(path: &Path) -> Result<Part, Failure> {
    let bytes = read(path)?;
    let media_type = image_type(&bytes)
        .ok_or_else(|| Failure::Usage(format!("{} is not a PNG, JPEG, GIF or WebP image", path.display())))?;
    Ok(Part::Image { blob: blob(path, media_type, &bytes) })
}

/// A file to send along: a PDF as it is, anything that is text as text under its name.
pub(crate) fn file(path: &Path) -> Result<Part, Failure> {
    let bytes = read(path)?;
    if bytes.starts_with(b"%PDF-") {
        return Ok(Part::File { blob: blob(path, "application/pdf", &bytes) });
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Part::Text { text: format!("{}:\n\n{text}", name(path)) }),
        Err(_) => Err(Failure::Usage(format!("{} is neither text nor a PDF", path.display()))),
    }
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|source| Failure::File { path: path.display().to_string(), source })
}

fn blob(path: &Path, media_type: &str, bytes: &[u8]) -> Blob {
    Blob { media_type: media_type.to_owned(), base64: STANDARD.encode(bytes), name: Some(name(path)) }
}

fn name(path: &Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
}

fn image_type(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0x89, b'P', b'N', b'G', ..] => Some("image/png"),
        [0xFF, 0xD8, 0xFF, ..] => Some("image/jpeg"),
        [b'G', b'I', b'F', b'8', ..] => Some("image/gif"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("image/webp"),
        _ => None,
    }
}
