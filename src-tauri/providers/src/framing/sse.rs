//! Server-sent events by the WHATWG rules (PROTOCOLS, section 0).

use std::mem;

use super::{FramingError, MAX_FRAME_BYTES};

const BOM: &[u8] = b"\xef\xbb\xbf";

/// One event, borrowed from the parser or straight from the bytes that were pushed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SseEvent<'a> {
    /// The last `event:` field; empty when there was none.
    pub event: &'a str,
    /// All `data:` fields, joined with line feeds.
    pub data: &'a [u8],
}

/// Cuts bytes into events. Comments and the fields `id` and `retry` are dropped.
#[derive(Debug, Default)]
pub struct SseParser {
    /// A line whose end has not come yet.
    line: Vec<u8>,
    /// The `data:` fields of the event so far, where they could not be borrowed.
    data: Vec<u8>,
    /// Whether there was a `data:` field at all: an empty one counts.
    has_data: bool,
    event: String,
    /// The last line ended in CR at the end of a push; a LF that follows belongs to it.
    skip_line_feed: bool,
    /// The first line has been seen, so a byte order mark is no longer one.
    started: bool,
    failed: Option<FramingError>,
}

impl SseParser {
    /// Takes the next bytes and calls `on_event` for each event they complete. After an error every call repeats it.
    pub fn push(&mut self, bytes: &[u8], mut on_event: impl FnMut(SseEvent<'_>)) -> Result<(), FramingError> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        let result = self.push_lines(bytes, &mut on_event);
        self.failed = result.err();
        result
    }

    /// The bytes are over. An event without its empty line is not dispatched by the WHATWG rules; but replies cut or stored
    /// without their last line feed hold a complete last field, so that is handed over too, and it is for the caller to
    /// find out whether its data is whole.
    pub fn finish(&mut self, mut on_event: impl FnMut(SseEvent<'_>)) {
        if self.failed.is_some() {
            return;
        }
        let line = mem::take(&mut self.line);
        let mut borrowed = None;
        if !line.is_empty() && self.take_line(&line, &mut borrowed, &mut on_event).is_err() {
            return;
        }
        self.dispatch(borrowed, &mut on_event);
    }

    fn push_lines(
        &mut self,
        mut rest: &[u8],
        on_event: &mut impl FnMut(SseEvent<'_>),
    ) -> Result<(), FramingError> {
        if mem::take(&mut self.skip_line_feed) {
            if rest.is_empty() {
                self.skip_line_feed = true;
            }
            rest = rest.strip_prefix(b"\n").unwrap_or(rest);
        }
        // The first data field of an event, as long as it can stay where it is.
        let mut borrowed: Option<&[u8]> = None;
        while let Some((line, after)) = self.split_line(rest) {
            rest = after;
            if self.line.is_empty() {
                self.take_line(line, &mut borrowed, on_event)?;
            } else {
                let mut whole = mem::take(&mut self.line);
                check_length(whole.len() + line.len())?;
                whole.extend_from_slice(line);
                let mut copied = None;
                self.spill(&mut borrowed)?;
                self.take_line(&whole, &mut copied, on_event)?;
                self.spill(&mut copied)?;
                whole.clear();
                self.line = whole;
            }
        }
        self.spill(&mut borrowed)?;
        check_length(self.line.len() + rest.len())?;
        self.line.extend_from_slice(rest);
        Ok(())
    }

    /// The next complete line and what follows it; notes a CR that ends the bytes.
    fn split_line<'a>(&mut self, bytes: &'a [u8]) -> Option<(&'a [u8], &'a [u8])> {
        let end = memchr::memchr2(b'\n', b'\r', bytes)?;
        let (line, after) = bytes.split_at_checked(end)?;
        Some(match after {
            [b'\r'] => {
                self.skip_line_feed = true;
                (line, &[])
            }
            [b'\r', b'\n', after @ ..] | [_, after @ ..] => (line, after),
            [] => return None,
        })
    }

    fn take_line<'a>(
        &mut self,
        line: &'a [u8],
        borrowed: &mut Option<&'a [u8]>,
        on_event: &mut impl FnMut(SseEvent<'_>),
    ) -> Result<(), FramingError> {
        let line =
            if mem::replace(&mut self.started, true) { line } else { line.strip_prefix(BOM).unwrap_or(line) };
        if line.is_empty() {
            self.dispatch(borrowed.take(), on_event);
        } else if let Some(value) = field(line, b"data") {
            if self.has_data {
                self.spill(borrowed)?;
                check_length(self.data.len() + 1 + value.len())?;
                self.data.push(b'\n');
                self.data.extend_from_slice(value);
            } else {
                self.has_data = true;
                *borrowed = Some(value);
            }
        } else if let Some(value) = field(line, b"event") {
            self.event.clear();
            self.event.push_str(&String::from_utf8_lossy(value));
        }
        Ok(())
    }

    /// Copies a borrowed field into the parser, because its bytes are about to go or another field follows.
    fn spill(&mut self, borrowed: &mut Option<&[u8]>) -> Result<(), FramingError> {
        if let Some(value) = borrowed.take() {
            check_length(value.len())?;
            self.data.clear();
            self.data.extend_from_slice(value);
        }
        Ok(())
    }

    fn dispatch(&mut self, borrowed: Option<&[u8]>, on_event: &mut impl FnMut(SseEvent<'_>)) {
        if mem::take(&mut self.has_data) {
            on_event(SseEvent { event: &self.event, data: borrowed.unwrap_or(&self.data) });
        }
        self.data.clear();
        self.event.clear();
    }
}

/// The value of a line if it is this field; one space after the colon is not part of it.
fn field<'a>(line: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    match line.strip_prefix(name)? {
        [] => Some(&[]),
        [b':', b' ', value @ ..] | [b':', value @ ..] => Some(value),
        _ => None,
    }
}

fn check_length(length: usize) -> Result<(), FramingError> {
    if length > MAX_FRAME_BYTES { Err(FramingError::TooLong { limit: MAX_FRAME_BYTES }) } else { Ok(()) }
}

#[cfg(test)]
mod tests;
