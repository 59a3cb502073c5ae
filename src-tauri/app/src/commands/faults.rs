//! What went wrong in the web view, for the log: which kind and where. What it says may hold what somebody wrote, and stays there.

use tauri::command;

/// The longest word that is logged.
const LONGEST_WORD: usize = 80;

/// Logs that something in the window was not caught.
#[command]
#[expect(clippy::needless_pass_by_value, reason = "a command's arguments are its own")]
pub(crate) fn report_fault(kind: String, name: String, source: String, line: u32, column: u32) {
    tracing::error!(
        kind = word(&kind),
        name = word(&name),
        source = word(&source),
        line,
        column,
        "something in the window was not caught"
    );
}

/// A word of a program; what may be a sentence is not repeated.
fn word(text: &str) -> &str {
    let is_word = text.chars().all(|one| one.is_ascii_alphanumeric() || "._-".contains(one));
    if is_word && text.len() <= LONGEST_WORD { text } else { "(not a word)" }
}

#[cfg(test)]
mod tests {
    use super::word;

    #[test]
    fn a_word_is_logged_and_a_sentence_is_not() {
        assert_eq!(word("index-BX7_a.js"), "index-BX7_a.js");
        assert_eq!(word("TypeError"), "TypeError");
        assert_eq!(word("what somebody wrote"), "(not a word)");
        assert_eq!(word(&"a".repeat(81)), "(not a word)");
    }
}
