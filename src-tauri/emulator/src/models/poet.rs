//! Answers in images and verse.

use super::parts::{code, context, formula, paragraphs, table};
use super::topic::{Kind, Topic};
use crate::dice::Dice;

pub(super) fn answer(topic: &Topic, dice: &mut Dice) -> String {
    let (a, b, c) = (topic.word(0), topic.word(1), topic.word(2));
    let honest = dice.pick(&[
        "*— a simulated answer, sung by a demo model that has never seen the sea*",
        "*— simulated verse: the music is mine, the knowledge borrowed from no one*",
    ]);
    let image = dice.pick(&[
        "a lamp in a window",
        "rain on a tin roof",
        "a bridge at dusk",
        "the first snow on a field",
    ]);
    let turn = match topic.kind {
        Kind::Why => "You ask the cause; the cause is shy,  \nit leaves the room when asked for *why*.",
        Kind::How => "You ask the way; the way is slow,  \nit shows itself to those who go.",
        Kind::Compare => "Two lamps, one road: do not compare  \nthe light, but what you find out there.",
        Kind::Code => "A line of code, a line of rhyme:  \nboth must return, and both on time.",
        Kind::Maths => "The numbers stand in silent rows  \nand one of them already knows.",
        Kind::List => "I count them slowly, one by one,  \nthe way a child will count the sun.",
        Kind::Translate => "I carry words across a stream;  \nsome wake, and some go on to dream.",
        Kind::Open => "You spoke, and something in me stirred,  \na door left open by a word.",
    };
    let block = match topic.kind {
        Kind::Code => code(topic),
        Kind::Maths => formula(dice).to_owned(),
        Kind::Compare => table(topic),
        Kind::List => format!(
            "1. {a}, in the morning, before it has a name\n2. {b}, when nobody is looking\n3. {c}, remembered wrongly and loved for it\n4. the thing you left out"
        ),
        _ => String::new(),
    };
    paragraphs(&[
        format!("> {}", topic.quote),
        turn.to_owned(),
        context(topic),
        format!(
            "Think of **{a}** as {image}:  \nyou notice it because the rest is dark.  \nAnd **{b}**, then, is what the hand \
             remembers  \nlong after it has let the railing go.  \nBetween them lies the question that you brought me,  \n\
             still warm, and folded twice, and signed with care."
        ),
        block,
        format!(
            "In plainer words, for poems owe them too: look first at what {a} does, not at what it is called. {} Then say it \
             aloud to a friend; where your voice hesitates, there the real question begins, and {c} will be waiting beside it.",
            dice.pick(&[
                "Follow it for a day without correcting it.",
                "Draw it once, badly, and keep the drawing.",
                "Ask what would be missing if it were gone."
            ])
        ),
        format!("{}  \n{honest}", dice.pick(&[
            "So keep the question. Answers come and leave,  \nbut questions are the thread on which we weave.",
            "And if by night the answer slips away,  \nthe asking was the better part of day.",
        ])),
    ])
}
