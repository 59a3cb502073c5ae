//! Files in the forms that wires share: data URLs, text, and the names of sound formats.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use roundtable_domain::{Blob, Part};

use crate::media::is_text;

/// `data:image/png;base64,…`.
pub(crate) fn data_url(blob: &Blob) -> String {
    format!("data:{};base64,{}", blob.media_type, blob.base64)
}

/// The bytes of a data URL; `None` for any other address.
pub(crate) fn from_data_url(url: &str, name: Option<String>) -> Option<Blob> {
    let (head, base64) = url.strip_prefix("data:")?.split_once(',')?;
    let media_type = head.strip_suffix(";base64")?;
    Some(Blob { media_type: media_type.to_owned(), base64: base64.into(), name })
}

/// A picture by its address, which may hold it.
pub(crate) fn image_from_url(url: &str) -> Part {
    match from_data_url(url, None) {
        Some(blob) => Part::Image { blob },
        None => Part::ImageUrl { url: url.to_owned() },
    }
}

/// The text of a file that is text, under its name: it can be part of a message everywhere. `None` for other files.
pub(crate) fn as_text(blob: &Blob) -> Option<String> {
    let bytes = is_text(&blob.media_type).then(|| STANDARD.decode(blob.base64.as_bytes()).ok())??;
    let text = String::from_utf8(bytes).ok()?;
    Some(match &blob.name {
        Some(name) => format!("{name}:\n\n{text}"),
        None => text,
    })
}

/// The name a file goes by that has none: some places require one.
pub(crate) fn file_name(blob: &Blob) -> &str {
    blob.name.as_deref().unwrap_or_else(|| unnamed(&blob.media_type))
}

/// The way back of [`file_name`].
pub(crate) fn named(media_type: &str, name: Option<&str>) -> Option<String> {
    name.filter(|name| *name != unnamed(media_type)).map(str::to_owned)
}

fn unnamed(media_type: &str) -> &'static str {
    if media_type == "application/pdf" { "file.pdf" } else { "file" }
}

/// The word for a sound's format in requests; `None` for what is no sound.
pub(crate) fn audio_format(media_type: &str) -> Option<&str> {
    let format = media_type.strip_prefix("audio/")?;
    Some(match format {
        "mpeg" => "mp3",
        "x-wav" | "wave" => "wav",
        other => other,
    })
}

/// The way back of [`audio_format`].
pub(crate) fn audio_media_type(format: &str) -> String {
    let kind = if format == "mp3" { "mpeg" } else { format };
    format!("audio/{kind}")
}

/// The media type of a picture, told by its first bytes where the wire does not say it.
pub(crate) fn image_media_type(base64: &str) -> &'static str {
    const BEGINNINGS: [(&str, &str); 4] =
        [("/9j/", "image/jpeg"), ("R0lGOD", "image/gif"), ("UklGR", "image/webp"), ("Qk", "image/bmp")];
    BEGINNINGS.iter().find(|(start, _)| base64.starts_with(start)).map_or("image/png", |(_, kind)| kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blob(media_type: &str, name: Option<&str>) -> Blob {
        Blob { media_type: media_type.into(), base64: "aGk=".into(), name: name.map(Into::into) }
    }

    #[test]
    fn a_data_url_holds_what_was_put_into_it() {
        for media_type in ["image/png", "application/pdf", "text/plain;charset=utf-8", ""] {
            let blob = blob(media_type, None);
            assert_eq!(from_data_url(&data_url(&blob), None), Some(blob));
        }
        for other in ["https://x.example/a.png", "data:text/plain,hi", "data:", ""] {
            assert_eq!(from_data_url(other, None), None, "{other}");
        }
    }

    #[test]
    fn text_is_told_from_other_files() {
        assert_eq!(as_text(&blob("text/csv", Some("a.csv"))).as_deref(), Some("a.csv:\n\nhi"));
        assert_eq!(as_text(&blob("application/json", None)).as_deref(), Some("hi"));
        assert_eq!(as_text(&blob("application/pdf", None)), None);
        assert_eq!(as_text(&Blob { base64: "/w==".into(), ..blob("text/plain", None) }), None, "not UTF-8");
    }

    #[test]
    fn names_and_formats_come_back() {
        for (media_type, name) in
            [("application/pdf", None), ("audio/wav", None), ("application/pdf", Some("a"))]
        {
            let blob = blob(media_type, name);
            assert_eq!(named(media_type, Some(file_name(&blob))), blob.name);
        }
        for media_type in ["audio/mpeg", "audio/wav", "audio/flac"] {
            assert_eq!(audio_format(media_type).map(audio_media_type).as_deref(), Some(media_type));
        }
        assert_eq!(audio_format("image/png"), None);
    }
}
