//! A person at a terminal: what is asked back, and what the answer does. The terminal is a pseudo terminal of the system.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::process::Stdio;

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use crate::support::{Cli, Outcome, Server};

/// What a person sees and types at.
struct Terminal {
    person: File,
    /// The program's side.
    program: File,
}

impl Terminal {
    fn open() -> Self {
        let person: OwnedFd = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&person).unwrap();
        unlockpt(&person).unwrap();
        let name = ptsname(&person, Vec::new()).unwrap().into_string().unwrap();
        let program = OpenOptions::new().read(true).write(true).open(name).unwrap();
        Self { person: person.into(), program }
    }

    fn program(&self) -> Stdio {
        self.program.try_clone().unwrap().into()
    }

    /// Reads until this is on the screen.
    fn until(&mut self, wanted: &str) -> String {
        let mut seen = Vec::new();
        let mut byte = [0];
        loop {
            self.person.read_exact(&mut byte).unwrap();
            seen.push(byte[0]);
            if seen.ends_with(wanted.as_bytes()) {
                return String::from_utf8_lossy(&seen).into_owned();
            }
        }
    }

    /// Types, and looks on: a screen nobody reads fills up.
    fn types(mut self, text: &str) {
        self.person.write_all(text.as_bytes()).unwrap();
        let mut person = self.person;
        std::thread::spawn(move || std::io::copy(&mut person, &mut std::io::sink()));
    }
}

/// Begins a batch of one question at a terminal and gives what was asked back, how it ended, and what reached the server.
fn batch_with(answer: &str, more: &[&str]) -> (String, Outcome, usize) {
    let server = Server::start();
    let base_url = format!("{}/v1", server.emulator.base_url());
    let cli = Cli::new().with("OPENAI_API_KEY", crate::support::KEY).with("OPENAI_BASE_URL", &base_url);
    let (questions, results) = (cli.folder.path().join("questions.csv"), cli.folder.path().join("out.jsonl"));
    std::fs::write(&questions, "prompt\nWhy is the sky blue?\n").unwrap();
    let (questions, results) = (questions.to_str().unwrap(), results.to_str().unwrap());
    let words = ["batch", questions, "--out", results, "--to", "openai/swift"];
    let mut terminal = Terminal::open();
    let words = [&words[..], more].concat();
    let mut command = cli.command(&words);
    command.stdin(terminal.program()).stdout(Stdio::piped()).stderr(terminal.program());
    let child = command.spawn().unwrap();
    let asked = terminal.until("Go on? [y/N] ");
    terminal.types(answer);
    let outcome = Outcome::of(child);
    let asked_for = server.emulator.requests().iter().filter(|request| request.method == "POST").count();
    (asked, outcome, asked_for)
}

#[test]
fn a_batch_is_begun_only_when_a_person_says_yes() {
    for (answer, goes_on) in [("y\n", true), ("YES\n", true), ("\n", false), ("n\n", false), ("yup\n", false)]
    {
        let (before, outcome, asked) = batch_with(answer, &[]);
        assert!(before.contains("1 question"), "the estimate comes first: {before}");
        let code = i32::from(!goes_on);
        assert_eq!((outcome.code, asked), (Some(code), usize::from(goes_on)), "{answer:?}: {}", outcome.out);
    }
}

#[test]
fn a_terminal_that_is_closed_is_no_yes() {
    let (_, outcome, asked) = batch_with("\u{4}", &[]);
    assert_eq!((outcome.code, asked), (Some(1), 0), "the end of the input");
}
