//! Which of our models an invoice means. Invoices say `Claude Haiku 4.5`, `claude-haiku-4-5-20251001` or `anthropic/claude-haiku-4.5`.

use crate::catalogue::without_date;

/// What two names of one model have in common: its words in order of the alphabet, then its numbers in their own order. A snapshot's
/// date, a vendor before a slash and what stands behind a colon do not count. `claude-3-5-haiku` and `Claude Haiku 3.5` are one;
/// `gpt-5.4` and `gpt-4.5` are two.
pub(super) fn common(name: &str) -> String {
    let name = name.rsplit('/').next().unwrap_or(name).to_ascii_lowercase();
    let name = name.split(':').next().unwrap_or(&name);
    let name = without_date(name).unwrap_or(name);
    let parts = name.split(['-', '.', ' ', '_', '@']).filter(|part| !part.is_empty() && *part != "latest");
    let (numbers, mut words): (Vec<&str>, Vec<&str>) =
        parts.partition(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
    words.sort_unstable();
    words.into_iter().chain(numbers).collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::common;

    #[test]
    fn one_model_has_one_common_name_and_two_models_have_two() {
        for (one, other) in [
            ("Claude Haiku 4.5", "claude-haiku-4-5-20251001"),
            ("anthropic/claude-haiku-4.5", "claude-haiku-4-5"),
            ("claude-3-5-haiku-20241022", "Claude Haiku 3.5"),
            ("gpt-4o-2024-08-06", "gpt-4o"),
            ("openai/gpt-4.1-2025-04-14", "gpt-4.1"),
            ("deepseek/deepseek-r1:free", "deepseek-r1"),
        ] {
            assert_eq!(common(one), common(other), "{one} and {other}");
        }
        for (one, other) in
            [("gpt-5.4", "gpt-4.5"), ("gpt-4o", "gpt-4o-mini"), ("claude-opus-4", "claude-opus-4-5")]
        {
            assert_ne!(common(one), common(other), "{one} and {other}");
        }
    }
}
