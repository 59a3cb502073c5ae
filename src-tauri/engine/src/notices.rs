//! What is left out or changed before a request is sent, in one sentence each. All such sentences stand here.

use roundtable_providers::Omission;

/// Files a model is known not to take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Blind {
    Pictures,
    Documents,
    Sound,
}

/// Something of the request the provider's wire does not carry. `None` for what needs no saying: that earlier reasoning is not
/// sent again is how most wires work, and the one time it matters [`taken_over`] says it.
pub(crate) fn omitted(omission: &Omission, provider: &str) -> Option<String> {
    Some(match omission {
        Omission::Reasoning => return None,
        Omission::Images => format!("Pictures are left out: {provider} takes none here."),
        Omission::ImageUrls => {
            format!("Pictures on the web are left out: {provider} takes only pictures that are attached.")
        }
        Omission::Files(media_type) => {
            format!("Files of the type {media_type} are left out: {provider} takes none here.")
        }
        Omission::Tools => format!("Tools are left out: {provider} takes none here."),
        Omission::ToolChoice => format!("{provider} decides by itself whether tools are called."),
        Omission::ResponseFormat => {
            format!("{provider} cannot be held to a form of the answer here; the prompt has to say it.")
        }
        Omission::Parameter(name) => {
            format!("The setting {name} is left out: {provider} does not take it for this model.")
        }
        Omission::SystemMessage => {
            format!("{provider} has no place for instructions here: they become part of the first message.")
        }
        Omission::OtherItems => {
            format!("Items that only another provider knows are left out for {provider}.")
        }
    })
}

/// Files of one kind that a model is known not to take.
pub(crate) fn blind(kind: Blind, count: usize, model: &str) -> String {
    let (verb, one, many) = match kind {
        Blind::Pictures => ("see pictures", "picture", "pictures"),
        Blind::Documents => ("read PDF files", "file", "files"),
        Blind::Sound => ("hear sound", "recording", "recordings"),
    };
    match count {
        1 => format!("{model} does not {verb}: one {one} is left out."),
        _ => format!("{model} does not {verb}: {count} {many} are left out."),
    }
}

/// Another provider answers from now on.
pub(crate) fn taken_over(model: &str) -> String {
    format!(
        "{model} takes over from another provider: reasoning and tool calls that only that one understands are left out."
    )
}

/// The conversation outgrew the model.
pub(crate) fn trimmed(left_out: usize, model: &str) -> String {
    match left_out {
        1 => {
            format!("The oldest message is left out: the conversation no longer fits the context of {model}.")
        }
        _ => format!(
            "The oldest {left_out} messages are left out: the conversation no longer fits the context of {model}."
        ),
    }
}

/// The prompt by itself is probably too long.
pub(crate) fn tight(tokens: u64, window: u64, model: &str) -> String {
    format!(
        "The prompt is about {tokens} tokens, and {model} reads {window}, the answer included. It may be refused."
    )
}

/// Takes a sentence in unless it was said.
pub(crate) fn say(notices: &mut Vec<String>, sentence: String) {
    if !notices.contains(&sentence) {
        notices.push(sentence);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_count_and_say_nothing_twice() {
        assert_eq!(blind(Blind::Pictures, 2, "m"), "m does not see pictures: 2 pictures are left out.");
        assert_eq!(blind(Blind::Documents, 1, "m"), "m does not read PDF files: one file is left out.");
        assert_eq!(omitted(&Omission::Reasoning, "p"), None);
        let mut notices = Vec::new();
        say(&mut notices, trimmed(1, "m"));
        say(&mut notices, trimmed(1, "m"));
        assert_eq!(notices.len(), 1);
    }
}
