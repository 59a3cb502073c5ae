//! What is written is read as the same value.

use proptest::prelude::*;

use super::*;
use crate::route::mistake::Report;
use crate::route::yaml;

fn read(text: &str) -> Option<Value> {
    let mut report = Report::new("");
    let node = yaml::read(text, &mut report);
    assert_eq!(report.into_mistakes(), [], "{text}");
    node.map(|node| node.to_value())
}

#[test]
fn words_and_numbers_that_are_meant_as_text_stay_text() {
    let texts = [
        "",
        " ",
        "no",
        "True",
        "null",
        "~",
        "1",
        "0x10",
        "1e3",
        "1_000",
        "12:30",
        "2026-11-21",
        "a: b",
        "a #b",
        "#a",
        "- a",
        "*a",
        "&a",
        "!a",
        "@a",
        "`a`",
        "%a",
        "'a'",
        "\"a\"",
        "[a",
        "{a",
        "a\nb",
        "a\tb",
        "\u{85}",
        "\u{7f}",
        "é 😀",
        "日本",
        "...",
        "---",
        ".inf",
        ".5",
        "-",
        "?",
        "=",
        "<<",
        "a ",
        " a",
        "\\",
        "\u{2028}",
        "\u{feff}x",
        "\0",
    ];
    for text in texts {
        let value = Value::Map(vec![(text.to_owned(), Value::Text(text.to_owned()))]);
        assert_eq!(read(&value.to_yaml()).as_ref(), Some(&value), "{text:?} is written {}", value.to_yaml());
    }
}

pub(crate) fn any_value() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::Whole),
        (-1.0e6..1.0e6).prop_map(Value::Float),
        "\\PC{0,8}".prop_map(Value::Text),
        "[a-z0-9 #:/'\"\\n-]{0,8}".prop_map(Value::Text),
    ];
    scalar.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::List),
            proptest::collection::btree_map("[a-z0-9_ .:/-]{0,8}", inner, 0..4)
                .prop_map(|map| Value::Map(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn any_value_is_read_as_it_was_written(value in any_value()) {
        let text = value.to_yaml();
        prop_assert_eq!(read(&text), Some(value), "{}", text);
    }
}
