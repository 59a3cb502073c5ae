//! What may be shown of a key.

/// Shorter keys show nothing: what would be hidden of them is not enough.
const SHORTEST_SHOWN: usize = 20;
const HEAD: usize = 3;
const TAIL: usize = 4;

/// A key as people recognise it: `sk-…f3a9`. Fewer than 20 characters give dots only, and always as many dots.
pub fn mask_key(key: &str) -> String {
    let characters: Vec<char> = key.trim().chars().collect();
    let count = characters.len();
    if count < SHORTEST_SHOWN {
        return "••••••••".to_owned();
    }
    let head = characters.iter().take(HEAD);
    let tail = characters.iter().skip(count - TAIL);
    head.chain(&['…']).chain(tail).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_enough_to_recognise_a_key_and_no_more() {
        assert_eq!(mask_key("sk-0123456789abcdeff3a9"), "sk-…f3a9");
        assert_eq!(mask_key("  sk-0123456789abcdeff3a9\n"), "sk-…f3a9");
        assert_eq!(mask_key("äöü0123456789abcdefß3a9"), "äöü…ß3a9", "characters, not bytes");
    }

    #[test]
    fn short_keys_show_nothing_not_even_their_length() {
        assert_eq!(mask_key("sk-0123456789abcdef"), mask_key("x"));
        assert_eq!(mask_key(""), "••••••••");
    }
}
