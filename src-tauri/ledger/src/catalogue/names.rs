//! The many names of one model.

/// Our slug of a provider's name: most are their own.
pub(super) fn provider(name: &str) -> &str {
    match name {
        "google" | "vertex" | "gemini-openai" => "gemini",
        "x-ai" => "xai",
        "z-ai" | "zhipu" => "zai",
        "dashscope" | "alibaba" => "qwen",
        "mistralai" => "mistral",
        "moonshotai" => "moonshot",
        "ollama-openai" => "ollama",
        other => other,
    }
}

/// What a model is indexed under.
pub(super) fn key(provider: &str, model: &str) -> String {
    format!("{provider}/{}", model.to_ascii_lowercase())
}

/// The names a model may stand under, the surest first. A name the provider prices on its own (`:free`, `:nitro`) is
/// never shortened: its price is another.
pub(super) fn candidates(provider: &str, model: &str) -> Vec<String> {
    let bare = model.strip_prefix("models/").unwrap_or(model);
    let mut names = vec![bare.to_owned()];
    if provider == "amazon-nova" {
        let home = ["us.", "eu.", "apac.", "global."]
            .iter()
            .find_map(|region| bare.strip_prefix(region))
            .unwrap_or(bare);
        names.push(home.to_owned());
        names.push(format!("amazon.{home}:0"));
    }
    names.extend(without_date(bare).map(str::to_owned));
    names.extend(without_latest(bare).map(str::to_owned));
    if provider == "gemini" {
        names.extend(
            ["-001", "-002"].iter().find_map(|version| bare.strip_suffix(version)).map(str::to_owned),
        );
    }
    names
}

/// A name without `-2024-08-06`, `-20250514` or `@20250514` at its end.
pub(crate) fn without_date(model: &str) -> Option<&str> {
    [10, 8].into_iter().find_map(|length| {
        let (head, date) = model.split_at_checked(model.len().checked_sub(length)?)?;
        let head = head.strip_suffix(['-', '@'])?;
        is_date(date).then_some(head)
    })
}

fn is_date(text: &str) -> bool {
    let digits: String = match text.len() {
        10 if text.bytes().enumerate().all(|(at, byte)| (byte == b'-') == matches!(at, 4 | 7)) => {
            text.replace('-', "")
        }
        8 => text.to_owned(),
        _ => return false,
    };
    digits.starts_with("20") && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// A name without `-latest`.
pub(super) fn without_latest(model: &str) -> Option<&str> {
    model.strip_suffix("-latest")
}

/// Whether two names mean the same model: equal but for case, prefix, snapshot date or `-latest`. An answer served under
/// a name that is not the same as the one requested must be priced at the served one, or be unpriced.
pub fn is_same_model(one: &str, other: &str) -> bool {
    let plain = |name: &str| {
        let name = name.strip_prefix("models/").unwrap_or(name);
        let name = without_date(name).or_else(|| without_latest(name)).unwrap_or(name);
        name.to_ascii_lowercase()
    };
    let dated = |name: &str| without_date(name).is_some();
    if dated(one) && dated(other) { one.eq_ignore_ascii_case(other) } else { plain(one) == plain(other) }
}

/// Whether US-only inference costs more: Anthropic's Opus from 4.6 on (COSTS, section 2).
pub(crate) fn charges_us_inference(provider_name: &str, model: &str) -> bool {
    let Some(version) = model.strip_prefix("claude-opus-").filter(|_| provider_name == "anthropic") else {
        return false;
    };
    let mut numbers =
        without_date(version).unwrap_or(version).split('-').map(|part| part.parse::<u32>().unwrap_or(0));
    let major = numbers.next().unwrap_or(0);
    // `claude-opus-4-20250514` has no minor version, only a date.
    (major, numbers.next().filter(|minor| *minor < 100).unwrap_or(0)) >= (4, 6)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_dates_are_taken_off() {
        assert_eq!(without_date("gpt-4o-2024-08-06"), Some("gpt-4o"));
        assert_eq!(without_date("claude-sonnet-4-20250514"), Some("claude-sonnet-4"));
        assert_eq!(without_date("claude-sonnet-4@20250514"), Some("claude-sonnet-4"));
        for whole in ["gpt-4o", "glm-4-32b-0414", "20250514", "", "qwen-2024-0a-06", "é2024-08-06"] {
            assert_eq!(without_date(whole), None, "{whole}");
        }
    }

    #[test]
    fn a_snapshot_is_its_model_but_not_another_snapshot() {
        assert!(is_same_model("gpt-4o-2024-08-06", "gpt-4o"));
        assert!(is_same_model("models/gemini-2.5-pro", "gemini-2.5-pro"));
        assert!(is_same_model("claude-3-5-sonnet-latest", "claude-3-5-sonnet-20241022"));
        assert!(!is_same_model("gpt-4o-2024-08-06", "gpt-4o-2024-11-20"));
        assert!(!is_same_model("gpt-4o-mini", "gpt-4o"));
        assert!(!is_same_model("minimax-m2:free", "minimax-m2"));
    }

    #[test]
    fn us_inference_costs_more_from_opus_4_6_on() {
        for (model, charged) in [
            ("claude-opus-4-6", true),
            ("claude-opus-4-6-20260205", true),
            ("claude-opus-5", true),
            ("claude-opus-4-5-20251101", false),
            ("claude-opus-4-20250514", false),
            ("claude-sonnet-4-6", false),
        ] {
            assert_eq!(charges_us_inference("anthropic", model), charged, "{model}");
        }
        assert!(!charges_us_inference("openrouter", "claude-opus-4-6"));
    }
}
