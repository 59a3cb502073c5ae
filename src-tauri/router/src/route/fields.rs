//! The keys of a mapping, read with their type and range; what does not fit is reported and left out.

use std::ops::RangeInclusive;

use super::mistake::{MistakeCode, Place, Report, did_you_mean};
use super::yaml::{Content, Entry, Node};

/// A value of a fixed set of words.
pub(crate) trait Word: Copy + 'static {
    /// Every word with what it means.
    const ALL: &'static [(&'static str, Self)];
}

/// The keys of one mapping.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fields<'n> {
    /// Where the mapping begins.
    pub place: Place,
    entries: &'n [Entry],
}

impl<'n> Fields<'n> {
    /// The keys of `node`, which has to be a mapping; `what` is what it describes, for the sentence that says so.
    pub fn of(node: &'n Node, what: &str, report: &mut Report) -> Option<Self> {
        if let Content::Map(entries) = &node.content {
            return Some(Self { place: node.place, entries });
        }
        let reason = format!("{what} is written as keys and values, one a line; here is {}", node.kind());
        report.error(node.place, MistakeCode::WrongType, reason);
        None
    }

    pub fn entries(&self) -> &'n [Entry] {
        self.entries
    }

    /// Reports each key that is not among the known ones.
    pub fn allow(&self, known: &[&str], report: &mut Report) {
        for entry in self.entries.iter().filter(|entry| !known.contains(&entry.key.as_str())) {
            report_unknown(entry, known, report);
        }
    }

    /// The value of a key; none if it is not there or left empty.
    pub fn get(&self, key: &str) -> Option<&'n Node> {
        let entry = self.entries.iter().find(|entry| entry.key == key)?;
        (!matches!(entry.value.content, Content::Null)).then_some(&entry.value)
    }

    /// Where the key stands; where the mapping begins if it does not.
    pub fn place_of(&self, key: &str) -> Place {
        self.entries.iter().find(|entry| entry.key == key).map_or(self.place, |entry| entry.key_place)
    }

    pub fn text(&self, key: &str, report: &mut Report) -> Option<String> {
        let node = self.get(key)?;
        if let Content::Text(text) = &node.content {
            return Some(text.clone());
        }
        wrong_type(key, "text", node, report);
        None
    }

    /// Yes or no.
    pub fn flag(&self, key: &str, report: &mut Report) -> Option<bool> {
        let node = self.get(key)?;
        if let Content::Bool(yes) = node.content {
            return Some(yes);
        }
        wrong_type(key, "true or false", node, report);
        None
    }

    /// A whole number in a range.
    pub fn whole(&self, key: &str, range: RangeInclusive<u64>, report: &mut Report) -> Option<u64> {
        let node = self.get(key)?;
        let (low, high) = (*range.start(), *range.end());
        let expected = format!("a whole number from {low} to {high}");
        match &node.content {
            Content::Whole(number) => {
                let fits = u64::try_from(*number).ok().filter(|number| range.contains(number));
                if fits.is_none() {
                    let hint = if *number == 0 && low == 1 { "; leave the key out for no limit" } else { "" };
                    let reason = format!("{key} has to be {expected}, not {number}{hint}");
                    report.error(node.place, MistakeCode::BadNumber, reason);
                }
                fits
            }
            Content::Float(number) => {
                let reason = format!("{key} has to be {expected}, not {number}");
                report.error(node.place, MistakeCode::BadNumber, reason);
                None
            }
            _ => {
                wrong_type(key, &expected, node, report);
                None
            }
        }
    }

    /// As [`Fields::whole`], for what is counted in 32 bits.
    pub fn count(&self, key: &str, range: RangeInclusive<u32>, report: &mut Report) -> Option<u32> {
        let wide = u64::from(*range.start())..=u64::from(*range.end());
        self.whole(key, wide, report).and_then(|number| u32::try_from(number).ok())
    }

    /// A number in a range, with or without a fraction.
    pub fn decimal(&self, key: &str, range: RangeInclusive<f64>, report: &mut Report) -> Option<f64> {
        let node = self.get(key)?;
        let expected = format!("a number from {} to {}", range.start(), range.end());
        #[expect(clippy::cast_precision_loss, reason = "what is out of the range is out of it rounded too")]
        let number = match &node.content {
            Content::Whole(number) => *number as f64,
            Content::Float(number) => *number,
            _ => {
                wrong_type(key, &expected, node, report);
                return None;
            }
        };
        if range.contains(&number) {
            return Some(number);
        }
        let reason = format!("{key} has to be {expected}, not {number}");
        report.error(node.place, MistakeCode::BadNumber, reason);
        None
    }

    /// A number of seconds, as milliseconds; at least one of them unless the range begins with 0.
    pub fn seconds(&self, key: &str, range: RangeInclusive<f64>, report: &mut Report) -> Option<u64> {
        let seconds = self.decimal(key, range, report)?;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the range is small and positive"
        )]
        let ms = (seconds * 1_000.0).round() as u64;
        Some(ms)
    }

    /// One of a fixed set of words.
    pub fn word<T: Word>(&self, key: &str, report: &mut Report) -> Option<T> {
        let node = self.get(key)?;
        let Content::Text(text) = &node.content else {
            wrong_type(key, &format!("one of {}", every_word::<T>().join(", ")), node, report);
            return None;
        };
        find_word(key, text, node.place, report)
    }

    /// A list of words of a fixed set, each once; empty if the key is not there.
    pub fn words<T: Word>(&self, key: &str, report: &mut Report) -> Vec<T> {
        let texts = self.texts(key, report).unwrap_or_default();
        texts.iter().filter_map(|(text, place)| find_word(key, text, *place, report)).collect()
    }

    /// A list of texts, each once.
    pub fn texts(&self, key: &str, report: &mut Report) -> Option<Vec<(String, Place)>> {
        let node = self.get(key)?;
        let Content::List(items) = &node.content else {
            let hint = match &node.content {
                Content::Text(text) => format!("; write [{text}]"),
                _ => String::new(),
            };
            let reason = format!("{key} has to be a list, here is {}{hint}", node.kind());
            report.error(node.place, MistakeCode::WrongType, reason);
            return None;
        };
        let mut texts: Vec<(String, Place)> = Vec::with_capacity(items.len());
        for item in items {
            match &item.content {
                Content::Text(text) if text.trim().is_empty() => {
                    report.error(
                        item.place,
                        MistakeCode::WrongType,
                        format!("{key} has an empty name in it"),
                    );
                }
                Content::Text(text) => match texts.iter().find(|(known, _)| known == text) {
                    Some((_, first)) => {
                        let reason = format!("\"{text}\" is in {key} twice, first in line {}", first.line);
                        report.error(item.place, MistakeCode::Duplicate, reason);
                    }
                    None => texts.push((text.clone(), item.place)),
                },
                _ => wrong_type(&format!("each of {key}"), "a name", item, report),
            }
        }
        Some(texts)
    }
}

