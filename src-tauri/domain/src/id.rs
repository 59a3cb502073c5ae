//! Ids of everything that is stored: UUID version 7, so that they sort by the time they were made.

/// Declares an id type: a UUID that cannot be mistaken for another kind of id.
macro_rules! declare_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize, ts_rs::TS)]
        #[serde(transparent)]
        #[ts(as = "String")]
        pub struct $name(uuid::Uuid);

        impl $name {
            /// Wraps a UUID the engine has made.
            pub const fn from_uuid(id: uuid::Uuid) -> Self {
                Self(id)
            }

            /// The UUID inside.
            pub const fn as_uuid(self) -> uuid::Uuid {
                self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                uuid::Uuid::parse_str(text).map(Self)
            }
        }
    };
}

declare_id!(
    /// A conversation: a tree of turns and a row of lanes.
    ConversationId
);
declare_id!(
    /// A turn: one message of the user, and the runs that answer it.
    TurnId
);
declare_id!(
    /// A lane: one column of a conversation.
    LaneId
);
declare_id!(
    /// A run: one lane's answer to one turn. A retry makes a new run, a new version of the answer.
    RunId
);
declare_id!(
    /// An attempt: one call to one provider with one key.
    AttemptId
);
declare_id!(
    /// One row of the append-only ledger.
    LedgerEntryId
);
declare_id!(
    /// Money set aside before a call.
    ReservationId
);
declare_id!(
    /// A key of a provider; never the key itself.
    KeyId
);
declare_id!(
    /// A batch: many questions of one file, and the file of their results.
    BatchId
);
declare_id!(
    /// A budget: how much may be spent, on what, in which time.
    BudgetId
);
declare_id!(
    /// An invoice of a provider that was imported.
    InvoiceId
);
