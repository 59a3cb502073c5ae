//! The engine with a real database against the emulator: what a prompt does from the first call to the books.

mod ask;
mod bad_input;
mod faults;
mod keys;
mod recovery;
mod turns;
