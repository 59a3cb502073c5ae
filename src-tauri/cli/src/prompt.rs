//! The prompt and what goes along: text from the command line or standard input, and files.

use std::io::{IsTerminal, Read};
use std::path::Path;

use serde::de::DeserializeOwned;

use crate::failure::Failure;

/// The prompt's text. "-" stands for standard input, alone or among other words.
pub(crate) fn text(words: &[String]) -> Result<String, Failure> {
    if words.is_empty() {
        if std::io::stdin().is_terminal() {
            return Err(Failure::Usage("write a prompt, or pipe one in".to_owned()));
        }
        return standard_input();
    }
    let piped = if words.iter().any(|word| word == "-") { standard_input()? } else { String::new() };
    let (piped, mut text) = (piped.as_str(), String::new());
    for word in words {
        let (word, gap) = if word == "-" { (piped, "\n\n") } else { (word.as_str(), " ") };
        if !text.is_empty() {
            text.push_str(gap);
        }
        text.push_str(word);
    }
    Ok(text)
}

/// All of standard input, without the line end a shell puts last.
pub(crate) fn standard_input() -> Result<String, Failure> {
    let mut bytes = Vec::new();
    std::io::stdin().lock().read_to_end(&mut bytes)?;
    let mut text = String::from_utf8(bytes).map_err(|_| {
        Failure::Usage("standard input is not UTF-8 text; send it with --file or --image".to_owned())
    })?;
    if text.ends_with('\n') {
        text.pop();
        if text.ends_with('\r') {
            text.pop();
        }
    }
    Ok(text)
}

/// A file's name and bytes.
pub(crate) fn file(path: &Path) -> Result<(String, Vec<u8>), Failure> {
    let bytes =
        std::fs::read(path).map_err(|source| Failure::File { path: path.display().to_string(), source })?;
    let name = path.file_name();
    let name = name.map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned());
    Ok((name, bytes))
}

/// A file of text.
pub(crate) fn text_file(path: &Path) -> Result<String, Failure> {
    String::from_utf8(file(path)?.1)
        .map_err(|_| Failure::Usage(format!("{} is not UTF-8 text", path.display())))
}

/// A file of JSON. `what` it should hold, for people.
pub(crate) fn json_file<T: DeserializeOwned>(path: &Path, what: &str) -> Result<T, Failure> {
    serde_json::from_str(&text_file(path)?)
        .map_err(|error| Failure::Usage(format!("{} is not {what}: {error}", path.display())))
}
