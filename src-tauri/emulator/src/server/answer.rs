//! From a plan to bytes on the socket, on time.

use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use bytes::Bytes;
use futures_util::stream;
use jiff::Timestamp;
use serde_json::Value;

use super::Shared;
use super::connection::Connection;
use crate::ask::Ask;
use crate::failure::Failure;
use crate::pace::Clock;
use crate::plan::{Beat, Performance, Pieces, Plan, Step, Usage};
use crate::wire::{Api, Head, StreamWriter, Whole, gemini};

/// Everything about the request that the reply needs.
pub(super) struct Reply {
    pub(super) shared: Arc<Shared>,
    pub(super) api: Api,
    pub(super) ask: Ask,
    pub(super) by: Connection,
}

pub(super) fn refuse(shared: &Shared, api: Api, failure: &Failure) -> Response {
    let id = shared.next_id();
    let error = api.error(failure, &id, Timestamp::now().into());
    with_headers(respond(error.status, api.json_type(), Body::from(error.body.to_string())), {
        let mut headers = api.headers(&id, Usage::default(), Timestamp::now());
        headers.extend(error.headers);
        headers
    })
}

pub(super) fn json(
    shared: &Shared,
    api: Api,
    status: u16,
    mut headers: Vec<(&'static str, String)>,
    body: &Value,
) -> Response {
    headers.extend(api.headers(&shared.next_id(), Usage::default(), Timestamp::now()));
    with_headers(respond(status, api.json_type(), Body::from(body.to_string())), headers)
}

fn respond(status: u16, content_type: &'static str, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

fn with_headers(mut response: Response, headers: Vec<(&'static str, String)>) -> Response {
    for (name, value) in headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().insert(HeaderName::from_static(name), value);
        }
    }
    response
}

pub(super) async fn perform(reply: Reply, plan: Plan) -> Response {
    let Reply { shared, api, ask, by } = &reply;
    match plan {
        Plan::Refuse(Failure::PromptBlocked) if matches!(api, Api::Gemini { .. }) => blocked(&reply),
        Plan::Refuse(failure) => refuse(shared, *api, &failure),
        Plan::OkError(failure) => {
            let error = api.error(&failure, &shared.next_id(), Timestamp::now().into());
            json(shared, *api, 200, Vec::new(), &error.body)
        }
        Plan::Empty => {
            let content_type = if ask.stream { api.stream_type() } else { api.json_type() };
            respond(200, content_type, Body::empty())
        }
        Plan::Page { status, location, html } => {
            let response = respond(status, "text/html; charset=utf-8", Body::from(html));
            with_headers(response, location.map(|to| ("location", to)).into_iter().collect())
        }
        Plan::Close => {
            by.close_silently();
            respond(200, api.json_type(), Body::empty())
        }
        Plan::Wait => {
            shared.stop.cancelled().await;
            refuse(shared, *api, &Failure::Unavailable)
        }
        Plan::Perform(performance) if ask.stream => streamed(reply, performance),
        Plan::Perform(performance) => whole(reply, performance).await,
    }
}

fn head(reply: &Reply, served: String, usage: Usage, report_usage: bool) -> Head {
    let include_usage = reply.ask.include_usage;
    Head { id: reply.shared.next_id(), now: Timestamp::now(), served, usage, report_usage, include_usage }
}

/// Gemini answers a refused prompt with 200, as a stream of one chunk if a stream was asked for.
fn blocked(reply: &Reply) -> Response {
    let usage = Usage { input: reply.ask.input_tokens(), ..Usage::default() };
    let body = gemini::blocked(&head(reply, reply.ask.model_id().to_owned(), usage, true));
    let body = match (reply.ask.stream, reply.api) {
        (true, Api::Gemini { sse: true }) => format!("data: {body}\r\n\r\n"),
        (true, _) => format!("[{body}]"),
        (false, _) => body.to_string(),
    };
    let content_type = if reply.ask.stream { reply.api.stream_type() } else { reply.api.json_type() };
    respond(200, content_type, Body::from(body))
}

/// A reply in one piece. What cannot be said in one piece is done to its bytes.
async fn whole(reply: Reply, performance: Performance) -> Response {
    let mut clock = Clock::start();
    let mut whole = Whole::default();
    let mut last = None;
    for Step { after, beat } in performance.steps {
        if beat == Beat::KeepAlive {
            return empty_lines(&reply, after);
        }
        tokio::select! {
            () = clock.wait(after) => {}
            () = reply.shared.stop.cancelled() => return refuse(&reply.shared, reply.api, &Failure::Unavailable),
        }
        match beat {
            Beat::Reasoning(text) => whole.reasoning.push_str(&text),
            Beat::Text(text) => whole.text.push_str(&text),
            Beat::Refusal(text) => whole.refusal.push_str(&text),
            Beat::Tool { name, arguments } => whole.tool = Some((name, arguments)),
            Beat::Finish(finish) => whole.finish = Some(finish),
            Beat::Fail(failure) => return failed(&reply, &whole, &failure),
            other @ (Beat::Cut | Beat::Hang) => last = Some(other),
            Beat::Open | Beat::Nothing | Beat::KeepAlive => {}
        }
    }
    let head = head(&reply, performance.served, performance.usage, performance.report_usage);
    let mut body = reply.api.whole(&head, &whole).to_string().into_bytes();
    let headers = reply.api.headers(&head.id, head.usage, head.now);
    if whole.finish.is_none() {
        body.truncate(body.len() / 2);
    }
    let content_type = reply.api.json_type();
    let steps = last.map(|beat| Step { after: std::time::Duration::ZERO, beat });
    let bytes =
        Raw { reply, clock, steps: steps.into_iter(), queue: pieces(body, performance.pieces), writer: None };
    with_headers(respond(200, content_type, bytes.into_body(false)), headers)
}

/// An error before any text keeps its 200 (that is the fault); after some text it is the server's.
fn failed(reply: &Reply, whole: &Whole, failure: &Failure) -> Response {
    if whole.text.is_empty() && whole.reasoning.is_empty() {
        let error = reply.api.error(failure, &reply.shared.next_id(), Timestamp::now().into());
        return json(&reply.shared, reply.api, 200, Vec::new(), &error.body);
    }
    refuse(&reply.shared, reply.api, &Failure::Internal)
}

/// The empty lines that `DeepSeek` sends before the body of a reply that takes long (PROTOCOLS section 0).
fn empty_lines(reply: &Reply, every: std::time::Duration) -> Response {
    let stop = reply.shared.stop.clone();
    let lines = stream::unfold((Clock::start(), stop), move |(mut clock, stop)| async move {
        tokio::select! {
            () = clock.wait(every) => Some((Ok::<_, io::Error>(Bytes::from_static(b"\n")), (clock, stop))),
            () = stop.cancelled() => None,
        }
    });
    respond(200, reply.api.json_type(), Body::from_stream(lines))
}

fn streamed(reply: Reply, performance: Performance) -> Response {
    let head = head(&reply, performance.served, performance.usage, performance.report_usage);
    let mut headers = reply.api.headers(&head.id, head.usage, head.now);
    if reply.api != Api::Ollama {
        headers.push(("cache-control", "no-cache".to_owned()));
    }
    let content_type = reply.api.stream_type();
    let framing =
        Framing { writer: reply.api.writer(head), crlf: performance.crlf, pieces: performance.pieces };
    let bytes = Raw {
        reply,
        clock: Clock::start(),
        steps: performance.steps,
        queue: Vec::new(),
        writer: Some(framing),
    };
    with_headers(respond(200, content_type, bytes.into_body(true)), headers)
}

struct Framing {
    writer: Box<dyn StreamWriter>,
    crlf: bool,
    pieces: Pieces,
}

/// A body being written. The connection's task polls it, so it ends when the client goes away; there is no task and no
/// channel of its own.
struct Raw<I> {
    reply: Reply,
    clock: Clock,
    steps: I,
    /// Pieces to send, last first.
    queue: Vec<Bytes>,
    writer: Option<Framing>,
}

impl<I: Iterator<Item = Step> + Send + 'static> Raw<I> {
    fn into_body(self, counted: bool) -> Body {
        let open = counted.then(|| OpenStream::new(&self.reply.shared));
        let parts = stream::unfold((self, open), |(mut raw, open)| async move {
            let part = raw.next().await?;
            Some((part, (raw, open)))
        });
        Body::from_stream(parts)
    }

    async fn next(&mut self) -> Option<io::Result<Bytes>> {
        loop {
            if let Some(piece) = self.queue.pop() {
                if self.writer.as_ref().is_some_and(|framing| framing.pieces != Pieces::Whole) {
                    // Pending once, so that the connection flushes and pieces arrive as pieces.
                    tokio::task::yield_now().await;
                }
                return Some(Ok(piece));
            }
            let Step { after, beat } = self.steps.next()?;
            let stop = self.reply.shared.stop.clone();
            tokio::select! {
                biased;
                () = stop.cancelled() => return Some(Err(io::Error::other("the emulator stops"))),
                () = self.clock.wait(after) => {}
            }
            match beat {
                Beat::Cut => {
                    self.reply.by.reset_on_close();
                    // Pending once, so that what was said before is flushed and not swallowed by the reset.
                    tokio::task::yield_now().await;
                    return Some(Err(io::Error::new(io::ErrorKind::ConnectionReset, "scripted")));
                }
                Beat::Hang => {
                    stop.cancelled().await;
                    return Some(Err(io::Error::other("the emulator stops")));
                }
                beat => {
                    if let Some(framing) = &mut self.writer {
                        let bytes = framing.writer.frame(&beat);
                        let bytes = if framing.crlf { with_crlf(&bytes) } else { bytes };
                        self.queue = pieces(bytes, framing.pieces);
                    }
                }
            }
        }
    }
}

