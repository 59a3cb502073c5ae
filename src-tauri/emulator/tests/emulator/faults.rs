//! Faults inside a reply that began well.

use roundtable_emulator::{Behaviour, Emulator};
use serde_json::Value;

use crate::client::{Question, WIRES, Wire, http, start, start_with};

/// What arrived, and whether the body ended in an error of the connection.
async fn read(wire: Wire, emulator: &Emulator) -> (String, Vec<usize>, bool) {
    let mut response = wire.request(emulator, &Question::default()).send().await.unwrap();
    let (mut bytes, mut sizes) = (Vec::new(), Vec::new());
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) => {
                sizes.push(chunk.len());
                bytes.extend_from_slice(&chunk);
            }
            Ok(None) => return (String::from_utf8(bytes).unwrap(), sizes, false),
            Err(_) => return (String::from_utf8_lossy(&bytes).into_owned(), sizes, true),
        }
    }
}

fn tokens(wire: Wire, stream: &str) -> usize {
    wire.events(stream).iter().filter(|event| !wire.text(event).is_empty()).count()
}

/// Responses puts the error's fields beside a type.
fn is_error(event: &Value) -> bool {
    event.get("error").is_some() || event["type"] == "error"
}

#[tokio::test]
async fn an_error_in_the_middle_keeps_what_was_said() {
    let emulator = start_with(Behaviour::ErrorMidStream { after_tokens: 5 }).await;
    for wire in WIRES {
        let (stream, _, broken) = read(wire, &emulator).await;
        assert!(!broken && !wire.complete(&stream), "{wire:?}: {stream}");
        assert_eq!(tokens(wire, &stream), 5, "{wire:?}");
        let last = wire.events(&stream).pop().unwrap();
        assert!(is_error(&last), "{wire:?} ends with {last}");
    }
}

#[tokio::test]
async fn an_error_may_be_the_first_event_of_a_200() {
    let emulator = start_with(Behaviour::ErrorFirstEvent).await;
    for wire in WIRES {
        let (stream, ..) = read(wire, &emulator).await;
        let events = wire.events(&stream);
        assert!(events.len() == 1 && is_error(&events[0]), "{wire:?}: {stream}");
    }
}

/// A gateway whose upstream refuses late has begun its reply already: a client must not take that for an answer.
#[tokio::test]
async fn the_credit_can_run_out_after_a_frame_that_says_nothing() {
    let emulator = start_with(Behaviour::QuotaAfterRole).await;
    for wire in WIRES {
        let (stream, _, broken) = read(wire, &emulator).await;
        assert!(!broken && !wire.complete(&stream), "{wire:?}: {stream}");
        assert_eq!(tokens(wire, &stream), 0, "{wire:?}: not a word");
        let mut events = wire.events(&stream);
        let last = events.pop().unwrap();
        assert!(is_error(&last) && !events.is_empty(), "{wire:?}: {stream}");
        assert!(!events.iter().any(is_error), "{wire:?}: {stream}");
    }
}

#[tokio::test]
async fn a_request_may_never_be_answered_and_is_known_to_have_arrived() {
    let emulator = start_with(Behaviour::NoReply).await;
    let asked = tokio::spawn(Wire::Gemini.request(&emulator, &Question::default()).send());
    emulator.until(|requests| requests.len() == 1).await;
    assert!(!asked.is_finished());
    emulator.shutdown().await;
    assert!(asked.await.unwrap().is_ok_and(|reply| reply.status() == 503), "until the emulator ends");
}

#[tokio::test]
async fn a_clean_end_has_no_terminal_and_a_cut_is_an_error() {
    for wire in WIRES {
        let emulator = start_with(Behaviour::CleanEof { after_tokens: 7 }).await;
        let (stream, _, broken) = read(wire, &emulator).await;
        assert!(!broken && !wire.complete(&stream) && tokens(wire, &stream) == 7, "{wire:?}: {stream}");
        let emulator = start_with(Behaviour::SocketCut { after_tokens: 7 }).await;
        let (stream, _, broken) = read(wire, &emulator).await;
        assert!(broken, "{wire:?}: the client has to notice");
        assert_eq!(tokens(wire, &stream), 7, "{wire:?}: what was said before the cut arrives");
    }
}

