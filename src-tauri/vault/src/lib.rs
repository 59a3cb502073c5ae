//! API keys: the operating system's keyring, the memory of this process when there is none, and environment variables.
//!
//! The only crate that holds keys at rest. A key goes in as a [`secrecy::SecretString`] and comes out as one, for the engine to
//! put into a request's header; nothing here writes a key to a file, a log, an error or a `Debug` text. It knows neither the
//! database nor the window: those get a [`mask`] and a [`Place`].
//!
//! Invariants:
//! - A key is bound to its origin (scheme, host, port): a slot with another origin is another slot and finds nothing.
//! - Environment variables are read from the snapshot given at the start, and never stored.
//! - The keyring never blocks the program: it is called on a thread of its own, and whoever waits for it waits at most
//!   [`PATIENCE`]. A prompt that nobody answers, or a dead daemon, costs five seconds once, not a hanging window.
//! - Reading never writes to it, and [`Vault::look`] asks it once for a key, not with every keystroke.
//!
//! Deliberately absent: files. A passphrase vault, when it comes, is a choice of the user and a further [`Place`].

mod keyring;
mod known;
mod mask;
mod rehearsal;
mod vault;

pub use keyring::{KeyringStatus, PATIENCE};
pub use known::KeyMark;
pub use mask::mask;
pub use rehearsal::SlowKeyring;
pub use vault::{KeySlot, KeyringUse, Place, Vault, VaultError, VaultOptions};
