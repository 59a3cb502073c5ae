//! Cutting a reply's bytes into frames, before anybody knows what they mean.
//!
//! Every parser here is incremental and works on bytes: any split of the same bytes gives the same frames, also inside a
//! UTF-8 character or between CR and LF. [`ndjson`] and [`sse`] cut; [`reply`] finds out from the first bytes whether a
//! reply is a stream or one whole body, and hands either to a wire.

pub mod ndjson;
pub mod reply;
pub mod sse;

pub use ndjson::NdjsonParser;
pub use reply::{Framed, Framing, ReplyHandler};
pub use sse::{SseEvent, SseParser};

/// The longest line, and the longest event, that is taken: 16 MiB. Real final objects exceed 1 MiB (PROTOCOLS, section 0).
pub const MAX_FRAME_BYTES: usize = 16 * 1024 * 1024;

/// The longest whole reply that is taken: 64 MiB.
pub const MAX_BODY_BYTES: usize = 64 * 1024 * 1024;

/// A reply that cannot be cut into frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FramingError {
    /// A line, an event or a body is longer than we hold.
    #[error("the reply holds a piece of more than {} MiB; the rest was not read", limit / (1024 * 1024))]
    TooLong {
        /// The limit, in bytes.
        limit: usize,
    },
}