#[tokio::test]
async fn a_connection_can_close_before_its_headers() {
    let emulator = start().await;
    emulator.script("swift", vec![Behaviour::ClosedBeforeHeaders]);
    let refused = Wire::OpenAi.request(&emulator, &Question::default()).send().await;
    assert!(refused.is_err(), "no reply at all");
    let stream = Wire::OpenAi.ask(&emulator, &Question::default()).await;
    assert!(Wire::OpenAi.complete(&stream), "a queue of one: the next request is answered");
}

#[tokio::test]
async fn pings_go_on_until_the_client_leaves() {
    let emulator = start_with(Behaviour::PingsForever { every_ms: 2 }).await;
    for (wire, ping) in [
        (Wire::OpenAi, ": keep-alive"),
        (Wire::Responses, ": keep-alive"),
        (Wire::Text, ": keep-alive"),
        (Wire::Anthropic, "event: ping"),
        (Wire::Gemini, ": keep-alive"),
        (Wire::Ollama, "\n\n"),
    ] {
        let mut response = wire.request(&emulator, &Question::default()).send().await.unwrap();
        let mut seen = String::new();
        while seen.matches(ping).count() < 3 {
            seen.push_str(std::str::from_utf8(&response.chunk().await.unwrap().unwrap()).unwrap());
        }
        assert_eq!(tokens(wire, seen.trim_end_matches(|c| c != '\n')), 0, "{wire:?}: not a word");
        assert_eq!(emulator.open_streams(), 1, "{wire:?}");
        drop(response);
        closed(&emulator).await;
    }
}

/// Waits for the server to notice; a test's time limit is the timeout.
async fn closed(emulator: &Emulator) {
    let gone = async {
        while emulator.open_streams() > 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(5), gone).await.unwrap();
}

#[tokio::test]
async fn a_stalled_stream_closes_when_its_client_leaves() {
    let emulator = start_with(Behaviour::Stall { after_tokens: 3 }).await;
    let mut response = Wire::Ollama.request(&emulator, &Question::default()).send().await.unwrap();
    assert!(response.chunk().await.unwrap().is_some());
    drop(response);
    closed(&emulator).await;
}

#[tokio::test]
async fn shutdown_ends_streams_within_two_seconds() {
    let emulator = start_with(Behaviour::Stall { after_tokens: 3 }).await;
    let mut response = Wire::OpenAi.request(&emulator, &Question::default()).send().await.unwrap();
    let base = emulator.base_url();
    let started = std::time::Instant::now();
    emulator.shutdown().await;
    assert!(started.elapsed() < std::time::Duration::from_secs(2));
    while let Ok(Some(_)) = response.chunk().await {}
    assert!(http().get(format!("{base}/api/version")).send().await.is_err(), "the port is closed");
}

#[tokio::test]
async fn bytes_arrive_in_pieces_and_join_to_the_same_stream() {
    let emulator = start_with(Behaviour::SplitBytes { piece: 1 }).await;
    let whole = start().await;
    for wire in WIRES {
        let (stream, sizes, _) = read(wire, &emulator).await;
        let expected = wire.text_of(&wire.ask(&whole, &Question::default()).await);
        assert_eq!(wire.text_of(&stream), expected, "{wire:?}");
        assert!(sizes.iter().all(|size| *size == 1), "{wire:?}: one byte a chunk");
    }
}

#[tokio::test]
async fn cuts_fall_inside_characters() {
    let emulator = start_with(Behaviour::SplitUtf8).await;
    for wire in WIRES {
        let mut response = wire.request(&emulator, &Question::default()).send().await.unwrap();
        let (mut bytes, mut halves) = (Vec::new(), 0);
        while let Some(chunk) = response.chunk().await.unwrap() {
            halves += usize::from(std::str::from_utf8(&chunk).is_err());
            bytes.extend_from_slice(&chunk);
        }
        let stream = String::from_utf8(bytes).unwrap();
        assert!(halves > 20, "{wire:?}: only {halves} chunks are not characters by themselves");
        assert!(wire.text_of(&stream).contains("你好,世界") && wire.complete(&stream), "{wire:?}");
    }
}

