//! Texts made to fit: cut at one end, or packed together in the order of their relevance.

use super::Counting;
use crate::engine::Engine;

/// Which end of a text stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The beginning.
    Head,
    /// The end.
    Tail,
}

/// A text that may go along, most relevant first in a list of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// What it is called.
    pub name: String,
    /// What stands in it.
    pub text: String,
}

/// A document that goes along.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackedDocument {
    /// What it is called.
    pub name: String,
    /// What goes along of it.
    pub text: String,
    /// Its tokens.
    pub tokens: u64,
    /// The end of it did not fit.
    pub cut: bool,
}

/// A document is cut rather than left out when at least this many tokens of it fit.
const LEAST_WORTH: u64 = 64;

impl Engine {
    /// The part of a text that is at most `limit` tokens for this target (`provider/model`), from one end; never cut inside a
    /// character. By the model's own tokenizer where there is one, else by an estimate.
    pub async fn truncate(&self, target: &str, text: &str, limit: u64, keep: End) -> String {
        match self.counting_for(target).await {
            Some(counting) => cut(text, limit, keep, |piece| counting.text(piece)).to_owned(),
            None => cut(text, limit, keep, super::estimate_text).to_owned(),
        }
    }

    /// As many documents as fit into `limit` tokens for this target, taken in the order given: the most relevant first. One
    /// that does not fit whole is cut at its end if enough of it fits; what follows may still fill what is left.
    pub async fn pack_documents(
        &self,
        target: &str,
        documents: Vec<Document>,
        limit: u64,
    ) -> Vec<PackedDocument> {
        match self.counting_for(target).await {
            Some(counting) => pack(documents, limit, |text| counting.text(text)),
            None => pack(documents, limit, super::estimate_text),
        }
    }

    async fn counting_for(&self, target: &str) -> Option<Counting<'_>> {
        let directory = self.directory().await.ok()?;
        let (setup, model) = directory.resolve(target).ok()?;
        Some(self.counting_exactly(&setup, &model.model).await)
    }
}

/// The longest head or tail of at most `limit` tokens, as far as a search by halves finds it.
fn cut(text: &str, limit: u64, keep: End, count: impl Fn(&str) -> u64) -> &str {
    if count(text) <= limit {
        return text;
    }
    let piece = |bytes: usize| match keep {
        End::Head => text.get(..text.floor_char_boundary(bytes)).unwrap_or_default(),
        End::Tail => text.get(text.ceil_char_boundary(text.len() - bytes)..).unwrap_or_default(),
    };
    let (mut fits, mut exceeds) = (0, text.len());
    while exceeds - fits > 1 {
        let middle = fits.midpoint(exceeds);
        if count(piece(middle)) <= limit { fits = middle } else { exceeds = middle }
    }
    piece(fits)
}

fn pack(documents: Vec<Document>, limit: u64, count: impl Fn(&str) -> u64) -> Vec<PackedDocument> {
    let mut left = limit;
    let mut packed = Vec::new();
    for Document { name, text } in documents {
        let tokens = count(&text);
        if tokens <= left {
            left -= tokens;
            packed.push(PackedDocument { name, text, tokens, cut: false });
        } else if left >= LEAST_WORTH {
            let text = cut(&text, left, End::Head, &count).to_owned();
            let tokens = count(&text);
            left = left.saturating_sub(tokens);
            packed.push(PackedDocument { name, text, tokens, cut: true });
        }
    }
    packed
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn words(text: &str) -> u64 {
        text.split_whitespace().count() as u64
    }

    fn document(name: &str, count: usize) -> Document {
        Document { name: name.to_owned(), text: "word ".repeat(count) }
    }

    #[test]
    fn the_most_relevant_documents_come_first_and_whole() {
        let packed = pack(vec![document("a", 100), document("b", 900), document("c", 10)], 300, words);
        let shape: Vec<_> = packed.iter().map(|one| (one.name.as_str(), one.tokens, one.cut)).collect();
        assert_eq!(shape, [("a", 100, false), ("b", 200, true)]);
        let packed = pack(vec![document("a", 280), document("b", 900), document("c", 10)], 300, words);
        let shape: Vec<_> = packed.iter().map(|one| (one.name.as_str(), one.cut)).collect();
        assert_eq!(shape, [("a", false), ("c", false)], "too little of b would fit to be of use");
    }

    #[test]
    fn either_end_can_stay() {
        assert_eq!(cut("one two three", 2, End::Head, words).trim(), "one two");
        assert_eq!(cut("one two three", 2, End::Tail, words).trim(), "two three");
        assert_eq!(cut("one two", 2, End::Tail, words), "one two");
    }

    proptest! {
        #[test]
        fn a_cut_is_within_the_limit_and_within_the_text(text in "\\PC{0,80}", limit in 0..40_u64) {
            let count = super::super::estimate_text;
            let head = cut(&text, limit, End::Head, count);
            let tail = cut(&text, limit, End::Tail, count);
            prop_assert!(text.starts_with(head) && text.ends_with(tail));
            prop_assert!(count(head) <= limit && count(tail) <= limit);
            if count(&text) <= limit {
                prop_assert_eq!((head, tail), (text.as_str(), text.as_str()));
            }
        }

        #[test]
        fn what_is_packed_fits(sizes in prop::collection::vec(0..400_usize, 0..8), limit in 0..1_000_u64) {
            let documents = sizes.iter().map(|size| document("d", *size)).collect();
            let packed = pack(documents, limit, words);
            prop_assert!(packed.iter().map(|one| one.tokens).sum::<u64>() <= limit);
            prop_assert!(packed.iter().all(|one| one.tokens == words(&one.text)));
        }
    }
}
