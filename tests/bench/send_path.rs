//! The same request, the same reply, the same kind of connection: once with bare reqwest, once through the wire client, in
//! turns on one thread, so that what disturbs one disturbs the other. A third round, bare again, shows how much of a
//! difference is noise.

use std::time::Instant;

use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use roundtable_domain::{Answer, AnswerEnd, WireApi};
use roundtable_providers::{Call, Client, ClientOptions, Timers, start_chat, wire_for};
use tokio_util::sync::CancellationToken;

use crate::clock::thread_cpu;
use crate::figures::{Samples, aim, line, pair_ms};
use crate::peer::{ANSWER_TOKENS, Peer, numbered, request};

/// Requests before the first that counts: connections stand, caches are warm.
const WARM_UP: usize = 100;

const KEY: &str = "sk-bench-0123456789";

#[derive(Clone, Copy, PartialEq)]
enum Way {
    Bare,
    Client,
    BareAgain,
}

const TURNS: [[Way; 3]; 3] = [
    [Way::Bare, Way::Client, Way::BareAgain],
    [Way::Client, Way::BareAgain, Way::Bare],
    [Way::BareAgain, Way::Bare, Way::Client],
];

#[derive(Default)]
struct Kind {
    wall: Samples,
    cpu: Samples,
}

pub(crate) fn run(peer: &Peer, requests: usize) {
    for (name, stream) in [("whole reply", false), ("streamed, 60 pieces", true)] {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let [bare, client, again] = runtime.block_on(compare(peer, requests, stream));
        report(name, requests, &bare, &client, &again);
        if stream {
            let per_chunk = (client.cpu.mean_us() - bare.cpu.mean_us()) / ANSWER_TOKENS as f64;
            line("processor time added per piece, all in", &format!("{per_chunk:>12.2} us"));
        }
    }
}

fn report(name: &str, requests: usize, bare: &Kind, client: &Kind, again: &Kind) {
    let (p50, p99) = (client.wall.p50() - bare.wall.p50(), client.wall.p99() - bare.wall.p99());
    println!("  {name}, {requests} requests each way");
    line("  bare reqwest", &pair_ms(bare.wall.p50(), bare.wall.p99()));
    line("  wire client", &pair_ms(client.wall.p50(), client.wall.p99()));
    let met = aim(p50 <= 100.0 && p99 <= 500.0, "0.1 and 0.5 ms");
    line("  added", &format!("{}   x{:.3} {met}", pair_ms(p50, p99), client.wall.p50() / bare.wall.p50()));
    let (noise_p50, noise_p99) = (again.wall.p50() - bare.wall.p50(), again.wall.p99() - bare.wall.p99());
    line("  added by reqwest to itself (noise)", &pair_ms(noise_p50, noise_p99));
    let (cpu_p50, cpu_p99) = (client.cpu.p50() - bare.cpu.p50(), client.cpu.p99() - bare.cpu.p99());
    let ratio = client.cpu.p50() / bare.cpu.p50();
    line("  processor time added", &format!("{}   x{ratio:.3}", pair_ms(cpu_p50, cpu_p99)));
}

async fn compare(peer: &Peer, requests: usize, stream: bool) -> [Kind; 3] {
    let bare = Bare::new(peer, stream);
    let through = Through::new(peer, stream);
    let mut kinds = [Kind::default(), Kind::default(), Kind::default()];
    for (round, turns) in TURNS.iter().cycle().take(requests + WARM_UP).enumerate() {
        for way in turns {
            let (started, cpu) = (Instant::now(), thread_cpu());
            match way {
                Way::Bare | Way::BareAgain => bare.ask().await,
                Way::Client => through.ask().await,
            }
            let (wall, cpu) = (started.elapsed(), thread_cpu().saturating_sub(cpu));
            if round >= WARM_UP {
                let kind = &mut kinds[*way as usize];
                kind.wall.push(wall);
                kind.cpu.push(cpu);
            }
        }
    }
    kinds
}

/// What anybody would write with reqwest.
struct Bare {
    http: reqwest::Client,
    url: reqwest::Url,
    body: bytes::Bytes,
}

impl Bare {
    fn new(peer: &Peer, stream: bool) -> Self {
        let http = reqwest::Client::builder().no_proxy().tcp_nodelay(true).build().unwrap();
        let endpoint = peer.endpoint(WireApi::OpenaiChat);
        let wire = wire_for(WireApi::OpenaiChat).unwrap();
        let written = wire.chat_request(&endpoint, &request("answer", stream)).unwrap();
        Self { http, url: written.url, body: written.body }
    }

    async fn ask(&self) {
        let mut response = self
            .http
            .post(self.url.clone())
            .header(AUTHORIZATION, format!("Bearer {KEY}"))
            .header(CONTENT_TYPE, "application/json")
            .header(ACCEPT, "application/json")
            .body(self.body.clone())
            .send()
            .await
            .unwrap();
        let mut bytes = 0;
        while let Some(piece) = response.chunk().await.unwrap() {
            bytes += piece.len();
        }
        assert!(response.status().is_success() && bytes > 0);
    }
}

/// The wire client and what the engine accumulates from it.
struct Through {
    client: Client,
    endpoint: roundtable_domain::Endpoint,
    key: secrecy::SecretString,
    request: roundtable_domain::ChatRequest,
    expected: String,
}

impl Through {
    fn new(peer: &Peer, stream: bool) -> Self {
        Self {
            client: Client::new(ClientOptions::default()).unwrap(),
            endpoint: peer.endpoint(WireApi::OpenaiChat),
            key: KEY.to_owned().into(),
            request: request("answer", stream),
            expected: numbered(ANSWER_TOKENS),
        }
    }

    async fn ask(&self) {
        let call = Call {
            endpoint: &self.endpoint,
            key: Some(&self.key),
            request: &self.request,
            timers: Timers::default(),
        };
        let mut reply = start_chat(&self.client, call, &CancellationToken::new()).await.unwrap();
        let (mut answer, mut events) = (Answer::default(), Vec::new());
        loop {
            let more = reply.next_batch(&mut events).await.unwrap();
            for event in events.drain(..) {
                answer.apply(event);
            }
            if !more {
                break;
            }
        }
        assert_eq!((answer.end(), answer.text.len()), (AnswerEnd::Complete, self.expected.len()));
    }
}
