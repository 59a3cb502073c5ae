use proptest::prelude::*;

use super::*;
use crate::framing::{Framed, Framing, ReplyHandler};
use crate::wire::Decoder;
use roundtable_domain::StreamEvent;

type Owned = (String, Vec<u8>);

fn events<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Vec<Owned> {
    let mut parser = SseParser::default();
    let mut events = Vec::new();
    for piece in pieces {
        parser.push(piece, |event| events.push((event.event.to_owned(), event.data.to_vec()))).unwrap();
    }
    events
}

fn check(input: &str, expected: &[(&str, &str)]) {
    let expected: Vec<Owned> =
        expected.iter().map(|(e, d)| ((*e).to_owned(), d.as_bytes().to_vec())).collect();
    let bytes = input.as_bytes();
    assert_eq!(events([bytes]), expected, "whole: {input:?}");
    assert_eq!(events(bytes.chunks(1)), expected, "byte by byte: {input:?}");
    for cut in 0..=bytes.len() {
        let (before, after) = bytes.split_at(cut);
        assert_eq!(events([before, after]), expected, "cut at {cut}: {input:?}");
    }
}

#[test]
fn reads_every_legal_form_at_every_split() {
    check("data: a\n\ndata: b\n\n", &[("", "a"), ("", "b")]);
    check("data: a\r\n\r\ndata: b\r\n\r\n", &[("", "a"), ("", "b")]);
    check("data: a\r\rdata: b\r\r", &[("", "a"), ("", "b")]);
    check("data: a\n\r\ndata: b\r\n\r", &[("", "a"), ("", "b")]);
    check("\u{feff}data: a\n\n", &[("", "a")]);
    check("data:no space\ndata:  two\n\n", &[("", "no space\n two")]);
    check("event: error\ndata: x\n\ndata: y\n\n", &[("error", "x"), ("", "y")]);
    check(": ping\n\n:\ndata: ä€😀\nid: 7\nretry: 1\nnonsense\n\n", &[("", "ä€😀")]);
    check("data\n\ndata:\ndata:\n\n", &[("", ""), ("", "\n")]);
    check("event: lonely\n\ndata: z\n\n", &[("", "z")]);
    check("database: no\ndata: yes\n\n", &[("", "yes")]);
}

#[test]
fn an_unfinished_event_is_not_dispatched_before_the_end() {
    check("data: a\n\ndata: b\n", &[("", "a")]);
    let mut parser = SseParser::default();
    let mut seen = Vec::new();
    parser.push(b"data: [DO", |_| panic!("nothing is complete yet")).unwrap();
    parser.push(b"NE]", |_| panic!("nothing is complete yet")).unwrap();
    parser.finish(|event| seen.push(event.data.to_vec()));
    assert_eq!(seen, [b"[DONE]".to_vec()], "stored replies often lack their last line feed");
}

#[test]
fn long_lines_pass_and_endless_ones_end() {
    let line = vec![b'x'; 2 * 1024 * 1024];
    let mut parser = SseParser::default();
    let mut lengths = Vec::new();
    parser.push(b"data: ", |_| ()).unwrap();
    for piece in line.chunks(16 * 1024) {
        parser.push(piece, |_| ()).unwrap();
    }
    parser.push(b"\n\n", |event| lengths.push(event.data.len())).unwrap();
    assert_eq!(lengths, [line.len()], "final objects of more than a megabyte are real");
    let endless = vec![b'x'; MAX_FRAME_BYTES];
    parser.push(b"data: ", |_| ()).unwrap();
    assert!(matches!(parser.push(&endless, |_| ()), Err(FramingError::TooLong { .. })));
    assert!(parser.push(b"\n\n", |_| panic!("after an error nothing is read")).is_err());
}

#[derive(Default)]
struct Seen;

impl ReplyHandler for Seen {
    fn frame(&mut self, event: &str, data: &[u8], out: &mut Vec<StreamEvent>) {
        out.push(StreamEvent::Text(format!("frame {event}|{}", String::from_utf8_lossy(data))));
    }
    fn whole(&mut self, body: &[u8], out: &mut Vec<StreamEvent>) {
        out.push(StreamEvent::Text(format!("whole {}", String::from_utf8_lossy(body))));
    }
    fn end(&mut self, out: &mut Vec<StreamEvent>) {
        out.push(StreamEvent::Text("end".to_owned()));
    }
    fn broken(&mut self, error: FramingError, out: &mut Vec<StreamEvent>) {
        out.push(StreamEvent::Text(error.to_string()));
    }
}

fn check_reply(framing: Framing, streaming: bool, input: &str, expected: &[&str]) {
    for cut in 0..=input.len() {
        let mut decoder = Framed::new(framing, streaming, Seen);
        let mut out = Vec::new();
        let (before, after) = input.as_bytes().split_at(cut);
        decoder.push(before, &mut out);
        decoder.push(after, &mut out);
        decoder.finish(&mut out);
        let texts: Vec<String> = out
            .into_iter()
            .map(|e| if let StreamEvent::Text(text) = e { text } else { String::new() })
            .collect();
        assert_eq!(texts, expected, "{framing:?} cut at {cut}: {input:?}");
    }
}

#[test]
fn a_reply_is_what_its_first_byte_says() {
    check_reply(Framing::Sse, true, "data: 1\n\n", &["frame |1", "end"]);
    check_reply(Framing::Sse, false, "data: 1\n\n", &["frame |1", "end"]);
    check_reply(Framing::Sse, true, "\n\n {\"error\":1} \n", &["whole {\"error\":1}"]);
    check_reply(Framing::Sse, true, "<!doctype html>", &["whole <!doctype html>"]);
    check_reply(Framing::Sse, true, "", &["end"]);
    check_reply(Framing::Sse, true, ": wait\n\n", &["end"]);
    check_reply(Framing::Sse, true, "data: {\"a\":1}\n\ndata: {\"cut", &["frame |{\"a\":1}", "end"]);
    check_reply(
        Framing::Sse,
        true,
        "data: {\"a\":1}\n\nevent: x\ndata: [DONE]",
        &["frame |{\"a\":1}", "frame x|[DONE]", "end"],
    );
    check_reply(
        Framing::Ndjson,
        true,
        "{\"a\":1}\r\n\n{\"b\":2}",
        &["frame |{\"a\":1}", "frame |{\"b\":2}", "end"],
    );
    check_reply(Framing::Ndjson, true, "{\"a\":1}\n{\"b\":", &["frame |{\"a\":1}", "end"]);
    check_reply(Framing::Ndjson, false, "{\n\"a\":1}\n", &["whole {\n\"a\":1}"]);
}

proptest! {
    #[test]
    fn any_split_of_any_bytes_gives_the_same_events(
        bytes in proptest::collection::vec(prop_oneof![Just(b'\n'), Just(b'\r'), Just(b':'), Just(b' '), Just(b'd'), any::<u8>()], 0..400),
        cuts in proptest::collection::vec(0usize..400, 0..12),
        prefix in proptest::bool::ANY,
    ) {
        let mut input = if prefix { b"event: e\ndata: ".to_vec() } else { Vec::new() };
        input.extend(bytes);
        let mut cuts: Vec<usize> = cuts.into_iter().filter(|cut| *cut < input.len()).collect();
        cuts.sort_unstable();
        let mut pieces = Vec::new();
        let mut from = 0;
        for cut in cuts.into_iter().chain([input.len()]) {
            pieces.push(&input[from..cut]);
            from = cut;
        }
        prop_assert_eq!(events(pieces), events([&input[..]]));
    }
}
