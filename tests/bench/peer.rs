//! The emulator in a process of its own, so that its processor time is not counted as ours. It ends with us: it reads its
//! standard input and stops when that closes.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};

use roundtable_domain::endpoint::{PlainHttp, parse_base_url};
use roundtable_domain::{ChatRequest, Endpoint, Message, Params, Role, WireApi};
use roundtable_emulator::{Behaviour, Emulator, EmulatorOptions, Pace};

/// The argument that makes this program the emulator.
pub(crate) const SERVE: &str = "serve";

/// Tokens a second of the model `steady`.
pub(crate) const STEADY_RATE: u32 = 200;

/// Pieces of the model `flood`, as fast as they are read.
pub(crate) const FLOOD_TOKENS: u64 = 5_000;

/// What each numbered piece begins with.
pub(crate) const TOKEN: &str = "token";

/// Pieces of the answer of the model `answer`.
pub(crate) const ANSWER_TOKENS: u64 = 60;

/// The text of a numbered answer.
pub(crate) fn numbered(tokens: u64) -> String {
    (0..tokens).flat_map(|number| [TOKEN.to_owned(), number.to_string(), " ".to_owned()]).collect()
}

/// The emulator's process.
pub(crate) struct Peer {
    base: String,
    child: Child,
}

impl Peer {
    /// Starts it; its model `steady` speaks for this long.
    pub(crate) fn start(stream_seconds: u64) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([SERVE, &(stream_seconds * u64::from(STEADY_RATE)).to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut base = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut base).unwrap();
        Self { base: base.trim().to_owned(), child }
    }

    /// The base URL of a wire, as a person would type it.
    pub(crate) fn base_url(&self, api: WireApi) -> String {
        let path = match api {
            WireApi::OpenaiChat
            | WireApi::OpenaiResponses
            | WireApi::OpenaiCompletions
            | WireApi::AnthropicMessages => "/v1",
            WireApi::Gemini => "/v1beta",
            WireApi::Ollama => "",
        };
        format!("{}{path}", self.base)
    }

    pub(crate) fn endpoint(&self, api: WireApi) -> Endpoint {
        Endpoint {
            provider: "bench".into(),
            api,
            dialect: "custom".into(),
            base_url: parse_base_url(&self.base_url(api), PlainHttp::Loopback).unwrap(),
            extra_headers: Vec::new(),
            network: roundtable_domain::Network::default(),
        }
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

/// One question to one model.
pub(crate) fn request(model: &str, stream: bool) -> ChatRequest {
    ChatRequest {
        model: model.into(),
        messages: vec![
            Message::text(Role::System, "Answer briefly."),
            Message::text(
                Role::User,
                "Compare B-trees and LSM-trees for a ledger on one desktop machine.".repeat(4),
            ),
        ],
        params: Params::default(),
        tools: Vec::new(),
        stream,
        ..ChatRequest::default()
    }
}

/// The life of the other process.
#[tokio::main(flavor = "current_thread")]
pub(crate) async fn serve() {
    let steady: u64 = std::env::args().nth(2).and_then(|word| word.parse().ok()).unwrap_or(1_000);
    let options = EmulatorOptions { pace: Pace::Instant, ..Default::default() };
    let emulator = Emulator::start(options).await.unwrap();
    let numbered =
        |tokens, tokens_per_second| Behaviour::Burst { tokens, tokens_per_second, token: TOKEN.into() };
    emulator.script_always("answer", numbered(ANSWER_TOKENS, 0));
    emulator.script_always("steady", numbered(steady, STEADY_RATE));
    emulator.script_always("flood", numbered(FLOOD_TOKENS, 0));
    println!("{}", emulator.base_url());
    tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new())).await.unwrap().unwrap();
    emulator.shutdown().await;
}
