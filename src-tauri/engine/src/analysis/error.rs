//! Why advice could not be followed or taken back.

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
    #[error("{place} was changed meanwhile; look at the advice again")]
    Changed {
        /// Where it stands.
        place: String,
    },
    /// No such change.
    #[error("there is no change “{0}” here")]
    UnknownChange(String),
    /// It is taken back already.
    #[error("this change was taken back already")]
    TakenBack,
    /// What stands there now is not what was applied; the words say what.
    #[error("{0}")]
    CannotUndo(String),
    /// What was kept of a change is not what was written.
    #[error("a change that was made on advice cannot be read back: {0}")]
    Damaged(String),
}
