//! Quick and plain: the short answer first.

use super::parts::{code, context, formula, paragraphs, table};
use super::topic::{Kind, Topic};
use crate::dice::Dice;

pub(super) fn answer(topic: &Topic, dice: &mut Dice) -> String {
    let (a, b) = (topic.word(0), topic.word(1));
    let honest = dice.pick(&[
        "(Simulated answer: I am a demo model and know nothing about it.)",
        "(A simulated answer, to show you how a fast model feels.)",
        "(Simulated: the shape is real, the knowledge is not.)",
    ]);
    let opening = dice.pick(&["**Short version.**", "**In a sentence.**", "**Quick take.**"]);
    let verdict = match topic.kind {
        Kind::Why => format!(
            "to answer “{}”, look for the one cause that would still be there if everything else about {a} changed.",
            topic.quote
        ),
        Kind::How => format!(
            "“{}” comes down to doing the smallest part of {a} end to end, then widening it.",
            topic.quote
        ),
        Kind::Compare => format!(
            "for “{}”, neither wins everywhere; the table shows where each of them does.",
            topic.quote
        ),
        Kind::Code => format!("for “{}”, here is something that runs; change the names and go.", topic.quote),
        Kind::Maths => format!(
            "for “{}”, write down what is known about {a}, then the one relation that links it to the unknown.",
            topic.quote
        ),
        Kind::List => format!("for “{}”, five that are worth your time, best first.", topic.quote),
        Kind::Translate => format!("for “{}”, meaning first, idiom second, word order last.", topic.quote),
        Kind::Open => {
            format!("you said “{}”, and what matters in it is {}.", topic.quote, topic.emphasised())
        }
    };
    paragraphs(&[
        format!("{opening} {}", sentence(&verdict)),
        context(topic),
        block(topic, dice),
        points(topic, dice),
        dice.pick(&[
            "If you have two minutes, do the first point and skip the rest: it settles most cases, and you will know by then whether the others are needed.",
            "Start with the first point. If it holds, stop there; a quick answer that you can check beats a long one that you cannot.",
        ])
        .to_owned(),
        format!("Next: ask me for one example with {b} in it. {honest}"),
    ])
}

fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn block(topic: &Topic, dice: &mut Dice) -> String {
    match topic.kind {
        Kind::Code => code(topic),
        Kind::Maths => formula(dice).to_owned(),
        Kind::Compare => table(topic),
        _ => String::new(),
    }
}

fn points(topic: &Topic, dice: &mut Dice) -> String {
    let (a, b) = (topic.word(0), topic.word(1));
    let first =
        dice.pick(&["Pin down what counts as", "Say in one line what you mean by", "Draw the border around"]);
    let check = dice.pick(&[
        "a number you can measure",
        "a case that would prove you wrong",
        "somebody who disagrees",
    ]);
    let mut points = vec![
        format!("{first} **{a}**; most confusion ends there."),
        format!("Find {check}, and look at **{b}** through it."),
        "Change one thing at a time and keep what helped.".to_owned(),
    ];
    if topic.kind == Kind::List {
        points.push(format!("Borrow: somebody has met {a} before you and written it down."));
        points.push("Leave one out on purpose and see whether anybody misses it.".to_owned());
        return points
            .iter()
            .enumerate()
            .map(|(i, point)| format!("{}. {point}", i + 1))
            .collect::<Vec<_>>()
            .join("\n");
    }
    points.iter().map(|point| format!("- {point}")).collect::<Vec<_>>().join("\n")
}
