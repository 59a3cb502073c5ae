//! The emulator as a client sees it, checked against the facts of PROTOCOLS.md with a client that is not ours.

// Marked as tests for clippy, which allows `unwrap` there and does not see that all of this is one.
#[cfg(test)]
mod client;
#[cfg(test)]
mod demo;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod happy;
#[cfg(test)]
mod reactions;
#[cfg(test)]
mod refusals;
