//! What clients asked, for assertions.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;

use serde_json::Value;

/// Requests kept.
const KEPT: usize = 1000;
/// Bytes of bodies kept: images are large, and demo mode runs for days.
const KEPT_BYTES: usize = 64 * 1024 * 1024;

/// A request as it arrived.
#[derive(Clone, PartialEq)]
pub struct CapturedRequest {
    /// Counts from 1 in order of arrival over the emulator's life.
    pub order: u64,
    /// `POST`, `GET`.
    pub method: String,
    /// Without the query.
    pub path: String,
    /// Without the question mark; empty when there is none.
    pub query: String,
    /// Names in lower case; of a repeated header, the last. Includes keys: for tests only.
    pub headers: BTreeMap<String, String>,
    /// The body; null when it was empty or not JSON.
    pub body: Value,
    /// The body's size as received.
    pub body_bytes: usize,
}

impl fmt::Debug for CapturedRequest {
    /// Without the header values, which hold keys: a failed assertion may be printed into a log.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("CapturedRequest")
            .field("order", &self.order)
            .field("method", &self.method)
            .field("path", &self.path)
            .field("headers", &self.headers.keys().collect::<Vec<_>>())
            .field("body", &self.body)
            .finish_non_exhaustive()
    }
}

/// The last requests, bounded by number and by bytes.
#[derive(Debug, Default)]
pub(crate) struct Captures {
    kept: VecDeque<CapturedRequest>,
    bytes: usize,
    seen: u64,
}

impl Captures {
    /// Keeps the request and returns its number.
    pub(crate) fn push(&mut self, mut request: CapturedRequest) -> u64 {
        self.seen += 1;
        request.order = self.seen;
        self.bytes += request.body_bytes;
        self.kept.push_back(request);
        while self.kept.len() > KEPT || (self.bytes > KEPT_BYTES && self.kept.len() > 1) {
            if let Some(old) = self.kept.pop_front() {
                self.bytes -= old.body_bytes;
            }
        }
        self.seen
    }

    pub(crate) fn all(&self) -> Vec<CapturedRequest> {
        self.kept.iter().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(body_bytes: usize) -> CapturedRequest {
        CapturedRequest {
            order: 0,
            method: "POST".into(),
            path: "/".into(),
            query: String::new(),
            headers: BTreeMap::from([("authorization".to_owned(), "Bearer s3cret".to_owned())]),
            body: Value::Null,
            body_bytes,
        }
    }

    #[test]
    fn stays_bounded() {
        let mut captures = Captures::default();
        for _ in 0..KEPT + 5 {
            captures.push(request(1));
        }
        assert_eq!(captures.all().len(), KEPT);
        assert_eq!(captures.all().first().map(|request| request.order), Some(6), "the oldest go first");
        captures.push(request(KEPT_BYTES));
        assert_eq!(captures.all().len(), 1, "one large body pushes the rest out, and is itself kept");
    }

    #[test]
    fn debug_output_hides_the_key() {
        assert!(!format!("{:?}", request(1)).contains("s3cret"));
    }
}
