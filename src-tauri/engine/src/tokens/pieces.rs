//! A long text in pieces, each counted and remembered by itself.
//!
//! A keystroke at the end of a long draft counts its last piece anew, and a runaway of a million blanks, which is more than a
//! tokenizer's expressions bear, comes in portions.

/// The longest piece, in bytes.
const MOST: usize = 16 * 1_024;

/// The pieces of a text, in order. They end where a word does if one does in their second half: tokenizers cut there too, so that the
/// pieces count as much as the whole. A cut elsewhere may add a token or two.
pub(super) fn pieces_of(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    let mut is_first = true;
    std::iter::from_fn(move || {
        if rest.is_empty() && !is_first {
            return None;
        }
        is_first = false;
        let (piece, left) = rest.split_at(end_of_piece(rest));
        rest = left;
        Some(piece)
    })
}

fn end_of_piece(text: &str) -> usize {
    if text.len() <= MOST {
        return text.len();
    }
    let most = text.floor_char_boundary(MOST);
    // A blank before a word belongs to it; what stands between two letters' blanks is told apart by nobody.
    let is_end = |at: &usize| match text.as_bytes().get(at - 1..at + 2) {
        Some([before, b' ', after]) => before.is_ascii_alphabetic() && after.is_ascii_alphabetic(),
        _ => false,
    };
    (MOST / 2..most).rev().find(is_end).unwrap_or(most)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::tokens::Encoding;

    #[test]
    fn a_short_text_is_one_piece_and_an_empty_one_too() {
        assert_eq!(pieces_of("").collect::<Vec<_>>(), [""]);
        assert_eq!(pieces_of("one two").collect::<Vec<_>>(), ["one two"]);
    }

    #[tokio::test]
    async fn pieces_count_as_much_as_the_whole() {
        let prose = "It was a bright cold day in April, and the clocks were striking 13; \n\tso they said.\n"
            .repeat(900);
        for encoding in [Encoding::O200k, Encoding::Cl100k] {
            let bpe = encoding.wait().await.unwrap();
            let count = |text: &str| bpe.encode_ordinary(text).len();
            assert!(pieces_of(&prose).count() > 4);
            assert_eq!(pieces_of(&prose).map(count).sum::<usize>(), count(&prose));
        }
    }

    proptest! {
        #[test]
        fn nothing_is_lost(text in "[a-z 天é]{0,200}", times in 1..300_usize) {
            let text = text.repeat(times);
            prop_assert!(pieces_of(&text).all(|piece| piece.len() <= MOST));
            prop_assert_eq!(pieces_of(&text).collect::<String>(), text);
        }
    }
}
