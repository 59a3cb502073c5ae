//! A prompt's way through the real engine with its database on this disk. What is written before a prompt is sent (message,
//! run, reservation, attempt, each commit synced to the disk) is a promise and not overhead: so it is shown beside what one
//! such commit costs here, and not hidden in a total.

use std::time::Instant;

use roundtable_domain::{ConversationId, Params, RunState, Timeouts, WireApi};
use roundtable_engine::view::{MoneyChoice, NewProvider, TurnBatch};
use roundtable_engine::{AskTarget, Engine, Question, Tools, TurnSink, UnsavedEndpoint};
use roundtable_tests::options;
use tokio::sync::oneshot;

use crate::figures::{Samples, line, pair_ms};
use crate::peer::{ANSWER_TOKENS, numbered};
use crate::stopwatch::Stopwatch;

/// Turns of one conversation before the next one is begun, so that its history stays short.
const TURNS: usize = 6;

/// Turns of the long conversation before the first that counts.
const EARLIER: usize = 40;

const PROMPT: &str = "Compare B-trees and LSM-trees for a ledger on one desktop machine.";

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
pub(crate) async fn run(prompts: usize) {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let engine = Engine::open(options(folder.path(), roundtable_engine::Pace::Instant)).await.unwrap();
    let server = Stopwatch::start(&numbered(ANSWER_TOKENS));
    let bench = Bench { engine, server };
    bench.add_provider().await;

    let bare = bench.bare(prompts).await;
    line("bare reqwest: until the request arrives", &pair_ms(bare.p50(), bare.p99()));
    let commit = bench.commits(prompts).await;
    line("one commit to this disk (synchronous=FULL)", &pair_ms(commit.p50(), commit.p99()));
    for lanes in [1, 8] {
        let prompt = bench.prompts(prompts / lanes, lanes).await;
        prompt.report(&format!("window, {lanes} lane{}", if lanes == 1 { "" } else { "s" }), &bare, &commit);
    }
    let long = bench.long_conversation(8).await;
    long.report(&format!("8 lanes, {EARLIER} turns before"), &bare, &commit);
    Box::pin(bench.asks(prompts / 2)).await.report("command line, 1 question", &bare, &commit);
    bench.engine.shutdown().await;
}

struct Bench {
    engine: Engine,
    server: Stopwatch,
}

/// What happened to prompts, from the call on.
#[derive(Default)]
struct Prompts {
    /// Until the first of its requests had arrived.
    first_sent: Samples,
    /// Until the last had.
    last_sent: Samples,
    /// From the last reply's last byte to the batch that says the turn is over.
    told: Samples,
}

impl Prompts {
    fn report(&self, name: &str, bare: &Samples, commit: &Samples) {
        let added = |sent: &Samples| pair_ms(sent.p50() - bare.p50(), sent.p99() - bare.p99());
        let commits = (self.last_sent.p50() - bare.p50()) / commit.p50();
        line(&format!("{name}: added before the first leaves"), &added(&self.first_sent));
        line(
            &format!("{name}: added before the last leaves"),
            &format!("{}   the time of {commits:.1} commits", added(&self.last_sent)),
        );
        line(&format!("{name}: last byte to the last batch"), &pair_ms(self.told.p50(), self.told.p99()));
    }

    fn push(&mut self, called: Instant, done: Instant, server: &Stopwatch, requests: usize) {
        let passes = server.take(requests);
        let arrivals = || passes.iter().map(|pass| pass.arrived);
        self.first_sent.push(arrivals().min().unwrap() - called);
        self.last_sent.push(arrivals().max().unwrap() - called);
        let replied = passes.iter().map(|pass| pass.replied).max().unwrap();
        self.told.push(done.saturating_duration_since(replied));
    }
}

impl Bench {
    async fn add_provider(&self) {
        let provider = NewProvider {
            id: Some("bench".into()),
            name: "Bench".into(),
            dialect: "custom".into(),
            api: Some(WireApi::OpenaiChat),
            base_url: self.server.base_url.clone(),
            plain_http_confirmed: false,
        };
        self.engine.save_provider(provider).await.unwrap();
    }

