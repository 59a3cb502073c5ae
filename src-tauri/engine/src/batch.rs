//! Batches: many questions of one file, each asked on its own, and a file of their results.
//!
//! `Engine::plan_batch` reads the questions (`input.rs`, `item.rs`), what the file of results holds already (`results.rs`) and
//! what an earlier process began (`standing.rs`), and says what asking the rest would cost (`estimate.rs`). It changes nothing.
//! `Engine::run_batch` (`run.rs`) then asks, a few at a time and within the cap (`purse.rs`), each question in a conversation of
//! its own as the command line's `ask` does.
//!
//! Two records keep a question from being paid twice. The file of results says what is done: one line for each question, by the
//! question's key. The database says what was begun: the conversation is written together with its key before anything is sent, and
//! stays until every line is in the file. So after a kill, what was answered is only written down; what was in flight is booked at
//! an estimate by the recovery at start and written as `interrupted`; and only what was never sent is asked.

mod error;
mod estimate;
mod input;
mod item;
mod plan;
mod pricing;
mod purse;
mod results;
mod run;
mod standing;

pub use error::{BatchError, Mistake};
pub use estimate::{BatchEstimate, CannotAsk};
pub(crate) use item::hexadecimal;
pub use plan::{Again, BatchPlan, BatchSettings};
pub use run::{BatchEnd, BatchOutcome, BatchProgress, BatchStop, RenderResult};
