//! Slow and careful: thinks first, then weighs.

use super::parts::{code, context, formula, paragraphs, table};
use super::topic::{Kind, Topic};
use crate::dice::Dice;

pub(super) fn reasoning(topic: &Topic, dice: &mut Dice) -> String {
    let (a, b) = (topic.word(0), topic.word(1));
    let doubt = dice.pick(&[
        "Is that the question, though?",
        "Let me not be hasty.",
        "But what would a sceptic say?",
    ]);
    format!(
        "The user writes “{}”. The words that carry it are {}. {doubt} I could start from {a} and see what depends on it, or \
         from {b} and ask what it presupposes. The first is easier to check. I should separate what is known from what is \
         inferred, give the structure of an answer, and say plainly that this is a simulation.",
        topic.quote,
        topic.emphasised()
    )
}

pub(super) fn answer(topic: &Topic, dice: &mut Dice) -> String {
    let (a, b) = (topic.word(0), topic.word(1));
    let honest = dice.pick(&[
        "*A note on method: this answer is simulated. It shows how a reasoning model sets out its case; it does not report findings.*",
        "*For the record: a demo model wrote this simulated answer, and it cites nothing because it has read nothing.*",
    ]);
    let opening = dice.pick(&[
        "The question deserves some care.",
        "Two matters are entangled here.",
        "Let us begin with terms.",
    ]);
    let stance = match topic.kind {
        Kind::Why => {
            "A *why* may ask for a mechanism, for a history, or for a purpose; the three are often confused."
        }
        Kind::How => {
            "A *how* is answered well when each step states what it needs and what it leaves behind."
        }
        Kind::Compare => "A comparison is only as good as the measure on which both sides are placed.",
        Kind::Code => {
            "A program is an argument as well: its premises are the types, its conclusion is the test."
        }
        Kind::Maths => {
            "In mathematics the definitions do most of the work, and the calculation confirms them."
        }
        Kind::List => {
            "A list is honest when its order means something; here it runs from the certain to the speculative."
        }
        Kind::Translate => "A translation chooses what to lose; the task is to choose it knowingly.",
        Kind::Open => "An open remark invites more than one reading, and the narrower ones can be tested.",
    };
    let block = match topic.kind {
        Kind::Code => code(topic),
        Kind::Maths => formula(dice).to_owned(),
        Kind::Compare => table(topic),
        _ => format!(
            "| Claim | Rests on | Confidence |\n|---|---|---|\n| {a} can be defined | usage | high |\n| a link from {a} to {b} | mechanism | moderate |\n| the effect generalises | few cases | low |"
        ),
    };
    paragraphs(&[
        format!("### On “{}”", topic.quote),
        format!("{opening} {stance}"),
        context(topic),
        format!(
            "**What can be said.** Take *{a}* first. Whatever else is true of it, it can be observed, and the observation can \
             be repeated. *{b}* is of another kind: it is usually inferred, and the inference has a weak step that should be \
             named rather than hidden. {}",
            dice.pick(&[
                "The burden of proof lies with that step.",
                "It is there that careful authors disagree.",
                "A single counterexample there would change the conclusion."
            ])
        ),
        block,
        format!(
            "**What follows.** (1) Fix the meaning of *{a}*. (2) State which observation would speak against the expected \
             link to *{b}*. (3) Only then weigh the alternatives. The conclusion is modest, and that is its strength."
        ),
        honest.to_owned(),
    ])
}