    async fn bare(&self, requests: usize) -> Samples {
        let http = reqwest::Client::builder().no_proxy().tcp_nodelay(true).build().unwrap();
        let url = format!("{}/chat/completions", self.server.base_url);
        let mut samples = Samples::default();
        for _ in 0..requests {
            let called = Instant::now();
            let response = http.post(&url).body(PROMPT).send().await.unwrap();
            response.bytes().await.unwrap();
            samples.push(self.server.take(1)[0].arrived - called);
        }
        samples
    }

    /// A commit of one small row: a draft.
    async fn commits(&self, number: usize) -> Samples {
        let conversation = self.conversation(1).await;
        let mut samples = Samples::default();
        for round in 0..number {
            let called = Instant::now();
            self.engine.save_draft(conversation, &round.to_string(), &[]).await.unwrap();
            samples.push(called.elapsed());
        }
        samples
    }

    async fn conversation(&self, lanes: usize) -> ConversationId {
        let targets = vec!["bench/answer".to_owned(); lanes];
        self.engine.create_conversation(&targets).await.unwrap().summary.id
    }

    /// Prompts as the window sends them. The first of a conversation is not counted: it also writes the title.
    async fn prompts(&self, prompts: usize, lanes: usize) -> Prompts {
        let mut seen = Prompts::default();
        for _ in 0..prompts.div_ceil(TURNS) {
            let conversation = self.conversation(lanes).await;
            self.turn(conversation, lanes, &mut Prompts::default()).await;
            for _ in 0..TURNS {
                self.turn(conversation, lanes, &mut seen).await;
            }
        }
        seen
    }

    /// Prompts into a conversation that is long already.
    async fn long_conversation(&self, lanes: usize) -> Prompts {
        let conversation = self.conversation(lanes).await;
        for _ in 0..EARLIER {
            self.turn(conversation, lanes, &mut Prompts::default()).await;
        }
        let mut seen = Prompts::default();
        for _ in 0..TURNS {
            self.turn(conversation, lanes, &mut seen).await;
        }
        seen
    }

    async fn turn(&self, conversation: ConversationId, lanes: usize, seen: &mut Prompts) {
        let (sink, done) = until_done();
        let called = Instant::now();
        let turn = self
            .engine
            .start_turn(conversation, PROMPT, &[], &[], MoneyChoice::default(), sink)
            .await
            .unwrap();
        let done = done.await.unwrap();
        assert_eq!(turn.runs.len(), lanes);
        seen.push(called, done, &self.server, lanes);
    }

    /// Questions as the command line asks them, each a conversation of its own.
    async fn asks(&self, questions: usize) -> Prompts {
        let mut seen = Prompts::default();
        for _ in 0..questions {
            let endpoint = UnsavedEndpoint {
                api: WireApi::OpenaiChat,
                base_url: self.server.base_url.clone(),
                model: "answer".into(),
                key: None,
                key_variable: None,
            };
            let question = Question {
                targets: vec![AskTarget::Unsaved(endpoint)],
                text: PROMPT.into(),
                attachments: Vec::new(),
                tools: Tools::default(),
                profile: None,
                system: None,
                params: Params::default(),
                stream: true,
                retry: false,
                fresh: false,
                timeouts: Timeouts::default(),
                money: MoneyChoice::default(),
                filing: roundtable_engine::Filing::default(),
            };
            let (sink, done) = until_done();
            let called = Instant::now();
            let asking = Box::pin(self.engine.ask(question, sink)).await.unwrap();
            seen.push(called, done.await.unwrap(), &self.server, 1);
            let answers = self.engine.answers(&asking).await.unwrap();
            assert!(answers.iter().all(|answer| answer.run.state == RunState::Complete));
            self.engine.forget(asking).await.unwrap();
        }
        seen
    }
}

/// A channel that tells when the last batch came.
pub(crate) fn until_done() -> (TurnSink, oneshot::Receiver<Instant>) {
    let (sender, receiver) = oneshot::channel();
    let mut sender = Some(sender);
    let sink = move |batch: TurnBatch| {
        if batch.done
            && let Some(sender) = sender.take()
        {
            let _ = sender.send(Instant::now());
        }
        true
    };
    (Box::new(sink), receiver)
}
