//! What media types are.

/// Whether the bytes are text a model can read as it stands.
pub(crate) fn is_text(media_type: &str) -> bool {
    let media_type = media_type.split(';').next().unwrap_or_default().trim();
    media_type.starts_with("text/")
        || ["+json", "+xml", "+yaml"].iter().any(|suffix| media_type.ends_with(suffix))
        || matches!(
            media_type,
            "application/json"
                | "application/x-ndjson"
                | "application/xml"
                | "application/yaml"
                | "application/x-yaml"
                | "application/toml"
                | "application/javascript"
                | "application/x-sh"
                | "application/sql"
        )
}

/// The media type of a picture at an address, by the ending of its path; `None` when it tells nothing.
pub(crate) fn picture_at(url: &str) -> Option<&'static str> {
    let path = url.split(['?', '#']).next().unwrap_or(url);
    let (_, ending) = path.rsplit('/').next()?.rsplit_once('.')?;
    Some(match ending.to_ascii_lowercase().as_str() {
        "jpg" | "jpeg" => "image/jpeg",
        "png" => "image/png",
        "webp" => "image/webp",
        "heic" => "image/heic",
        "heif" => "image/heif",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_known_by_its_type_and_a_picture_by_its_address() {
        for text in ["text/csv", "text/plain; charset=utf-8", "application/json", "application/ld+json"] {
            assert!(is_text(text), "{text}");
        }
        for other in ["application/pdf", "image/svg", "application/zip", ""] {
            assert!(!is_text(other), "{other}");
        }
        assert_eq!(picture_at("https://x.example/a.b/c.JPG?size=2"), Some("image/jpeg"));
        assert_eq!(picture_at("https://x.example/a.png/c"), None);
    }
}
