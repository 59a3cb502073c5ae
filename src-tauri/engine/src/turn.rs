//! Turns: from a prompt to stored answers.
//!
//! `start` and `resume` begin runs; `admit` keeps them within the budgets; `plan` works out what each will ask (`course`: one request over its candidates, `ready`: as
//! one of them is sent it), `write` writes it down, `launch` brings it to life. `run` is a run's task: it makes calls (`call`),
//! writes them down (`record`), shows them (`shown`), waits (`wait`) and ends (`finish`, `outcome`, `closing`). `segments` says who
//! wrote which part, `offers` what can be done about an answer that is not whole.

mod admit;
mod call;
mod checkpoint;
mod closing;
mod course;
mod finish;
mod fit;
mod frugal;
mod launch;
mod live;
mod offers;
mod outcome;
mod plan;
mod prompt;
mod ready;
mod record;
mod registry;
mod reported;
mod resume;
mod run;
mod segments;
mod settle;
mod shown;
mod start;
mod told;
mod wait;
mod write;

pub(crate) use call::elapsed_ms;
pub(crate) use checkpoint::keep_saving;
pub(crate) use fit::{prompt_limit, take_out_unreadable};
pub use live::TurnSink;
pub(crate) use plan::{Asked, LaneToAsk, Refused, price_of};
pub(crate) use prompt::Patient;
pub(crate) use ready::{name_of, omissions, too_long};
pub(crate) use record::{Charged, word_of};
pub(crate) use registry::LiveTurns;
pub(crate) use reported::server_of;
pub(crate) use settle::{Expected, estimate_interrupted};
pub(crate) use start::NewPrompt;
