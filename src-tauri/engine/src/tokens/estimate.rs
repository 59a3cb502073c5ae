//! Rules of thumb, for models whose tokenizer is not public.

use roundtable_domain::{Message, Part};

/// About how many tokens a text is: four bytes of Latin script to a token, one token to a CJK character, two bytes of other
/// scripts. Within a third of the true count for ordinary prose.
pub(crate) fn estimate_text(text: &str) -> u64 {
    let mut quarter_tokens: u64 = 0;
    for character in text.chars() {
        quarter_tokens += match u32::from(character) {
            0..=0x7F => 1,
            0x80..=0x2E7F => 2,
            _ => 4,
        };
    }
    quarter_tokens.div_ceil(4)
}

/// Fewer tokens than these messages can possibly be: no tokenizer in use averages more than sixteen bytes to a token. What is
/// longer than a model's context by this count is refused before it is sent.
pub(crate) fn at_least(messages: &[Message]) -> u64 {
    let bytes: usize = messages
        .iter()
        .flat_map(|message| &message.parts)
        .map(|part| if let Part::Text { text } = part { text.len() } else { 0 })
        .sum();
    u64::try_from(bytes).unwrap_or(u64::MAX) / 16
}

#[cfg(test)]
mod tests {
    use super::*;
    use roundtable_domain::Role;

    #[test]
    fn prose_and_chinese_are_counted_plausibly() {
        assert_eq!(estimate_text("one two three four five"), 6);
        assert_eq!(estimate_text("比较两种树"), 5);
        assert_eq!(estimate_text(""), 0);
    }

    #[test]
    fn the_lower_bound_is_below_the_estimate() {
        let text = "word ".repeat(10_000);
        assert!(at_least(&[Message::text(Role::User, text.as_str())]) < estimate_text(&text));
    }
}
