//! How to choose where no rule says so (`choice.yaml`).

use super::fields::Fields;
use super::mistake::{MistakeCode, Report};
use super::yaml::{Content, Node};
use crate::choose::{Preference, Weights};

/// The parts of a score that can be weighted.
const PARTS: [&str; 4] = ["performance", "cost", "load", "capability"];

/// More than this is a slip of the hand: only proportions matter.
const MOST: f64 = 1_000.0;

/// Reads the standing wish. What has a mistake is left out.
pub(crate) fn read_choice(node: &Node, report: &mut Report) -> Preference {
    if matches!(node.content, Content::Null) {
        return Preference::default(); // A file with nothing but comments.
    }
    let Some(fields) = Fields::of(node, "the choice", report) else { return Preference::default() };
    fields.allow(&["strategy", "priority", "weights"], report);
    Preference {
        strategy: fields.word("strategy", report),
        priority: fields.word("priority", report),
        weights: read_weights(&fields, report),
    }
}

/// All four, because a part that is left out would count for nothing without a word.
fn read_weights(choice: &Fields<'_>, report: &mut Report) -> Option<Weights> {
    let fields = Fields::of(choice.get("weights")?, "weights", report)?;
    fields.allow(&PARTS, report);
    let mut weight = |key: &str| {
        if fields.get(key).is_none() {
            let reason = format!("weights has no {key}; 0 says that it does not count");
            report.error(fields.place, MistakeCode::MissingKey, reason);
            return None;
        }
        fields.decimal(key, 0.0..=MOST, report)
    };
    let [performance, cost, load, capability] = PARTS.map(&mut weight);
    let weights = Weights { performance: performance?, cost: cost?, load: load?, capability: capability? };
    if weights.performance + weights.cost + weights.load + weights.capability > 0.0 {
        return Some(weights);
    }
    let reason = "one of the weights has to be above 0, or nothing would tell one model from another";
    report.error(fields.place, MistakeCode::BadNumber, reason);
    None
}

#[cfg(test)]
mod tests {
    use super::super::{SourceFile, load};
    use super::*;
    use crate::choose::{Priority, Strategy};

    fn read(text: &str) -> (Preference, Vec<String>) {
        let loaded = load(&[SourceFile { path: "choice.yaml", text }], None);
        (loaded.preference, loaded.mistakes.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn the_file_says_what_counts() {
        let text = "strategy: task_based\npriority: speed\nweights: {performance: 3, cost: 0.5, load: 0, capability: 1}\n";
        let weights = Weights { performance: 3.0, cost: 0.5, load: 0.0, capability: 1.0 };
        let all = Preference {
            strategy: Some(Strategy::TaskBased),
            priority: Some(Priority::Speed),
            weights: Some(weights),
        };
        assert_eq!(read(text), (all, vec![]));
        assert_eq!(read("# nothing yet\n"), (Preference::default(), vec![]));
        let priority = Preference { priority: Some(Priority::Cost), ..Preference::default() };
        assert_eq!(read("priority: cost\n"), (priority, vec![]));
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line_and_left_out() {
        let rows = [
            ("strategy: fastest\n", "choice.yaml:1:11: error: strategy has no \"fastest\""),
            (
                "\nweights: {performance: 1}\n",
                "choice.yaml:2:10: error: weights has no cost; 0 says that it does not count",
            ),
            (
                "weights: {performance: 0, cost: 0, load: 0, capability: 0}\n",
                "choice.yaml:1:10: error: one of the weights has to be above 0",
            ),
            (
                "weights: {performance: -1, cost: 1, load: 1, capability: 1}\n",
                "choice.yaml:1:24: error: performance has to be a number from 0 to 1000, not -1",
            ),
            (
                "wieghts: {}\n",
                "choice.yaml:1:1: error: there is no key \"wieghts\" here; did you mean \"weights\"?",
            ),
        ];
        for (text, expected) in rows {
            let (preference, said) = read(text);
            assert_eq!(preference, Preference::default(), "{text}");
            assert!(said.first().is_some_and(|said| said.starts_with(expected)), "{text}: {said:?}");
        }
    }
}
