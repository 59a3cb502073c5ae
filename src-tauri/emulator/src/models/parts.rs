//! Blocks that several voices use: code, tables, formulas, and the mention of what came before.

use super::topic::Topic;
use crate::dice::Dice;

/// A small program that runs, named after the prompt.
pub(super) fn code(topic: &Topic) -> String {
    let name = topic.identifier();
    let body = match topic.language {
        "rust" => format!(
            "use std::collections::HashMap;\n\n/// Counts each {name}, ignoring case.\nfn count_{name}(items: &[&str]) -> HashMap<String, usize> {{\n    let mut counts = HashMap::new();\n    for item in items {{\n        *counts.entry(item.to_lowercase()).or_default() += 1;\n    }}\n    counts\n}}\n\nfn main() {{\n    let counts = count_{name}(&[\"a\", \"B\", \"b\"]);\n    assert_eq!(counts[\"b\"], 2);\n}}"
        ),
        "sql" => format!(
            "SELECT {name}, COUNT(*) AS total, MAX(created_at) AS latest\nFROM {name}_events\nWHERE created_at >= DATE('now', '-30 days')\nGROUP BY {name}\nHAVING COUNT(*) > 1\nORDER BY total DESC\nLIMIT 10;"
        ),
        "typescript" => format!(
            "export function group{name}<T>(items: readonly T[], key: (item: T) => string): Map<string, T[]> {{\n  const groups = new Map<string, T[]>();\n  for (const item of items) {{\n    const group = groups.get(key(item)) ?? [];\n    group.push(item);\n    groups.set(key(item), group);\n  }}\n  return groups;\n}}"
        ),
        _ => format!(
            "from collections import Counter\n\n\ndef top_{name}(items: list[str], limit: int = 3) -> list[tuple[str, int]]:\n    \"\"\"The most common {name} entries, ignoring case and blanks.\"\"\"\n    cleaned = (item.strip().lower() for item in items)\n    return Counter(item for item in cleaned if item).most_common(limit)\n\n\nassert top_{name}([\"a\", \"B\", \"b \", \"\"]) == [(\"b\", 2), (\"a\", 1)]"
        ),
    };
    format!("```{}\n{body}\n```", topic.language)
}

/// Two of the prompt's words side by side.
pub(super) fn table(topic: &Topic) -> String {
    let (left, right) =
        (topic.word(0), if topic.words.len() > 1 { topic.word(1) } else { "the alternative" });
    format!(
        "| What to weigh | {left} | {right} |\n|---|---|---|\n| First hour | easy to judge | needs a trial |\n| First year | cost of habit | cost of change |\n| When it fails | fails visibly | fails quietly |\n| Choose it if | you know the limits | the limits still move |"
    )
}

/// A formula that is true, with a sentence about it.
pub(super) fn formula(dice: &mut Dice) -> &'static str {
    const FORMULAS: &[&str] = &[
        "A small example of the notation, Gauss's integral:\n\n$$\\int_{-\\infty}^{\\infty} e^{-x^2}\\,dx = \\sqrt{\\pi}$$\n\nwhere squaring the left side and changing to polar coordinates gives the right.",
        "A small example of the notation, the roots of $ax^2 + bx + c = 0$:\n\n$$x = \\frac{-b \\pm \\sqrt{b^2 - 4ac}}{2a}$$\n\nreal whenever $b^2 \\ge 4ac$.",
        "A small example of the notation, Bayes' rule:\n\n$$P(A \\mid B) = \\frac{P(B \\mid A)\\,P(A)}{P(B)}$$\n\nwhich only makes sense where $P(B) > 0$.",
        "A small example of the notation, the sum of the first $n$ squares:\n\n$$\\sum_{k=1}^{n} k^2 = \\frac{n(n+1)(2n+1)}{6}$$\n\nwhich induction on $n$ proves in three lines.",
    ];
    dice.pick(FORMULAS)
}

/// What the answer owes to the system prompt and to the turn before; empty when there is neither.
pub(super) fn context(topic: &Topic) -> String {
    let system =
        topic.system.as_ref().map(|text| format!("I keep to the instruction I was given (“{text}”)."));
    let earlier = topic.earlier.as_ref().map(|text| format!("This follows your earlier question, “{text}”."));
    [system, earlier].into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// Paragraphs, without the empty ones.
pub(super) fn paragraphs(parts: &[String]) -> String {
    parts.iter().filter(|part| !part.is_empty()).cloned().collect::<Vec<_>>().join("\n\n")
}
