//! What a prompt is about, as far as a demo model has to know.

use crate::ask::Ask;
use crate::tokens::is_cjk;

/// The kind of question, which decides the shape of the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Code,
    Maths,
    Compare,
    Translate,
    List,
    Why,
    How,
    Open,
}

/// A prompt, taken apart.
#[derive(Clone, Debug)]
pub(super) struct Topic {
    pub(super) kind: Kind,
    /// The prompt on one line, shortened.
    pub(super) quote: String,
    /// The words that carry it, in their order; at least one.
    pub(super) words: Vec<String>,
    /// The question before this one, shortened.
    pub(super) earlier: Option<String>,
    pub(super) system: Option<String>,
    pub(super) chinese: bool,
    pub(super) language: &'static str,
}

#[rustfmt::skip]
const KINDS: &[(Kind, &[&str])] = &[
    (Kind::Translate, &["translate", "translation", "翻译"]),
    (Kind::Compare, &["compare", "versus", "vs", "difference", "differences", "better", "比较", "区别"]),
    (Kind::Code, &["code", "function", "script", "program", "implement", "regex", "sql", "debug", "python", "rust", "javascript", "typescript", "代码", "函数", "程序"]),
    (Kind::Maths, &["solve", "integral", "integrate", "derivative", "equation", "prove", "proof", "probability", "matrix", "formula", "sum", "calculate", "maths", "math", "theorem", "积分", "方程", "证明", "概率", "计算"]),
    (Kind::List, &["list", "ideas", "ways", "examples", "tips", "steps", "suggest", "name", "列出", "建议", "几个"]),
    (Kind::Why, &["why", "reason", "cause", "为什么", "为何"]),
    (Kind::How, &["how", "explain", "怎么", "如何", "解释"]),
];

#[rustfmt::skip]
const SMALL: &[&str] = &[
    "about", "all", "also", "and", "any", "are", "because", "been", "better", "between", "but", "can", "compare", "could", "describe",
    "did", "difference", "does", "explain", "for", "from", "get", "give", "had", "has", "have", "hello", "her", "his", "how", "into",
    "its", "just", "like", "list", "make", "may", "mine", "more", "most", "much", "name", "need", "not", "one", "our", "out", "please",
    "say", "she", "should", "show", "some", "tell", "than", "that", "the", "their", "them", "then", "there", "these", "they", "this",
    "those", "translate", "use", "versus", "very", "want", "was", "were", "what", "when", "where", "which", "who", "why", "will", "with",
    "work", "works", "would", "write", "you", "your",
];

impl Topic {
    pub(super) fn of(ask: &Ask) -> Self {
        let prompt = ask.prompt();
        let lower = prompt.to_lowercase();
        Self {
            kind: kind(&lower),
            quote: shorten(prompt, 90),
            words: words(prompt, kind(&lower) == Kind::Code),
            earlier: ask.earlier().last().map(|text| shorten(text, 60)).filter(|text| !text.is_empty()),
            system: ask.system.as_deref().map(|text| shorten(text, 60)).filter(|text| !text.is_empty()),
            chinese: is_chinese(prompt),
            language: language(&lower),
        }
    }

    /// Word number `index`, turning around at the end, so that a template never runs out. A lone word gets a companion.
    pub(super) fn word(&self, index: usize) -> &str {
        if self.words.len() == 1 && index == 1 {
            return if self.chinese { "其余" } else { "the rest" };
        }
        self.words.get(index % self.words.len().max(1)).map_or("this", String::as_str)
    }

    /// `*sky* and *blue*`.
    pub(super) fn emphasised(&self) -> String {
        let words: Vec<String> = self.words.iter().take(3).map(|word| format!("*{word}*")).collect();
        match words.as_slice() {
            [rest @ .., last] if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
            _ => words.concat(),
        }
    }

    /// An identifier for code, after the first word that can be one.
    pub(super) fn identifier(&self) -> String {
        let name = self.words.iter().find(|word| word.chars().all(|letter| letter.is_ascii_alphabetic()));
        name.map_or_else(|| "item".to_owned(), |word| word.to_lowercase())
    }
}

