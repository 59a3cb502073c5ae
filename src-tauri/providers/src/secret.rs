//! Keys on their way out, and never anywhere else.

use roundtable_domain::mask::mask_key;
use roundtable_domain::{Endpoint, ProviderError};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

/// The fewest characters of a key's beginning that are taken out of a text that breaks off inside the key. Fewer are what
/// every key of the provider begins with.
const SHORTEST_HEAD: usize = 8;

/// Words in the names of headers that carry secrets.
const SECRET_HEADERS: &[&str] = &["auth", "cookie", "key", "secret", "token"];

/// What must not show of one request: its key, and what extra headers carry in its place.
#[derive(Debug)]
pub(crate) struct Secrets(Vec<SecretString>);

impl Secrets {
    pub fn of(endpoint: &Endpoint, key: Option<&SecretString>) -> Self {
        let is_secret = |name: &str| {
            let name = name.to_ascii_lowercase();
            SECRET_HEADERS.iter().any(|word| name.contains(word))
        };
        let headers = endpoint.extra_headers.iter().filter(|(name, _)| is_secret(name));
        let headers = headers.filter_map(|(_, value)| value.split_whitespace().last());
        // A short word is no secret, and would be taken out of ordinary sentences.
        let headers = headers.filter(|value| value.len() >= SHORTEST_HEAD);
        let key = key.map(|key| key.expose_secret().trim()).filter(|key| !key.is_empty());
        Self(key.into_iter().chain(headers).map(SecretString::from).collect())
    }

    /// Takes them out of everything an error says: some providers echo them.
    pub fn scrub(&self, error: ProviderError) -> ProviderError {
        self.0.iter().fold(error, |error, secret| scrub_one(error, secret.expose_secret()))
    }
}

fn scrub_one(mut error: ProviderError, key: &str) -> ProviderError {
    let clean = |text: &str| without(text, key);
    let texts = [
        Some(&mut error.message),
        error.kind.as_mut(),
        error.param.as_mut(),
        error.request_id.as_mut(),
        error.detail.as_mut(),
    ];
    for text in texts.into_iter().flatten() {
        if let Some(cleaned) = clean(text) {
            *text = cleaned;
        }
    }
    if let Some(Value::String(code)) = error.code.as_mut()
        && let Some(cleaned) = clean(code)
    {
        *code = cleaned;
    }
    error
}

/// The text without the key, masked; `None` when it does not hold it. Texts that were cut short (`…`) may end inside the key.
fn without(text: &str, key: &str) -> Option<String> {
    let mask = mask_key(key);
    if text.contains(key) {
        return Some(text.replace(key, &mask));
    }
    let mut head = key.to_owned();
    while head.pop().is_some() && head.chars().count() >= SHORTEST_HEAD {
        let cut = format!("{head}…");
        if text.contains(&cut) {
            return Some(text.replace(&cut, "…"));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use roundtable_domain::ErrorCategory;

    fn endpoint() -> Endpoint {
        Endpoint {
            provider: "p".into(),
            api: roundtable_domain::WireApi::OpenaiChat,
            dialect: "custom".into(),
            base_url: url::Url::parse("http://127.0.0.1").unwrap(),
            extra_headers: vec![
                ("X-Gateway-Token".into(), "Bearer gateway-secret-0123456789".into()),
                ("x-team".into(), "provider".into()),
            ],
            network: roundtable_domain::Network::default(),
        }
    }

    #[test]
    fn a_secret_in_an_extra_header_is_one_too() {
        let text = "the provider saw gateway-secret-0123456789";
        let error = ProviderError::local(ErrorCategory::Authentication, "p", text);
        assert_eq!(Secrets::of(&endpoint(), None).scrub(error).message, "the provider saw gat…6789");
    }

    #[test]
    fn an_echoed_key_is_taken_out_of_every_text() {
        let key = SecretString::from("sk-proj-1234567890abcd");
        let text = "key sk-proj-1234567890abcd is wrong".to_owned();
        let mut error = ProviderError::local(ErrorCategory::Authentication, "p", text.clone());
        error.kind = Some(text.clone());
        error.param = Some(text.clone());
        error.code = Some(Value::String(text.clone()));
        error.detail = Some(text);
        let scrubbed = Secrets::of(&endpoint(), Some(&key)).scrub(error);
        let shown = format!("{scrubbed:?} {}", serde_json::to_string(&scrubbed).unwrap());
        assert!(!shown.contains("1234567890") && scrubbed.message == "key sk-…abcd is wrong", "{shown}");
    }
    #[test]
    fn a_text_that_breaks_off_inside_the_key_shows_none_of_it() {
        let key = SecretString::from("sk-proj-1234567890abcd");
        let error = ProviderError::local(ErrorCategory::Authentication, "p", "wrong: \"sk-proj-12345…\".");
        assert_eq!(Secrets::of(&endpoint(), Some(&key)).scrub(error).message, "wrong: \"…\".");
    }
}
