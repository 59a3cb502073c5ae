//! Images and files of a request, in the shapes of every API.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

/// What came along with the words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Medium {
    /// Bytes.
    Inline {
        /// For instance `image/png`, as the client says.
        media_type: String,
        /// Where the client gave one.
        name: Option<String>,
        /// Decoded; empty when it was no base64.
        bytes: Vec<u8>,
    },
    /// An address of an image that nobody here looks at.
    Address(String),
}

/// The media of a `content` that is a part or a list of parts, and of tool results within it.
pub(crate) fn media_of(content: &Value) -> Vec<Medium> {
    match content {
        Value::Array(parts) => parts.iter().flat_map(media_of).collect(),
        Value::Object(part) => {
            let nested = part.get("content").map(media_of).unwrap_or_default();
            one(content).into_iter().chain(nested).collect()
        }
        _ => Vec::new(),
    }
}

/// Ollama's `images`: bare base64.
pub(crate) fn bare_images(message: &Value) -> Vec<Medium> {
    let images = message.get("images").and_then(Value::as_array).into_iter().flatten();
    images.filter_map(Value::as_str).map(|data| inline("image", None, data)).collect()
}

fn one(part: &Value) -> Option<Medium> {
    let text = |path: &str| part.pointer(path).and_then(Value::as_str);
    let either = |first: &str, second: &str| text(first).or_else(|| text(second));
    // OpenAI's two APIs.
    if let Some(url) = either("/image_url/url", "/image_url") {
        return Some(of_url(url, None));
    }
    if let Some(data) = either("/file/file_data", "/file_data") {
        return Some(of_url(data, either("/file/filename", "/filename")));
    }
    if let Some(data) = text("/input_audio/data") {
        let media_type = format!("audio/{}", text("/input_audio/format").unwrap_or("wav"));
        return Some(inline(&media_type, None, data));
    }
    // Anthropic.
    if let Some(data) = text("/source/data") {
        return Some(inline(text("/source/media_type").unwrap_or_default(), text("/title"), data));
    }
    if let Some(url) = text("/source/url") {
        return Some(Medium::Address(url.to_owned()));
    }
    // Gemini, in both spellings.
    if let Some(data) = either("/inlineData/data", "/inline_data/data") {
        let media_type = either("/inlineData/mimeType", "/inline_data/mime_type");
        return Some(inline(media_type.unwrap_or_default(), None, data));
    }
    either("/fileData/fileUri", "/file_data/file_uri").map(|url| Medium::Address(url.to_owned()))
}

/// `data:image/png;base64,...`, or an address.
fn of_url(url: &str, name: Option<&str>) -> Medium {
    let Some((media_type, data)) = url.strip_prefix("data:").and_then(|rest| rest.split_once(";base64,"))
    else {
        return Medium::Address(url.to_owned());
    };
    inline(media_type, name, data)
}

fn inline(media_type: &str, name: Option<&str>, data: &str) -> Medium {
    Medium::Inline {
        media_type: media_type.to_owned(),
        name: name.map(str::to_owned),
        bytes: STANDARD.decode(data).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_apis_picture_is_found() {
        let picture = Medium::Inline { media_type: "image/png".into(), name: None, bytes: b"hi".to_vec() };
        for part in [
            json!({"type": "image_url", "image_url": {"url": "data:image/png;base64,aGk="}}),
            json!({"type": "input_image", "image_url": "data:image/png;base64,aGk="}),
            json!({"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "aGk="}}),
            json!({"inlineData": {"mimeType": "image/png", "data": "aGk="}}),
            json!({"inline_data": {"mime_type": "image/png", "data": "aGk="}}),
        ] {
            assert_eq!(media_of(&json!([{"text": "look"}, part])), std::slice::from_ref(&picture), "{part}");
        }
        let named = json!({"type": "file", "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,aGk="}});
        assert!(
            matches!(&media_of(&named)[..], [Medium::Inline { name: Some(name), .. }] if name == "a.pdf")
        );
        assert_eq!(bare_images(&json!({"images": ["aGk="]})).len(), 1);
        let address = json!({"type": "image_url", "image_url": {"url": "https://example.org/a.png"}});
        assert_eq!(media_of(&address), [Medium::Address("https://example.org/a.png".into())]);
    }
}
