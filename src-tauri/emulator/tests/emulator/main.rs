//! The emulator as a client sees it, checked against the facts of PROTOCOLS.md with a client that is not ours.

mod client;
mod happy;
