//! The real binary from outside: what it prints, what it says when something fails, and its exit codes.
//!
//! Protects what other programs and people rely on (`docs/cli.md`): the shape of every object of `--json`, that standard
//! output holds nothing else, that failures are told once and plainly, and that no key appears anywhere. The models asked
//! are the emulator's, in this process; the keyring and the environment of whoever runs the tests are left alone.

#[cfg(test)]
mod advice;
#[cfg(test)]
mod alerts;
#[cfg(test)]
mod ask;
#[cfg(test)]
mod batch;
#[cfg(test)]
mod books;
#[cfg(test)]
mod budgets;
#[cfg(test)]
mod corpus;
#[cfg(test)]
mod emulator;
#[cfg(test)]
mod failures;
#[cfg(test)]
mod interrupt;
#[cfg(test)]
mod invoices;
#[cfg(test)]
mod keys;
#[cfg(test)]
mod killed;
#[cfg(test)]
mod metrics;
#[cfg(test)]
mod registry;
#[cfg(test)]
mod request;
#[cfg(test)]
mod routing;
#[cfg(test)]
mod spend;
#[cfg(test)]
mod statistics;
#[cfg(test)]
mod support;
#[cfg(test)]
#[cfg(unix)]
mod terminal;
