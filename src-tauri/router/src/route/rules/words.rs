//! The words a rule may use, as they stand in its file.

use super::super::fields::Word;
use crate::choose::{AttachmentCondition, Complexity, Language, Priority, Strategy, TaskKind, Weekday};

impl Word for TaskKind {
    const ALL: &'static [(&'static str, Self)] = &[
        (Self::Code.as_str(), Self::Code),
        (Self::Creative.as_str(), Self::Creative),
        (Self::Analysis.as_str(), Self::Analysis),
        (Self::Translation.as_str(), Self::Translation),
        (Self::Conversation.as_str(), Self::Conversation),
        (Self::LongContext.as_str(), Self::LongContext),
        (Self::Multimodal.as_str(), Self::Multimodal),
    ];
}

impl Word for Complexity {
    const ALL: &'static [(&'static str, Self)] = &[
        (Self::Simple.as_str(), Self::Simple),
        (Self::Moderate.as_str(), Self::Moderate),
        (Self::Complex.as_str(), Self::Complex),
    ];
}

impl Word for Priority {
    const ALL: &'static [(&'static str, Self)] = &[
        (Self::Cost.as_str(), Self::Cost),
        (Self::Speed.as_str(), Self::Speed),
        (Self::Quality.as_str(), Self::Quality),
    ];
}

impl Word for Strategy {
    const ALL: &'static [(&'static str, Self)] = &[
        (Self::TaskBased.as_str(), Self::TaskBased),
        (Self::CostOptimised.as_str(), Self::CostOptimised),
        (Self::PerformanceOptimised.as_str(), Self::PerformanceOptimised),
        (Self::Balanced.as_str(), Self::Balanced),
    ];
}

impl Word for AttachmentCondition {
    const ALL: &'static [(&'static str, Self)] = &[
        ("image", Self::Image),
        ("pdf", Self::Pdf),
        ("audio", Self::Audio),
        ("text", Self::Text),
        ("any", Self::Any),
        ("none", Self::None),
    ];
}

impl Word for Weekday {
    const ALL: &'static [(&'static str, Self)] = &[
        ("monday", Self::Monday),
        ("tuesday", Self::Tuesday),
        ("wednesday", Self::Wednesday),
        ("thursday", Self::Thursday),
        ("friday", Self::Friday),
        ("saturday", Self::Saturday),
        ("sunday", Self::Sunday),
    ];
}

impl Word for Language {
    const ALL: &'static [(&'static str, Self)] = &[
        ("ar", Self::Ar),
        ("cs", Self::Cs),
        ("de", Self::De),
        ("el", Self::El),
        ("en", Self::En),
        ("es", Self::Es),
        ("fa", Self::Fa),
        ("fr", Self::Fr),
        ("he", Self::He),
        ("hi", Self::Hi),
        ("it", Self::It),
        ("ja", Self::Ja),
        ("ko", Self::Ko),
        ("nl", Self::Nl),
        ("pl", Self::Pl),
        ("pt", Self::Pt),
        ("ru", Self::Ru),
        ("sv", Self::Sv),
        ("th", Self::Th),
        ("tr", Self::Tr),
        ("uk", Self::Uk),
        ("zh", Self::Zh),
    ];
}
