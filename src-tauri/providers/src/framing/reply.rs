//! One reply from its first byte: a stream of frames, or one whole body, whichever it turns out to be.
//!
//! The content type does not tell (PROTOCOLS, section 0: errors come as `text/event-stream`), and servers ignore
//! `stream`; the first byte that is not white space does.

use roundtable_domain::StreamEvent;

use super::{FramingError, MAX_BODY_BYTES, NdjsonParser, SseParser};
use crate::wire::Decoder;

/// How a wire's streams are cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// Server-sent events.
    Sse,
    /// A JSON value a line.
    Ndjson,
}

/// What a wire makes of frames and bodies. [`Framed`] calls it in order.
pub trait ReplyHandler: Send {
    /// One event of a stream (`event` is empty where the wire has no names), or one line.
    fn frame(&mut self, event: &str, data: &[u8], out: &mut Vec<StreamEvent>);

    /// A whole reply that is no stream: trimmed, perhaps empty, perhaps not JSON (an HTML page).
    fn whole(&mut self, body: &[u8], out: &mut Vec<StreamEvent>);

    /// The bytes of a stream are over; not called after `whole`.
    fn end(&mut self, out: &mut Vec<StreamEvent>);

    /// The reply cannot be cut any further; nothing else will be called.
    fn broken(&mut self, error: FramingError, out: &mut Vec<StreamEvent>);
}

#[derive(Debug)]
enum Shape {
    /// Nothing but white space so far.
    Unknown(Framing),
    Events(SseParser),
    Lines(NdjsonParser),
    Whole(Vec<u8>),
    Over,
}

/// A [`Decoder`] made of a [`ReplyHandler`].
#[derive(Debug)]
pub struct Framed<H> {
    shape: Shape,
    handler: H,
}

impl<H: ReplyHandler> Framed<H> {
    /// A decoder for one reply. Not streaming forces nothing: a stream is recognised all the same, except that lines of
    /// JSON and a whole JSON body begin alike, so there `streaming` decides.
    pub fn new(framing: Framing, streaming: bool, handler: H) -> Self {
        let shape = if framing == Framing::Ndjson && !streaming {
            Shape::Whole(Vec::new())
        } else {
            Shape::Unknown(framing)
        };
        Self { shape, handler }
    }

    /// Looks at the first byte that is not white space or part of a byte order mark.
    fn recognise(&mut self, bytes: &[u8]) {
        let Shape::Unknown(framing) = self.shape else { return };
        let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace() && !b"\xef\xbb\xbf".contains(byte));
        self.shape = match (framing, first) {
            (_, None) => return,
            (Framing::Sse, Some(b'{' | b'[' | b'<' | b'"')) | (Framing::Ndjson, Some(b'<' | b'[')) => {
                Shape::Whole(Vec::new())
            }
            // A server that answers a request for lines with events.
            (Framing::Ndjson, Some(b'{')) => Shape::Lines(NdjsonParser::default()),
            (Framing::Ndjson | Framing::Sse, Some(_)) => Shape::Events(SseParser::default()),
        };
    }

    fn fail(&mut self, error: FramingError, out: &mut Vec<StreamEvent>) {
        self.shape = Shape::Over;
        self.handler.broken(error, out);
    }
}

impl<H: ReplyHandler> Decoder for Framed<H> {
    fn push(&mut self, bytes: &[u8], out: &mut Vec<StreamEvent>) {
        self.recognise(bytes);
        let handler = &mut self.handler;
        let result = match &mut self.shape {
            // White space before the first byte that counts carries no meaning.
            Shape::Unknown(_) | Shape::Over => Ok(()),
            Shape::Events(parser) => parser.push(bytes, |event| handler.frame(event.event, event.data, out)),
            Shape::Lines(parser) => parser.push(bytes, |line| handler.frame("", line, out)),
            Shape::Whole(body) if body.len() + bytes.len() > MAX_BODY_BYTES => {
                Err(FramingError::TooLong { limit: MAX_BODY_BYTES })
            }
            Shape::Whole(body) => {
                body.extend_from_slice(bytes);
                Ok(())
            }
        };
        if let Err(error) = result {
            self.fail(error, out);
        }
    }

    fn finish(&mut self, out: &mut Vec<StreamEvent>) {
        let handler = &mut self.handler;
        match std::mem::replace(&mut self.shape, Shape::Over) {
            Shape::Unknown(_) => handler.end(out),
            Shape::Over => {}
            Shape::Events(mut parser) => {
                parser.finish(|event| {
                    if is_whole(event.data) {
                        handler.frame(event.event, event.data, out);
                    }
                });
                handler.end(out);
            }
            Shape::Lines(mut parser) => {
                parser.finish(|line| {
                    if is_whole(line) {
                        handler.frame("", line, out);
                    }
                });
                handler.end(out);
            }
            Shape::Whole(body) => {
                let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&body);
                handler.whole(body.trim_ascii(), out);
            }
        }
    }
}

/// Whether the last frame came whole although its end did not: a cut frame is dropped, the stream is simply over early.
fn is_whole(data: &[u8]) -> bool {
    data.trim_ascii() == b"[DONE]" || serde_json::from_slice::<serde::de::IgnoredAny>(data).is_ok()
}