#[tokio::test]
async fn crlf_huge_lines_and_missing_usage() {
    let emulator = start().await;
    for wire in WIRES {
        emulator.script(
            "swift",
            vec![Behaviour::CrlfLineEnds, Behaviour::HugeLine { mebibytes: 2 }, Behaviour::UsageMissing],
        );
        let (stream, ..) = read(wire, &emulator).await;
        assert_eq!(stream.matches('\n').count(), stream.matches("\r\n").count(), "{wire:?}");
        let (stream, ..) = read(wire, &emulator).await;
        assert!(stream.lines().any(|line| line.len() > 2 * 1024 * 1024), "{wire:?}");
        let (stream, ..) = read(wire, &emulator).await;
        assert!(wire.complete(&stream), "{wire:?}");
        assert!(
            !stream.contains("\"usage\":{")
                && !stream.contains("eval_count")
                && !stream.contains("usageMetadata")
        );
    }
}

#[tokio::test]
async fn filters_refusals_and_another_model() {
    let emulator = start().await;
    for (wire, filtered, served) in [
        (Wire::OpenAi, "\"finish_reason\":\"content_filter\"", "\"model\":\"other\""),
        (Wire::Anthropic, "\"stop_reason\":\"refusal\"", "\"model\":\"other\""),
        (Wire::Gemini, "\"finishReason\":\"SAFETY\"", "\"modelVersion\":\"other\""),
        (Wire::Ollama, "\"done\":true", "\"model\":\"other\""),
    ] {
        let other = Behaviour::WrongModel { served: "other".into() };
        let no = Behaviour::Refusal { text: "I would rather not.".into() };
        emulator.script("swift", vec![Behaviour::ContentFilter { after_tokens: 2 }, other, no]);
        assert!(wire.ask(&emulator, &Question::default()).await.contains(filtered), "{wire:?}");
        assert!(wire.ask(&emulator, &Question::default()).await.contains(served), "{wire:?}");
        let refusal = wire.ask(&emulator, &Question::default()).await;
        assert_eq!(
            refusal.contains("\"refusal\":\"I\""),
            wire == Wire::OpenAi,
            "a field of its own at OpenAI"
        );
    }
}

#[tokio::test]
async fn a_burst_is_complete_and_in_order() {
    let burst = Behaviour::Burst { tokens: 500, tokens_per_second: 0, token: "n".into() };
    let emulator = start_with(burst).await;
    let expected = (0..500).map(|i| format!("n{i} ")).collect::<Vec<_>>().concat();
    for wire in WIRES {
        assert_eq!(wire.text_of(&wire.ask(&emulator, &Question::default()).await), expected, "{wire:?}");
    }
}

#[tokio::test]
async fn faults_without_streaming() {
    let whole =
        |wire: Wire, emulator| wire.request(emulator, &Question { stream: false, ..Question::default() });
    let emulator = start().await;
    for wire in WIRES {
        let late = Behaviour::ErrorMidStream { after_tokens: 2 };
        let (eof, cut) = (Behaviour::CleanEof { after_tokens: 2 }, Behaviour::SocketCut { after_tokens: 2 });
        emulator.script("swift", vec![late, eof, cut]);
        assert_eq!(whole(wire, &emulator).send().await.unwrap().status(), 500, "{wire:?}");
        let half = whole(wire, &emulator).send().await.unwrap().text().await.unwrap();
        assert!(!half.is_empty() && serde_json::from_str::<Value>(&half).is_err(), "{wire:?}: {half}");
        assert!(whole(wire, &emulator).send().await.unwrap().text().await.is_err(), "{wire:?}: cut");
    }
}
