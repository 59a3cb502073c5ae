//! Why advice could not be followed or taken back.

use crate::view::{AdviceRefusal, CannotUndo, Said, Saying};

/// What is in the way. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum AdviceError {
    /// No such advice, for these days.
    #[error("there is no advice “{0}” at present; what was seen since may speak against it")]
    Unknown(String),
    /// It has no change of its own.
    #[error("this advice changes nothing by itself; do as it says, where it says")]
    ByHand,
    /// The value is not what the advice was given about.
    #[error("{} was changed meanwhile; look at the advice again", place.text)]
    Overtaken {
        /// Where it stands.
        place: Box<Said>,
    },
    /// No such change.
    #[error("there is no change “{0}” here")]
    UnknownChange(String),
    /// It is taken back already.
    #[error("this change was taken back already")]
    TakenBack,
    /// What stands there now is not what was applied.
    #[error("{}", _0.text)]
    CannotUndo(Box<CannotUndo>),
    /// What was kept of a change is not what was written.
    #[error("a change that was made on advice cannot be read back: {0}")]
    Damaged(String),
}

impl AdviceError {
    /// The same for windows that speak another language.
    pub(crate) fn saying(&self) -> Saying {
        let says = |refusal: AdviceRefusal| Saying::new(refusal.as_str());
        match self {
            Self::Unknown(_) => says(AdviceRefusal::AdviceUnknown),
            Self::ByHand => says(AdviceRefusal::AdviceByHand),
            Self::Overtaken { place } => says(AdviceRefusal::AdviceOvertaken).with_part("place", place),
            Self::UnknownChange(change) => says(AdviceRefusal::ChangeUnknown).with("change", change),
            Self::TakenBack => says(AdviceRefusal::ChangeTakenBack),
            Self::CannotUndo(why) => match &why.found {
                None => says(AdviceRefusal::ChangePlaceGone).with_part("place", &why.place),
                Some(found) => says(AdviceRefusal::ChangeOvertaken)
                    .with_part("place", &why.place)
                    .with_part("found", found),
            },
            Self::Damaged(reason) => says(AdviceRefusal::ChangeDamaged).with("reason", reason),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::sayings::said;
    use super::*;
    use crate::error::EngineError;
    use crate::view::AppError;

    #[test]
    fn a_refusal_carries_what_it_is_about_for_windows_of_any_language() {
        let place = said("place_first_word", &[("provider", "Acme")], "Time for the first word of Acme");
        let found = said("value_time", &[("limit_ms", "90000")], "1 min 30 s");
        let text = "“Time for the first word of Acme” was changed since: it is “1 min 30 s” now".to_owned();
        let why = CannotUndo { text, place, found: Some(found) };
        let error: AppError = EngineError::from(AdviceError::CannotUndo(Box::new(why))).into();
        assert!(error.message.ends_with("it is “1 min 30 s” now."), "{}", error.message);
        let saying = error.saying.unwrap();
        assert_eq!(saying.code, "change_overtaken");
        let values: Vec<(&str, &str)> =
            saying.values.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let expected = [
            ("found", "1 min 30 s"),
            ("found_code", "value_time"),
            ("found_limit_ms", "90000"),
            ("place", "Time for the first word of Acme"),
            ("place_code", "place_first_word"),
            ("place_provider", "Acme"),
        ];
        assert_eq!(values, expected);
    }
}
