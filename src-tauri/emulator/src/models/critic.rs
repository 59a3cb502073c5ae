//! Argues the other side.

use super::parts::{code, context, formula, paragraphs, table};
use super::topic::{Kind, Topic};
use crate::dice::Dice;

pub(super) fn answer(topic: &Topic, dice: &mut Dice) -> String {
    let (a, b) = (topic.word(0), topic.word(1));
    let opening = dice.pick(&["Allow me to disagree first.", "I would push back.", "Not so fast."]);
    let hidden = match topic.kind {
        Kind::Why => format!(
            "it takes for granted that {a} has *one* cause, and that it is a cause rather than a coincidence"
        ),
        Kind::How => format!("it asks for a method before anyone has shown that {a} should be done at all"),
        Kind::Compare => "it offers two choices, and the best one is often the third".to_owned(),
        Kind::Code => "it asks for code where a changed requirement, or a library, might do".to_owned(),
        Kind::Maths => {
            "it trusts that the problem is stated completely; check the edge cases before the algebra"
                .to_owned()
        }
        Kind::List => "it wants many answers, which is a comfortable way of not choosing one".to_owned(),
        Kind::Translate => {
            "it assumes that the reader of the translation wants the same thing as the reader of the original"
                .to_owned()
        }
        Kind::Open => format!("it sounds settled about {a}, and settled things are worth a second look"),
    };
    let block = match topic.kind {
        Kind::Code => {
            format!("{}\n\nIt runs. Now ask what it does with a million rows, or with none.", code(topic))
        }
        Kind::Maths => formula(dice).to_owned(),
        Kind::Compare => table(topic),
        _ => String::new(),
    };
    paragraphs(&[
        format!("{opening} You wrote “{}”, and {hidden}.", topic.quote),
        context(topic),
        format!(
            "**The usual view** is that {a} explains {b}, or at least leads to it. It is popular because it is easy to tell.\n\n\
             **The case against it:**\n\n- *Selection.* We remember the times when {a} mattered and forget the rest.\n- \
             *Direction.* {}\n- *Cost.* Nobody has said what it would cost to be wrong about {b}.",
            dice.pick(&[
                "Perhaps it runs the other way, and the effect came first.",
                "A common cause behind both would look exactly the same.",
            ])
        ),
        block,
        format!(
            "**What would change my mind:** one prediction about {a} that could fail, made in advance, and then kept. {}",
            dice.pick(&[
                "Until then, treat the confident answers in the other columns with suspicion.",
                "If the other models agree with each other, ask whether they merely learnt the same thing.",
            ])
        ),
        dice.pick(&[
            "To be fair to you: this objection is simulated. A demo model disagrees with everybody, on principle and without evidence.",
            "One concession: I am a demo model, this is a simulated answer, and it would have argued the opposite just as readily.",
        ])
        .to_owned(),
    ])
}
