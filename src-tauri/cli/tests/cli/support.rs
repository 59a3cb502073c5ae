//! Running the binary on a data folder of its own, and an emulator for it to ask.

use std::io::Write;
use std::process::{Child, Command, Stdio};

use roundtable_emulator::{Emulator, EmulatorOptions, Pace};
use serde_json::Value;
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};

/// The key sent in these tests. It must not appear in anything the binary writes.
pub const KEY: &str = "sk-live-3f9c1e7755aa0b42d8e6";

/// The binary on a fresh data folder, with an environment that holds only [`KEY`] under `KEY`.
pub struct Cli {
    pub folder: TempDir,
    variables: Vec<(String, String)>,
}

impl Cli {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), variables: vec![("KEY".to_owned(), KEY.to_owned())] }
    }

    pub fn with(mut self, variable: &str, value: &str) -> Self {
        self.variables.push((variable.to_owned(), value.to_owned()));
        self
    }

    pub fn run(&self, arguments: &[&str]) -> Outcome {
        self.run_with_input(arguments, "")
    }

    pub fn run_with_input(&self, arguments: &[&str], input: &str) -> Outcome {
        let mut child = self.start(arguments);
        // A command that does not read its input may have ended already.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        Outcome::of(child)
    }

    pub fn start(&self, arguments: &[&str]) -> Child {
        let mut command = self.command(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_roundtable-cli"));
        command
            .env_clear()
            .envs(self.variables.iter().cloned())
            .arg("--data-dir")
            .arg(self.folder.path())
            .arg("--no-keyring")
            .args(arguments);
        command
    }
}

/// What a command left behind.
pub struct Outcome {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Outcome {
    pub fn of(child: Child) -> Self {
        let output = child.wait_with_output().unwrap();
        let outcome = Self {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        };
        assert!(!outcome.out.contains(KEY) && !outcome.err.contains(KEY), "a key was printed");
        outcome
    }

    /// Standard output, which must hold JSON objects only.
    pub fn objects(&self) -> Vec<Value> {
        self.out
            .lines()
            .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("not JSON: {line}")))
            .collect()
    }

    pub fn of_type(&self, kind: &str) -> Vec<Value> {
        self.objects().into_iter().filter(|object| object["type"] == kind).collect()
    }

    /// The only `run` object.
    pub fn answer(&self) -> Value {
        let mut runs = self.of_type("run");
        assert_eq!(runs.len(), 1, "{}{}", self.out, self.err);
        runs.remove(0)
    }

    /// Standard error, which must hold one JSON object.
    pub fn error(&self) -> Value {
        assert_eq!(self.err.lines().count(), 1, "{}", self.err);
        serde_json::from_str(&self.err).unwrap()
    }
}

/// An emulator that answers as fast as it is read.
pub struct Server {
    pub emulator: Emulator,
    _runtime: Runtime,
}

impl Server {
    pub fn start() -> Self {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let options = EmulatorOptions { pace: Pace::Instant, ..EmulatorOptions::default() };
        let emulator = runtime.block_on(Emulator::start(options)).unwrap();
        Self { emulator, _runtime: runtime }
    }

    /// `ask --json` of one of its models as an unsaved endpoint.
    pub fn ask(&self, cli: &Cli, kind: &str, more: &[&str]) -> Outcome {
        cli.run(
            &self
                .arguments(kind, &[&["--json"], more].concat())
                .iter()
                .map(String::as_str)
                .collect::<Vec<_>>(),
        )
    }

    /// The words of such an `ask`.
    pub fn arguments(&self, kind: &str, more: &[&str]) -> Vec<String> {
        let path = match kind {
            "ollama" => "",
            "gemini" => "/v1beta",
            _ => "/v1",
        };
        let base_url = format!("{}{path}", self.emulator.base_url());
        let words = ["ask", "--kind", kind, "--base-url", &base_url, "--key-env", "KEY"];
        words.iter().chain(more).map(|word| (*word).to_owned()).collect()
    }
}

/// Replaces what differs from one time to the next, where it is not null.
pub fn settled(mut value: Value) -> Value {
    settle(&mut value);
    value
}

fn settle(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match (name.as_str(), &*member) {
                    ("ttft_ms" | "total_ms", Value::Number(_)) => *member = "[ms]".into(),
                    ("at" | "from" | "until", Value::String(_)) | ("checked_at", Value::Number(_)) => {
                        *member = "[time]".into();
                    }
                    ("zone", Value::String(_)) => *member = "[zone]".into(),
                    (
                        "request_id" | "attempt_id" | "conversation_id" | "turn_id" | "run_id" | "key_id",
                        Value::String(_),
                    ) => {
                        *member = "[id]".into();
                    }
                    ("id", Value::String(id)) if id.len() > 16 => *member = "[id]".into(),
                    (_, Value::Number(_)) if name.ends_with("_duration") => *member = "[ns]".into(),
                    _ => settle(member),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(settle),
        Value::String(text) if text.starts_with("http://127.0.0.1:") => {
            let path = text.splitn(4, '/').nth(3).map(|path| format!("/{path}")).unwrap_or_default();
            *text = format!("http://127.0.0.1:[port]{path}");
        }
        _ => {}
    }
}
