//! Answers with code, a test and trade-offs.

use super::parts::{code, context, formula, paragraphs, table};
use super::topic::{Kind, Topic};
use crate::dice::Dice;

pub(super) fn answer(topic: &Topic, dice: &mut Dice) -> String {
    let (a, b) = (topic.word(0), topic.word(1));
    let plan = match topic.kind {
        Kind::Code => "Here is a version you can paste and run.".to_owned(),
        Kind::Compare => {
            format!("I would settle **{a}** against **{b}** with a measurement; the code collects it.")
        }
        Kind::Maths => "Check the algebra with a few lines before trusting it.".to_owned(),
        Kind::Why => format!(
            "I would treat this as a bug report about `{}`: reproduce it, bisect it, explain it.",
            topic.identifier()
        ),
        _ => format!("I would turn **{a}** into data first; then the question becomes a query."),
    };
    let extra = match topic.kind {
        Kind::Maths => formula(dice).to_owned(),
        Kind::Compare => table(topic),
        _ => format!(
            "| Choice | Gain | Price |\n|---|---|---|\n| standard library only | nothing to install | a few more lines |\n| one pass over {a} | $O(n)$ time | keeps counts in memory |\n| stream it | constant memory | no second look at {b} |"
        ),
    };
    paragraphs(&[
        format!("**Task:** “{}”. {plan}", topic.quote),
        context(topic),
        code(topic),
        format!(
            "How it works:\n\n1. **Clean** the input, so that `{0}` and `{0} ` are the same thing.\n2. **Count** in one pass; \
             no nested loop, no surprise at a million rows.\n3. **Check** the result with the smallest case that could fail.",
            topic.identifier()
        ),
        extra,
        format!(
            "{} Handle the empty case on purpose, log what you drop, and write the test for {b} before the next feature.",
            dice.pick(&["Before you ship:", "Review notes:", "What I would look at next:"])
        ),
        dice.pick(&[
            "`// simulated answer: the code is ordinary and runs; the understanding is not real`",
            "`# simulated by a demo model: review it as you would any stranger's patch`",
        ])
        .to_owned(),
    ])
}
