//! The English words of every notice: for the command line, for programs, and for what is stored.

use roundtable_domain::{NoticeSaying as Say, UnixMs};

/// What a code says in English.
#[expect(clippy::too_many_lines, reason = "a table: one row for each code")]
pub(crate) fn english(saying: &Say) -> String {
    match saying {
        Say::PicturesOmitted { provider } => format!("Pictures are left out: {provider} takes none here."),
        Say::WebPicturesOmitted { provider } => {
            format!("Pictures on the web are left out: {provider} takes only pictures that are attached.")
        }
        Say::FilesOmitted { provider, media_type } => {
            format!("Files of the type {media_type} are left out: {provider} takes none here.")
        }
        Say::ToolsOmitted { provider } => format!("Tools are left out: {provider} takes none here."),
        Say::ToolChoiceOmitted { provider } => {
            format!("{provider} decides by itself whether tools are called.")
        }
        Say::AnswerFormOmitted { provider } => {
            format!("{provider} cannot be held to a form of the answer here; the prompt has to say it.")
        }
        Say::SettingOmitted { provider, setting } => {
            format!("The setting {setting} is left out: {provider} does not take it for this model.")
        }
        Say::InstructionsMoved { provider } => {
            format!("{provider} has no place for instructions here: they become part of the first message.")
        }
        Say::OtherItemsOmitted { provider } => {
            format!("Items that only another provider knows are left out for {provider}.")
        }
        Say::PicturesUnseen { model, count } => blind(model, "see pictures", *count, ["picture", "pictures"]),
        Say::DocumentsUnread { model, count } => blind(model, "read PDF files", *count, ["file", "files"]),
        Say::SoundUnheard { model, count } => blind(model, "hear sound", *count, ["recording", "recordings"]),
        Say::TakenOver { model } => format!(
            "{model} takes over from another provider: reasoning and tool calls that only that one understands are left out."
        ),
        Say::OldestOmitted { model, count: 1 } => {
            format!("The oldest message is left out: the conversation no longer fits the context of {model}.")
        }
        Say::OldestOmitted { model, count } => format!(
            "The oldest {count} messages are left out: the conversation no longer fits the context of {model}."
        ),
        Say::PromptTight { model, tokens, window } => format!(
            "The prompt is about {tokens} tokens, and {model} reads {window}, the answer included. It may be refused."
        ),
        Say::PromptTooLong { model, tokens, window } => format!(
            "The prompt is at least {tokens} tokens long, and {model} reads {window}. Nothing was sent. Shorten it, or choose a \
             model with a larger context."
        ),
        Say::KeyMissing { provider, variable } => no_key(provider, variable.as_deref()),
        Say::KeyMissingElsewhere { provider, variable, moved_by, address } => format!(
            "{} {moved_by} moves it to {address}, and keys of another address are not sent there.",
            no_key(provider, variable.as_deref())
        ),
        Say::WishAdjusted { origin, used, reason, .. } => {
            format!("{origin} says otherwise than this model takes: {reason}; {used} is used.")
        }
        Say::WishOmitted { origin, reason, .. } => {
            format!("{origin} says otherwise than this model takes: {reason}; it is left out.")
        }
        Say::EarlierFileInForce { file, line, as_of } => {
            let which = as_of.map_or_else(
                || "what it said before".to_owned(),
                |at| format!("the version of {}", day_and_time(at)),
            );
            format!("{file} {}; {which} is in force.", where_wrong(*line))
        }
        Say::FileNotInForce { file, line } => {
            format!("{file} {}, and is not in force.", where_wrong(*line))
        }
    }
}

/// What a model does not take, and how many of it there were.
fn blind(model: &str, verb: &str, count: u32, [one, many]: [&str; 2]) -> String {
    match count {
        1 => format!("{model} does not {verb}: one {one} is left out."),
        _ => format!("{model} does not {verb}: {count} {many} are left out."),
    }
}

fn no_key(provider: &str, variable: Option<&str>) -> String {
    let variable = variable.map(|name| format!(", or set {name}")).unwrap_or_default();
    format!("There is no key for {provider} here. Add one in the settings{variable}.")
}

fn where_wrong(line: Option<u32>) -> String {
    line.map_or_else(|| "cannot be used".to_owned(), |line| format!("is wrong at line {line}"))
}

/// A moment where the user is, as `2026-11-21 19:47`.
fn day_and_time(at: UnixMs) -> String {
    let at = jiff::Timestamp::from_millisecond(at.0).unwrap_or_default();
    at.to_zoned(jiff::tz::TimeZone::system()).strftime("%Y-%m-%d %H:%M").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_count() {
        let one = |count| english(&Say::DocumentsUnread { model: "m".into(), count });
        assert_eq!(one(1), "m does not read PDF files: one file is left out.");
        assert_eq!(one(3), "m does not read PDF files: 3 files are left out.");
    }

    #[test]
    fn a_key_that_is_missing_says_where_it_may_stand() {
        let provider = "Acme".to_owned();
        assert_eq!(
            english(&Say::KeyMissing { provider: provider.clone(), variable: Some("ACME_API_KEY".into()) }),
            "There is no key for Acme here. Add one in the settings, or set ACME_API_KEY."
        );
        let moved_by = "ACME_BASE_URL".to_owned();
        let moved =
            Say::KeyMissingElsewhere { provider, variable: None, moved_by, address: "https://a.b".into() };
        assert_eq!(
            english(&moved),
            "There is no key for Acme here. Add one in the settings. ACME_BASE_URL moves it to https://a.b, and keys of another \
             address are not sent there."
        );
    }

    #[test]
    fn a_wrong_file_says_where_and_what_is_in_force_instead() {
        let file = "rules.yaml".to_owned();
        let lost = Say::FileNotInForce { file: file.clone(), line: Some(2) };
        assert_eq!(english(&lost), "rules.yaml is wrong at line 2, and is not in force.");
        let kept = Say::EarlierFileInForce { file, line: None, as_of: None };
        assert_eq!(english(&kept), "rules.yaml cannot be used; what it said before is in force.");
    }
}
