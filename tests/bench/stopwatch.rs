//! A server that notes when a request has arrived whole and when its reply is out. It says one canned thing; it exists
//! because the moment a prompt leaves cannot be seen from the engine's side without asking the engine.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Instant;

/// One request.
pub(crate) struct Pass {
    pub(crate) arrived: Instant,
    pub(crate) replied: Instant,
}

/// The server; its threads end with the connections and with the process.
pub(crate) struct Stopwatch {
    pub(crate) base_url: String,
    passes: Receiver<Pass>,
}

impl Stopwatch {
    /// Listens on loopback and streams this text, a piece a word, to whoever asks.
    pub(crate) fn start(text: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base_url = format!("http://{}/v1", listener.local_addr().unwrap());
        let reply = reply(text);
        let (sender, passes) = channel();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (reply, sender) = (reply.clone(), sender.clone());
                thread::spawn(move || answer(stream.unwrap(), &reply, &sender));
            }
        });
        Self { base_url, passes }
    }

    /// The next requests, in the order of their replies.
    pub(crate) fn take(&self, number: usize) -> Vec<Pass> {
        self.passes.iter().take(number).collect()
    }
}

fn answer(stream: TcpStream, reply: &[u8], passes: &Sender<Pass>) {
    stream.set_nodelay(true).unwrap();
    let mut writer = stream.try_clone().unwrap();
    let mut reader = BufReader::new(stream);
    while let Some(length) = read_head(&mut reader) {
        let mut body = vec![0; length];
        if reader.read_exact(&mut body).is_err() {
            return;
        }
        let arrived = Instant::now();
        if writer.write_all(reply).is_err() {
            return;
        }
        // Nobody listens any more when the bench is over.
        let _ = passes.send(Pass { arrived, replied: Instant::now() });
    }
}

/// Reads one request's head and gives the length of its body; `None` when the connection is over.
fn read_head(reader: &mut impl BufRead) -> Option<usize> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        if line.trim().is_empty() {
            return Some(length);
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().ok()?;
        }
    }
}

fn reply(text: &str) -> Vec<u8> {
    let chunk = |delta: &serde_json::Value, finish: Option<&str>| {
        let chunk = serde_json::json!({
            "id": "chatcmpl-bench", "object": "chat.completion.chunk", "model": "answer",
            "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]
        });
        format!("data: {chunk}\n\n")
    };
    let mut body: String =
        text.split_inclusive(' ').map(|word| chunk(&serde_json::json!({ "content": word }), None)).collect();
    body += &chunk(&serde_json::json!({}), Some("stop"));
    body += "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":90,\"completion_tokens\":60,\"total_tokens\":150}}\n\n";
    body += "data: [DONE]\n\n";
    let length = body.len();
    format!("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: {length}\r\n\r\n{body}")
        .into_bytes()
}