/// Raw line feeds only: those inside JSON are escaped.
fn with_crlf(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() + 8);
    let mut before = 0;
    for byte in bytes {
        if *byte == b'\n' && before != b'\r' {
            out.push(b'\r');
        }
        out.push(*byte);
        before = *byte;
    }
    out
}

/// The bytes cut as told, last piece first.
fn pieces(bytes: Vec<u8>, how: Pieces) -> Vec<Bytes> {
    let whole = Bytes::from(bytes);
    let mut out: Vec<Bytes> = match how {
        _ if whole.is_empty() => Vec::new(),
        Pieces::Whole => vec![whole],
        Pieces::Of(size) => whole.chunks(size.max(1)).map(|piece| whole.slice_ref(piece)).collect(),
        // A cut before every continuation byte falls inside a character, and nowhere else.
        Pieces::InsideCharacters => {
            whole.chunk_by(|_, next| next & 0xc0 != 0x80).map(|piece| whole.slice_ref(piece)).collect()
        }
    };
    out.reverse();
    out
}

/// Counts a stream for as long as it is being written.
struct OpenStream(Arc<Shared>);

impl OpenStream {
    fn new(shared: &Arc<Shared>) -> Self {
        shared.open_streams.fetch_add(1, Ordering::SeqCst);
        Self(Arc::clone(shared))
    }
}

impl Drop for OpenStream {
    fn drop(&mut self) {
        self.0.open_streams.fetch_sub(1, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_fall_inside_characters_only() {
        let mut cut = pieces("aé你🦀b".into(), Pieces::InsideCharacters);
        cut.reverse();
        assert_eq!(cut.concat(), "aé你🦀b".as_bytes(), "nothing is lost");
        assert_eq!(cut.len(), 1 + 1 + 2 + 3, "one cut in two bytes, two in three, three in four");
        assert!(cut.iter().skip(1).all(|piece| piece.first().is_some_and(|byte| byte & 0xc0 == 0x80)));
    }

    #[test]
    fn crlf_is_not_doubled() {
        assert_eq!(with_crlf(b"a\n\nb\r\n"), b"a\r\n\r\nb\r\n");
    }
}
