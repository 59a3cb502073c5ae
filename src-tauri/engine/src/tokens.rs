//! Token counts of our own, for estimates only: what a provider reports always wins.

use roundtable_domain::{Message, Part};

/// What every message costs beside its text: role and separators.
const PER_MESSAGE: u64 = 4;

/// A picture's usual share, when its real size is not known.
const PER_IMAGE: u64 = 1_000;

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

/// About how many tokens a request carries.
pub(crate) fn estimate_messages(messages: &[Message]) -> u64 {
    messages.iter().map(|message| PER_MESSAGE + message.parts.iter().map(estimate_part).sum::<u64>()).sum()
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

fn estimate_part(part: &Part) -> u64 {
    match part {
        Part::Text { text } | Part::Reasoning { text, .. } | Part::Refusal { text } => estimate_text(text),
        Part::Other { content, .. } => estimate_text(&content.to_string()),
        Part::ToolCall { name, arguments, .. } => estimate_text(name) + estimate_text(arguments),
        Part::ToolResult { content, .. } => estimate_text(content),
        Part::Image { .. } | Part::ImageUrl { .. } => PER_IMAGE,
        // Base64 is four characters to three bytes; a document's text is rarely more than a quarter of its bytes.
        Part::File { blob } => u64::try_from(blob.base64.len()).unwrap_or(u64::MAX) / 16,
    }
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
        let messages = [Message::text(Role::User, "word ".repeat(10_000))];
        assert!(at_least(&messages) < estimate_messages(&messages));
    }
}
