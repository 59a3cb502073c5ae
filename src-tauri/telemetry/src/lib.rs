//! What other programs may learn of ours: counts, times and money of calls. Never a prompt, an answer, a title, a file or a key.
//!
//! Two ways, both off until somebody asks for them: a page in Prometheus' text form on loopback ([`serve`]), and spans and metrics over
//! OTLP with the names of OpenTelemetry's conventions for generative models ([`Otlp`]). It knows of a call only what stands in
//! [`CallFacts`], of an answer and a turn what stands in [`RunFacts`] and [`TurnFacts`]; what is not there cannot leave. It must not know the database, the wires or the window.

mod facts;
mod otlp;
mod page;
mod prometheus;

pub use facts::{CallFacts, Charge, InTurn, Operation, RequestFacts, RunFacts, Server, TurnFacts};
pub use otlp::{Collector, ExportFailure, ExportStanding, Now, Otlp, OtlpError};
pub use page::{Page, PageError, serve};
pub use prometheus::{BudgetFacts, Metrics};
