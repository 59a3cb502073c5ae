//! What a text looks like, whatever it says.

use std::borrow::Cow;

/// Endings of file names that only programs have.
const CODE_ENDINGS: [&str; 22] = [
    ".rs", ".py", ".js", ".ts", ".tsx", ".jsx", ".java", ".cpp", ".hpp", ".cs", ".go", ".rb", ".php", ".sql",
    ".sh", ".kt", ".swift", ".vue", ".svelte", ".toml", ".yml", ".yaml",
];

/// Beginnings of lines that only programs and their complaints have.
const PROGRAM_BEGINNINGS: [&str; 10] = [
    "traceback (",
    "file \"",
    "error[",
    "at com.",
    "at org.",
    "#include",
    "#!/",
    "from __",
    "create table",
    "insert into",
];

/// Beginnings of lines that programs and people have: a sign has to be there as well.
const SHARED_BEGINNINGS: [&str; 22] = [
    "def ",
    "class ",
    "import ",
    "fn ",
    "pub ",
    "impl ",
    "struct ",
    "enum ",
    "let ",
    "const ",
    "var ",
    "function ",
    "return ",
    "public ",
    "private ",
    "using ",
    "namespace ",
    "select ",
    "update ",
    "async ",
    "await ",
    "@",
];

/// The beginning and the end of a text, cut between characters; all of it where it is short enough.
pub(super) fn sample(text: &str, head: usize, tail: usize) -> Cow<'_, str> {
    if text.len() <= head + tail {
        return Cow::Borrowed(text);
    }
    let start = text.get(..text.floor_char_boundary(head)).unwrap_or_default();
    let end = text.get(text.ceil_char_boundary(text.len() - tail)..).unwrap_or_default();
    Cow::Owned(format!("{start}\n{end}"))
}

/// What a text looks like.
#[derive(Debug, Default)]
pub(super) struct Structure {
    /// The text without what lies in code fences and without lines that are a program's and nothing else.
    pub(super) prose: String,
    /// Code fences.
    pub(super) fences: u32,
    /// Lines that look like a program, in fences or not.
    pub(super) code_lines: u32,
    /// Lines with something in them.
    pub(super) lines: u32,
    /// Names of program files and of things in programs.
    pub(super) code_names: u32,
    /// Numbered or bulleted lines.
    pub(super) list_items: u32,
    /// Question marks.
    pub(super) questions: u32,
}

impl Structure {
    pub(super) fn of(text: &str) -> Self {
        let mut structure = Self { prose: String::with_capacity(text.len()), ..Self::default() };
        let mut in_fence = false;
        for line in text.lines() {
            let line = line.trim();
            if line.starts_with("```") || line.starts_with("~~~") {
                in_fence = !in_fence;
                structure.fences += u32::from(in_fence);
                continue;
            }
            if line.is_empty() {
                continue;
            }
            structure.lines += 1;
            if in_fence || is_code(line) {
                structure.code_lines += 1;
                continue;
            }
            structure.code_lines += u32::from(begins_as_code(line));
            structure.read_prose(line);
        }
        structure
    }

    fn read_prose(&mut self, line: &str) {
        self.list_items += u32::from(is_list_item(line));
        self.questions += u32::try_from(line.matches(['?', '？', '؟']).count()).unwrap_or(u32::MAX);
        self.code_names += u32::try_from(line.split_whitespace().filter(|word| is_code_name(word)).count())
            .unwrap_or(u32::MAX);
        self.prose.push_str(line);
        self.prose.push('\n');
    }

    /// What the looks say for a program, in the points of the table of words.
    pub(super) fn code_points(&self) -> u32 {
        let lines = match self.code_lines {
            0 => 0,
            1 => 4,
            _ if self.code_lines * 3 >= self.lines => 10,
            _ => 6,
        };
        let fences = if self.fences > 0 { 4 } else { 0 };
        lines + fences + self.code_names.min(3) * 3
    }
}

/// Whether a line is of a program, and nothing that is said to the model.
fn is_code(line: &str) -> bool {
    let ending = line.ends_with([';', '{', '}'])
        || line.ends_with("):")
        || line.ends_with("->")
        || line.ends_with("=>");
    ending && (line.contains(['(', '=', '{', '}', '<']) || line.len() < 40)
}

