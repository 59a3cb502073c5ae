//! What is left out or changed before a request is sent. [`words`] has the English sentences; the window has its own for each
//! code (`ui/src/shared/i18n/messages/noticeSayings.ts`).

mod words;

use roundtable_domain::{Notice, NoticeSaying};
use roundtable_providers::Omission;

pub(crate) use words::english;

/// Files a model is known not to take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Blind {
    Pictures,
    Documents,
    Sound,
}

/// Something of the request the provider's wire does not carry. `None` for what needs no saying: that earlier reasoning is not
/// sent again is how most wires work, and the one time it matters [`taken_over`] says it.
pub(crate) fn omitted(omission: &Omission, provider: &str) -> Option<Notice> {
    let provider = provider.to_owned();
    Some(told(match omission {
        Omission::Reasoning => return None,
        Omission::Images => NoticeSaying::PicturesOmitted { provider },
        Omission::ImageUrls => NoticeSaying::WebPicturesOmitted { provider },
        Omission::Files(media_type) => {
            NoticeSaying::FilesOmitted { provider, media_type: media_type.clone() }
        }
        Omission::Tools => NoticeSaying::ToolsOmitted { provider },
        Omission::ToolChoice => NoticeSaying::ToolChoiceOmitted { provider },
        Omission::ResponseFormat => NoticeSaying::AnswerFormOmitted { provider },
        Omission::Parameter(name) => NoticeSaying::SettingOmitted { provider, setting: name.clone() },
        Omission::SystemMessage => NoticeSaying::InstructionsMoved { provider },
        Omission::OtherItems => NoticeSaying::OtherItemsOmitted { provider },
    }))
}

/// Files of one kind that a model is known not to take.
pub(crate) fn blind(kind: Blind, count: usize, model: &str) -> Notice {
    let (model, count) = (model.to_owned(), as_number(count));
    told(match kind {
        Blind::Pictures => NoticeSaying::PicturesUnseen { model, count },
        Blind::Documents => NoticeSaying::DocumentsUnread { model, count },
        Blind::Sound => NoticeSaying::SoundUnheard { model, count },
    })
}

/// Another provider answers from now on.
pub(crate) fn taken_over(model: &str) -> Notice {
    told(NoticeSaying::TakenOver { model: model.to_owned() })
}

/// The conversation outgrew the model.
pub(crate) fn trimmed(left_out: usize, model: &str) -> Notice {
    told(NoticeSaying::OldestOmitted { model: model.to_owned(), count: as_number(left_out) })
}

/// The prompt by itself is probably too long.
pub(crate) fn tight(tokens: u64, window: u64, model: &str) -> Notice {
    told(NoticeSaying::PromptTight { model: model.to_owned(), tokens, window })
}

/// With its English words.
pub(crate) fn told(saying: NoticeSaying) -> Notice {
    Notice { text: english(&saying), saying: Some(saying) }
}

/// Takes a notice in unless it was said.
pub(crate) fn say(notices: &mut Vec<Notice>, notice: Notice) {
    if !notices.contains(&notice) {
        notices.push(notice);
    }
}

fn as_number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_said_twice_and_what_needs_no_saying_not_at_all() {
        assert_eq!(omitted(&Omission::Reasoning, "p"), None);
        let mut notices = Vec::new();
        say(&mut notices, trimmed(1, "m"));
        say(&mut notices, trimmed(1, "m"));
        assert_eq!(notices.len(), 1);
    }

    #[test]
    fn the_code_says_the_same_as_the_words() {
        let notice = blind(Blind::Pictures, 2, "Poet");
        assert_eq!(notice.text, "Poet does not see pictures: 2 pictures are left out.");
        assert_eq!(notice.saying, Some(NoticeSaying::PicturesUnseen { model: "Poet".into(), count: 2 }));
    }
}
