//! Extra headers: what may stand in them. They are plain text in the database and are shown, so no key may.

use std::collections::HashSet;

use roundtable_providers::check_headers;

use crate::error::EngineError;

/// More than this is a mistake.
const MOST: usize = 40;

/// A header whose name ends with one of these words carries a key.
const SECRET_ENDS: &[&str] = &[
    "auth",
    "authorization",
    "authentication",
    "apikey",
    "cookie",
    "credential",
    "credentials",
    "key",
    "passwd",
    "password",
    "secret",
    "token",
];

/// What keys and their schemes begin with.
const SECRET_STARTS: &[&str] =
    &["bearer ", "basic ", "sk-", "gsk_", "xai-", "aiza", "hf_", "ghp_", "github_pat_", "eyj"];

/// A value as short as this is no key, whatever it begins with.
const SHORTEST_KEY: usize = 16;

/// The headers as they are kept: trimmed, blank rows gone. The error never holds a value.
pub(crate) fn checked_headers(headers: Vec<(String, String)>) -> Result<Vec<(String, String)>, EngineError> {
    let headers: Vec<(String, String)> = headers
        .into_iter()
        .map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()))
        .filter(|(name, value)| !name.is_empty() || !value.is_empty())
        .collect();
    if headers.len() > MOST {
        return refused(format!("a provider has at most {MOST} extra headers"));
    }
    check_headers(&headers).map_err(|error| EngineError::BadSetting(error.to_string()))?;
    let mut names = HashSet::new();
    for (name, value) in &headers {
        if carries_key(name) || looks_like_key(value) {
            return refused(format!(
                "the header \"{name}\" would hold a key, and extra headers stand on the disk as plain text. Keys belong in \
                 the keyring: save it as the provider's key"
            ));
        }
        if !names.insert(name.to_ascii_lowercase()) {
            return refused(format!("the header \"{name}\" is there twice"));
        }
    }
    Ok(headers)
}

fn carries_key(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let last = name.rsplit(['-', '_']).next().unwrap_or(&name);
    SECRET_ENDS.contains(&last) || SECRET_ENDS.contains(&name.as_str()) || name.ends_with("apikey")
}

fn looks_like_key(value: &str) -> bool {
    let value = value.to_ascii_lowercase();
    value.len() >= SHORTEST_KEY && SECRET_STARTS.iter().any(|start| value.starts_with(start))
}

fn refused<T>(problem: String) -> Result<T, EngineError> {
    Err(EngineError::BadSetting(problem))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(headers: &[(&str, &str)]) -> Result<Vec<(String, String)>, String> {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        checked_headers(headers).map_err(|error| error.to_string())
    }

    #[test]
    fn a_header_that_would_hold_a_key_is_refused_and_not_repeated() {
        for name in
            ["Authorization", "X-Api-Key", "x-goog-api-key", "api-key", "Helicone-Auth", "Cookie", "X_TOKEN"]
        {
            let problem = check(&[(name, "hunter2")]).unwrap_err();
            assert!(problem.contains("keyring") && !problem.contains("hunter2"), "{name}: {problem}");
        }
        let problem = check(&[("X-Forwarded-As", "Bearer abcdefghijklmnop")]).unwrap_err();
        assert!(problem.contains("keyring") && !problem.contains("abcdefgh"), "{problem}");
        assert!(check(&[("X-Other", "sk-abcdefghijklmnop")]).is_err());
    }

    #[test]
    fn usual_headers_pass_and_are_tidied() {
        let kept =
            check(&[(" HTTP-Referer ", " https://x.example "), ("", "  "), ("OpenAI-Organization", "org-1")]);
        assert_eq!(
            kept.unwrap(),
            [("HTTP-Referer", "https://x.example"), ("OpenAI-Organization", "org-1")]
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
        );
    }

    #[test]
    fn what_cannot_be_sent_is_refused() {
        assert!(check(&[("a b", "c")]).is_err() && check(&[("X-A", "b\nc")]).is_err());
        assert!(check(&[("", "c")]).is_err() && check(&[("Host", "x.example")]).is_err());
        assert!(check(&[("X-A", "1"), ("x-a", "2")]).unwrap_err().contains("twice"));
    }
}