/// Whether a line is of a program at its beginning; what follows may well be a question about it.
fn begins_as_code(line: &str) -> bool {
    let lower: String = line.chars().take(16).flat_map(char::to_lowercase).collect();
    let begins = |beginnings: &[&str]| beginnings.iter().any(|beginning| lower.starts_with(beginning));
    begins(&PROGRAM_BEGINNINGS)
        || (begins(&SHARED_BEGINNINGS) && (line.contains(['=', '{', '*', '[', '<']) || has_call(line)))
}

/// `name(`, with nothing in between.
fn has_call(line: &str) -> bool {
    line.split('(')
        .rev()
        .skip(1)
        .any(|before| before.ends_with(|letter: char| letter.is_ascii_alphanumeric() || letter == '_'))
}

/// `some_name`, `some::name`, `someName(`, `main.rs`, `--flag`.
fn is_code_name(word: &str) -> bool {
    let word = word.trim_matches(['.', ',', '?', '!', ':', ';', '"', '\'', '`', '(', '*']);
    if word.contains("://") || word.contains('@') {
        return false;
    }
    let inner = word.trim_matches('_');
    word.contains("::")
        || word.contains("()")
        || word
            .strip_prefix("--")
            .is_some_and(|flag| flag.starts_with(|letter: char| letter.is_ascii_lowercase()))
        || (inner.contains('_')
            && inner.chars().all(|letter| letter.is_ascii_alphanumeric() || "_.[]()".contains(letter)))
        || is_camel_case(inner)
        || CODE_ENDINGS.iter().any(|ending| word.strip_suffix(ending).is_some_and(|stem| !stem.is_empty()))
}

/// `camelCase` with a small first letter, as no brand but a few is written.
fn is_camel_case(word: &str) -> bool {
    word.len() > 7
        && word.starts_with(|letter: char| letter.is_ascii_lowercase())
        && word.chars().all(|letter| letter.is_ascii_alphanumeric())
        && word.chars().any(|letter| letter.is_ascii_uppercase())
}

fn is_list_item(line: &str) -> bool {
    let bullet = ["- ", "* ", "• ", "– "].iter().any(|bullet| line.starts_with(bullet));
    let after = line.trim_start_matches(|letter: char| letter.is_ascii_digit());
    bullet || (after.len() < line.len() && (after.starts_with(". ") || after.starts_with(") ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_read_at_both_ends_and_never_cut_a_character() {
        assert_eq!(sample("short", 3, 2), "short");
        assert_eq!(sample("ääääää", 3, 3), "ä\nä");
        let long = "日本".repeat(10_000);
        assert!(sample(&long, 3_000, 1_500).len() <= 4_501);
    }

    #[test]
    fn what_a_program_says_is_not_taken_for_what_the_user_says() {
        let text = "Why is this slow?\n```rust\nfn translate() {}\n```\nlet story = poem();\nThanks";
        let structure = Structure::of(text);
        assert_eq!(structure.prose, "Why is this slow?\nThanks\n");
        assert_eq!((structure.fences, structure.code_lines, structure.questions), (1, 2, 1));
    }

    #[test]
    fn names_of_programs_are_known_and_prose_is_not_code() {
        for name in ["foo_bar", "std::mem", "main.rs", "useEffect()", "--release", "getElementById"] {
            assert!(is_code_name(name), "{name}");
        }
        for word in
            ["well-known", "iPhone", "a_b@mail.example", "https://a.example/b_c", "e.g.", "and/or", "__"]
        {
            assert!(!is_code_name(word), "{word}");
        }
        let said = [
            "Let me know; I will wait.",
            "Class was fun today",
            "for example:",
            "Select a gift for my mother (she likes tea)",
            "Update my CV: I moved.",
        ];
        for line in said {
            assert!(!is_code(line) && !begins_as_code(line), "{line}");
        }
        for line in [
            "fn main() { x } is what I have",
            "SELECT COUNT(id) FROM t",
            "File \"a.py\", line 3",
            "@Override public x()",
        ] {
            assert!(begins_as_code(line), "{line}");
        }
        assert!(is_list_item("1. one") && is_list_item("- two") && !is_list_item("2026 was good"));
    }
}
