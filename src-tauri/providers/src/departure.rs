//! How far a request came. What a provider has read whole it may charge for, also where its answer never comes.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use roundtable_domain::{ErrorCategory, ProviderError};

/// Bodies leave in pieces of this size, so that the last one is taken when the others are on their way.
const PIECE: usize = 64 * 1024;

/// How far a request came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reached {
    /// It did not leave whole.
    #[default]
    Nobody,
    /// The connection took the last of it.
    Provider,
    /// The head of a success came back.
    Answer,
}

impl Reached {
    /// Whether a provider may charge for a request that ended with this error: it had the whole of it, and what ended it was a
    /// timer of ours, somebody who stopped it, or an answer that broke off. What a provider refuses in its own words, and what was lost
    /// before a head came, is free.
    pub fn may_be_charged(self, error: &ProviderError) -> bool {
        if error.status.is_some() {
            return false;
        }
        match error.category {
            ErrorCategory::Timeout | ErrorCategory::Cancelled => self >= Self::Provider,
            ErrorCategory::Network | ErrorCategory::Truncated => self == Self::Answer,
            _ => false,
        }
    }
}

/// Follows one request. Clones follow the same one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Departure(Arc<AtomicU8>);

impl Departure {
    /// The body of the request that is followed.
    pub fn body(&self, bytes: Bytes) -> reqwest::Body {
        reqwest::Body::wrap(Leaving { rest: bytes, departure: self.clone() })
    }

    /// The head of a success has come.
    pub fn answered(&self) {
        self.note(Reached::Answer);
    }

    pub fn reached(&self) -> Reached {
        match self.0.load(Ordering::Acquire) {
            0 => Reached::Nobody,
            1 => Reached::Provider,
            _ => Reached::Answer,
        }
    }

    fn note(&self, reached: Reached) {
        let rank = match reached {
            Reached::Nobody => 0,
            Reached::Provider => 1,
            Reached::Answer => 2,
        };
        self.0.fetch_max(rank, Ordering::AcqRel);
    }
}

/// A body of known length. A connection asks for it when there is one.
struct Leaving {
    rest: Bytes,
    departure: Departure,
}

impl Body for Leaving {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if self.rest.is_empty() {
            return Poll::Ready(None);
        }
        let length = self.rest.len().min(PIECE);
        let piece = self.rest.split_to(length);
        if self.rest.is_empty() {
            self.departure.note(Reached::Provider);
        }
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(u64::try_from(self.rest.len()).unwrap_or(u64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(category: ErrorCategory) -> ProviderError {
        ProviderError::local(category, "p", "words")
    }

    #[test]
    fn what_was_read_whole_and_not_refused_may_be_charged() {
        use ErrorCategory::{Cancelled, Network, Timeout, Truncated, Unavailable};
        let charged = |category| {
            [Reached::Nobody, Reached::Provider, Reached::Answer]
                .map(|reached| reached.may_be_charged(&error(category)))
        };
        assert_eq!(charged(Timeout), [false, true, true]);
        assert_eq!(charged(Cancelled), [false, true, true]);
        assert_eq!(charged(Network), [false, false, true], "a loss before any head is free");
        assert_eq!(charged(Truncated), [false, false, true]);
        assert_eq!(charged(Unavailable), [false, false, false]);
        let stated = ProviderError { status: Some(504), ..error(Timeout) };
        assert!(!Reached::Answer.may_be_charged(&stated), "a provider that says so has not worked for it");
    }
}