fn every_word<T: Word>() -> Vec<&'static str> {
    T::ALL.iter().map(|(word, _)| *word).collect()
}

/// What a word means; reported if it means nothing.
fn find_word<T: Word>(key: &str, text: &str, place: Place, report: &mut Report) -> Option<T> {
    let found = T::ALL.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
    if found.is_none() {
        let words = every_word::<T>();
        let hint = did_you_mean(text, words.iter().copied());
        let reason = format!("{key} has no \"{text}\"; it is one of {}{hint}", words.join(", "));
        report.error(place, MistakeCode::UnknownWord, reason);
    }
    found
}

/// Says that a key is not known, and which one was probably meant.
pub(crate) fn report_unknown(entry: &Entry, known: &[&str], report: &mut Report) {
    let hint = did_you_mean(&entry.key, known.iter().copied());
    let reason = if hint.is_empty() {
        format!("there is no key \"{}\" here; there are {}", entry.key, known.join(", "))
    } else {
        format!("there is no key \"{}\" here{hint}", entry.key)
    };
    report.error(entry.key_place, MistakeCode::UnknownKey, reason);
}

fn wrong_type(key: &str, expected: &str, node: &Node, report: &mut Report) {
    let hint = match &node.content {
        // Only quotes make text of a number.
        Content::Text(text) if text.parse::<f64>().is_ok() => "; remove the quotes",
        Content::Whole(_) | Content::Float(_) | Content::Bool(_) => {
            "; put it in quotes if it is meant as text"
        }
        _ => "",
    };
    let hint = if expected.contains("number") && hint.starts_with("; put") { "" } else { hint };
    let reason = format!("{key} has to be {expected}; here is {}{hint}", node.kind());
    report.error(node.place, MistakeCode::WrongType, reason);
}
