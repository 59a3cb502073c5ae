//! The engine with a real database against the emulator: what a prompt does from the first call to the books.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a failed step is a failed test"
)]

mod accounts;
mod advice;
mod advice_killed;
mod alerts;
mod ask;
mod bad_input;
mod batches;
mod budget_storm;
mod budgets;
mod embeddings;
mod environment_keys;
mod estimates;
mod faults;
mod files;
mod histories;
mod interrupted;
mod invoices;
mod keys;
mod killed;
mod learnt;
mod logs;
mod matrix;
mod order;
mod previews;
mod prices;
mod recovery;
mod registry;
mod responses;
mod routes;
mod settings;
mod spend;
mod spend_files;
mod statistics;
mod telemetry;
mod thinking;
mod turns;
