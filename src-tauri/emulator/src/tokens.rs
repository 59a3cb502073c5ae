//! Word pieces: how text is cut for streaming and how it is counted.

/// Longest piece of a word, in characters.
const PIECE: usize = 6;

/// Cuts text into pieces like a tokeniser's: a word with the space before it, long words in parts, each CJK character
/// and each mark of punctuation by itself. Joined, the pieces are the text.
pub(crate) fn tokenise(text: &str) -> Vec<String> {
    let mut pieces = Vec::with_capacity(text.len() / 4 + 1);
    let mut piece = String::new();
    let mut length = 0_usize;
    for character in text.chars() {
        let ends_before = match class(character) {
            Class::Space => !piece.is_empty() && !piece.chars().all(char::is_whitespace),
            Class::Letter => {
                length >= PIECE
                    || piece
                        .chars()
                        .next_back()
                        .is_some_and(|last| class(last) != Class::Letter && last != ' ')
            }
            Class::Alone => !(piece.is_empty() || piece == " "),
        };
        if ends_before {
            pieces.push(std::mem::take(&mut piece));
            length = 0;
        }
        piece.push(character);
        length += 1;
    }
    if !piece.is_empty() {
        pieces.push(piece);
    }
    pieces
}

/// Tokens of a text by the emulator's rule, the number of pieces it would be streamed in.
///
/// About four bytes a token for Latin text, one per CJK character. Stable, and not any real tokeniser's count.
pub fn count_tokens(text: &str) -> u64 {
    u64::try_from(tokenise(text).len()).unwrap_or(u64::MAX)
}

#[derive(PartialEq, Eq)]
enum Class {
    Space,
    Letter,
    Alone,
}

fn class(character: char) -> Class {
    if character.is_whitespace() {
        Class::Space
    } else if character.is_alphanumeric() && !is_cjk(character) {
        Class::Letter
    } else {
        Class::Alone
    }
}

/// Han, kana, hangul and their punctuation.
pub(crate) fn is_cjk(character: char) -> bool {
    matches!(character, '\u{2e80}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}' | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ffef}' | '\u{20000}'..='\u{3ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_join_to_the_text() {
        for text in ["", "one", "Hello, wonderful world!\n\n- a list\n- 你好,世界", "  lead", "naïveté 👩‍🔬 ok"]
        {
            assert_eq!(tokenise(text).concat(), text, "nothing may be lost in cutting");
        }
    }

    #[test]
    fn counts_are_plausible() {
        assert_eq!(count_tokens("你好世界"), 4, "one token a character");
        let english = "The quick brown fox jumps over the lazy dog and runs into the forest.";
        let tokens = count_tokens(english);
        assert!((13..=20).contains(&tokens), "about four bytes a token, got {tokens}");
    }
}
