//! The store on real files: each module is one promise of the crate.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::string_slice,
    reason = "a test that cannot go on should stop"
)]

#[path = "store/support.rs"]
mod support;

#[path = "store/advice.rs"]
mod advice;
#[path = "store/alerts.rs"]
mod alerts;
#[path = "store/attachments.rs"]
mod attachments;
#[path = "store/batches.rs"]
mod batches;
#[path = "store/books.rs"]
mod books;
#[path = "store/budget_admission.rs"]
mod budget_admission;
#[path = "store/budget_counting.rs"]
mod budget_counting;
#[path = "store/budget_storm.rs"]
mod budget_storm;
#[path = "store/budget_support.rs"]
mod budget_support;
#[path = "store/budget_walks.rs"]
mod budget_walks;
#[path = "store/calls.rs"]
mod calls;
#[path = "store/catalogue.rs"]
mod catalogue;
#[path = "store/conversations.rs"]
mod conversations;
#[path = "store/durability.rs"]
mod durability;
#[path = "store/embeddings.rs"]
mod embeddings;
#[path = "store/exactness.rs"]
mod exactness;
#[path = "store/folders.rs"]
mod folders;
#[path = "store/opening.rs"]
mod opening;
#[path = "store/recovery.rs"]
mod recovery;
#[path = "store/routes.rs"]
mod routes;
#[path = "store/runs.rs"]
mod runs;
#[path = "store/setup.rs"]
mod setup;
#[path = "store/spend.rs"]
mod spend;