fn kind(lower: &str) -> Kind {
    let words: Vec<&str> = lower.split(|letter: char| !letter.is_alphanumeric()).collect();
    let found = |key: &&str| {
        if key.is_ascii() { words.contains(key) } else { lower.contains(key) }
    };
    KINDS.iter().find(|(_, keys)| keys.iter().any(found)).map_or(Kind::Open, |(kind, _)| *kind)
}

fn language(lower: &str) -> &'static str {
    const LANGUAGES: &[(&str, &str)] =
        &[("rust", "rust"), ("sql", "sql"), ("typescript", "typescript"), ("javascript", "typescript")];
    LANGUAGES.iter().find(|(key, _)| lower.contains(key)).map_or("python", |(_, language)| language)
}

/// The first words that are not small talk. In Chinese, runs of characters between the grammar.
fn words(prompt: &str, craft: bool) -> Vec<String> {
    const GRAMMAR: &str = "的了是在有和与吗呢吧请我你他她它这那么什为何怎样如一个给用把被都也很就";
    // What a program is made of says less than what it is for.
    const CRAFT: &[&str] =
        &["code", "function", "script", "program", "python", "rust", "javascript", "typescript", "sql"];
    let mut words: Vec<String> = Vec::new();
    let boundary = |letter: char| {
        !(letter.is_alphanumeric() || letter == '-' || letter == '\'') || GRAMMAR.contains(letter)
    };
    for word in prompt.split(boundary) {
        let word = word.trim_matches(['-', '\'']);
        let lower = word.to_lowercase();
        let carries = word.chars().any(is_cjk) || word.chars().count() > 2 || word.parse::<u64>().is_ok();
        let small = SMALL.contains(&lower.as_str()) || (craft && CRAFT.contains(&lower.as_str()));
        if carries && !small && !words.iter().any(|known| known.to_lowercase() == lower) {
            words.push(shorten(word, 24));
        }
        if words.len() == 5 {
            break;
        }
    }
    if words.is_empty() {
        words.push(if is_chinese(prompt) { "问题".to_owned() } else { "question".to_owned() });
    }
    words
}

fn is_chinese(prompt: &str) -> bool {
    let letters = prompt.chars().filter(|letter| letter.is_alphanumeric()).count();
    let han = prompt.chars().filter(|letter| is_cjk(*letter) && letter.is_alphanumeric()).count();
    let kana =
        prompt.chars().any(|letter| matches!(letter, '\u{3040}'..='\u{30ff}' | '\u{ac00}'..='\u{d7af}'));
    !kana && han > 0 && han * 2 >= letters
}

/// On one line, without the marks that would break a quote or a table out of its place.
fn shorten(text: &str, limit: usize) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ").replace(['`', '|', '$', '“', '”'], "");
    let mut short: String = line.chars().take(limit).collect();
    if short.len() < line.len() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ask::{Role, Turn};

    fn topic(prompt: &str) -> Topic {
        let turns = vec![Turn { role: Role::User, text: prompt.to_owned() }];
        Topic::of(&Ask { turns, ..Ask::default() })
    }

    #[test]
    fn kinds_of_questions() {
        for (prompt, kind) in [
            ("Why is the sky blue?", Kind::Why),
            ("How do tides work?", Kind::How),
            ("Compare tea and coffee", Kind::Compare),
            ("Write a Python function that sorts names", Kind::Code),
            ("Solve the equation x^2 = 2", Kind::Maths),
            ("Translate this into French", Kind::Translate),
            ("List five ideas for a garden", Kind::List),
            ("天空为什么是蓝色的?", Kind::Why),
            ("Good morning", Kind::Open),
        ] {
            assert_eq!(topic(prompt).kind, kind, "{prompt}");
        }
    }

    #[test]
    fn words_carry_the_prompt() {
        assert_eq!(topic("Why is the sky blue?").words, ["sky", "blue"]);
        assert_eq!(
            topic("Write a Python function that sorts names").words,
            ["sorts", "names"],
            "not the craft's own words"
        );
        assert_eq!(topic("Compare Rust and Python").words, ["Rust", "Python"], "unless it is about them");
        assert_eq!(topic("").words, ["question"], "an empty prompt still has something to talk about");
        assert!(topic("天空为什么是蓝色的?").words.iter().any(|word| word.contains("天空")));
    }
}
