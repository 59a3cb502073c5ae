//! The one door to the outside: which links of a model's answer may be opened in the system's browser.

use url::Url;

use crate::view::AppError;

/// Checks a link: https and mailto only.
pub fn check(link: &str) -> Result<Url, AppError> {
    let url = Url::parse(link.trim()).map_err(|_| refused("This is not a link that can be opened."))?;
    match url.scheme() {
        "mailto" => Ok(url),
        "https" if url.host_str().is_some() && url.username().is_empty() && url.password().is_none() => {
            Ok(url)
        }
        "https" => Err(refused("This link hides a user name in front of its host. It is not opened.")),
        other => Err(refused(&format!("Only https and mailto links are opened, not {other}."))),
    }
}

/// The system could not open it.
pub fn not_opened(error: &dyn std::error::Error) -> AppError {
    AppError {
        code: "link_not_opened".to_owned(),
        message: format!("The system could not open the link: {error}. Copy it instead."),
        saying: None,
        action: None,
        retryable: true,
        over_budget: None,
    }
}

fn refused(message: &str) -> AppError {
    AppError {
        code: "link_refused".to_owned(),
        message: message.to_owned(),
        saying: None,
        action: None,
        retryable: false,
        over_budget: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_web_and_mail_links_leave_the_window() {
        assert!(check("https://example.com/a?b#c").is_ok());
        assert!(check("mailto:someone@example.com").is_ok());
        for hostile in [
            "http://example.com",
            "javascript:alert(1)",
            "file:///etc/passwd",
            "data:text/html,x",
            "https://paypal.example@evil.example/",
            "smb://host/share",
            "vscode://x",
            "",
        ] {
            assert!(check(hostile).is_err(), "{hostile}");
        }
    }
}
