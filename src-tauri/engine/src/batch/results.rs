//! The file of results: one JSON object a line, each with the key of its question.
//!
//! Lines are only ever added, whole; a process that is killed leaves at most half a line at the end, which is cut off. A file that
//! holds anything else is somebody's, and is not touched.

use std::collections::{HashMap, HashSet};
use std::io::{self, SeekFrom};
use std::path::{Path, PathBuf};

use roundtable_domain::RunState;
use serde::Deserialize;
use serde_json::Value;
use tokio::fs::{self, File, OpenOptions};
use tokio::io::{AsyncBufReadExt as _, AsyncSeekExt as _, AsyncWriteExt as _, BufReader, BufWriter};

use super::error::BatchError;

/// What every line is, in its member `type`.
pub(super) const RESULT: &str = "result";

/// How every line begins: half a line is ours when it begins so, as far as it goes.
const BEGINNING: &str = "{\"type\":\"result\",";

/// What a file of results holds.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Held {
    /// The state of each question that has its result.
    pub(super) states: HashMap<String, RunState>,
    /// Where the whole lines end, in bytes.
    end: u64,
    /// The last line is whole but has no line end.
    open: bool,
}

/// As much of a line as is needed to know it.
#[derive(Deserialize)]
struct Line {
    r#type: String,
    key: String,
    state: String,
}

/// What stands on one line.
enum Found {
    Result(String, RunState),
    Blank,
    /// The beginning of one of our lines, and no more.
    Half,
    Foreign,
}

/// Reads what is there; nothing where there is no file. Changes nothing.
pub(super) async fn read(path: &Path) -> Result<Held, BatchError> {
    let failed = |source| BatchError::Results { path: path.to_owned(), source };
    let file = match File::open(path).await {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Held::default()),
        Err(error) => return Err(failed(error)),
    };
    let mut reader = BufReader::new(file);
    let (mut held, mut line, mut number) = (Held::default(), Vec::new(), 0_u64);
    loop {
        line.clear();
        let length = reader.read_until(b'\n', &mut line).await.map_err(failed)?;
        if length == 0 {
            return Ok(held);
        }
        number += 1;
        let whole = line.last() == Some(&b'\n');
        match found(&line) {
            Found::Result(key, state) => {
                held.states.insert(key, state);
                held.open = !whole;
            }
            Found::Blank => {}
            Found::Half if !whole => return Ok(held),
            Found::Half | Found::Foreign => {
                return Err(BatchError::ForeignResults { path: path.to_owned(), line: number });
            }
        }
        held.end += u64::try_from(length).unwrap_or(u64::MAX);
    }
}

fn found(line: &[u8]) -> Found {
    if line.trim_ascii().is_empty() {
        return Found::Blank;
    }
    match serde_json::from_slice::<Line>(line) {
        Ok(line) if line.r#type == RESULT => match RunState::parse(&line.state) {
            Some(state) => Found::Result(line.key, state),
            None => Found::Foreign,
        },
        Ok(_) => Found::Foreign,
        Err(_) => {
            let common = line.len().min(BEGINNING.len());
            let ours = line.get(..common) == BEGINNING.as_bytes().get(..common);
            if ours { Found::Half } else { Found::Foreign }
        }
    }
}

/// The file, open to add lines.
#[derive(Debug)]
pub(super) struct ResultsFile {
    path: PathBuf,
    file: File,
}

impl ResultsFile {
    /// Opens it where `held` says the whole lines end, and takes out the results of questions that are asked again.
    pub(super) async fn open(path: &Path, held: &Held, again: &HashSet<String>) -> Result<Self, BatchError> {
        let failed = |source| BatchError::Results { path: path.to_owned(), source };
        if !again.is_empty() {
            take_out(path, held, again).await.map_err(failed)?;
        }
        let mut file =
            OpenOptions::new().create(true).truncate(false).write(true).open(path).await.map_err(failed)?;
        if again.is_empty() {
            file.set_len(held.end).await.map_err(failed)?;
        }
        file.seek(SeekFrom::End(0)).await.map_err(failed)?;
        if held.open && again.is_empty() {
            file.write_all(b"\n").await.map_err(failed)?;
            file.flush().await.map_err(failed)?;
        }
        Ok(Self { path: path.to_owned(), file })
    }

    /// Adds a line.
    pub(super) async fn add(&mut self, line: &Value) -> Result<(), BatchError> {
        let mut text = line.to_string();
        text.push('\n');
        let written = async {
            self.file.write_all(text.as_bytes()).await?;
            self.file.flush().await
        };
        written.await.map_err(|source| self.unwritable(source))
    }

    /// The error for a line that could not be written.
    pub(super) fn unwritable(&self, source: io::Error) -> BatchError {
        BatchError::Results { path: self.path.clone(), source }
    }

    /// Waits until it is on the disk.
    pub(super) async fn sync(&self) -> Result<(), BatchError> {
        let synced = self.file.sync_all().await;
        synced.map_err(|source| self.unwritable(source))
    }
}

/// Writes the file anew without some results; a process that is killed leaves the old file or the new one.
async fn take_out(path: &Path, held: &Held, again: &HashSet<String>) -> io::Result<()> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    let (mut reader, mut line, mut read) = (BufReader::new(File::open(path).await?), Vec::new(), 0_u64);
    let mut writer = BufWriter::new(File::create(&beside).await?);
    while read < held.end {
        line.clear();
        let length = reader.read_until(b'\n', &mut line).await?;
        if length == 0 {
            break;
        }
        read += u64::try_from(length).unwrap_or(u64::MAX);
        if let Found::Result(key, _) = found(&line)
            && !again.contains(&key)
        {
            writer.write_all(line.trim_ascii_end()).await?;
            writer.write_all(b"\n").await?;
        }
    }
    writer.flush().await?;
    writer.get_ref().sync_all().await?;
    fs::rename(&beside, path).await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(key: &str, state: &str) -> String {
        serde_json::json!({"type": "result", "item": 1, "key": key, "state": state, "text": "…"}).to_string()
    }

    struct Room {
        folder: tempfile::TempDir,
    }

    impl Room {
        fn with(text: &str) -> Self {
            let room = Self { folder: tempfile::tempdir().unwrap() };
            std::fs::write(room.path(), text).unwrap();
            room
        }

        fn path(&self) -> PathBuf {
            self.folder.path().join("results.jsonl")
        }

        fn text(&self) -> String {
            std::fs::read_to_string(self.path()).unwrap()
        }

        async fn add(&self, key: &str, again: &[&str]) {
            let held = read(&self.path()).await.unwrap();
            let again = again.iter().map(|key| (*key).to_owned()).collect();
            let mut file = ResultsFile::open(&self.path(), &held, &again).await.unwrap();
            let value: Value = serde_json::from_str(&line(key, "complete")).unwrap();
            file.add(&value).await.unwrap();
            file.sync().await.unwrap();
        }
    }

    #[tokio::test]
    async fn half_a_line_is_cut_wherever_it_was_cut() {
        let (first, second) = (line("a", "complete"), line("b", "failed"));
        for cut in 0..second.len() {
            let room = Room::with("");
            let begun = [first.as_bytes(), b"\n", second.as_bytes().get(..cut).unwrap()].concat();
            std::fs::write(room.path(), begun).unwrap();
            let held = read(&room.path()).await.unwrap();
            assert_eq!(held.states.keys().collect::<Vec<_>>(), ["a"], "cut at {cut}");
            room.add("c", &[]).await;
            assert_eq!(room.text(), format!("{first}\n{}\n", line("c", "complete")), "cut at {cut}");
        }
    }

    #[tokio::test]
    async fn a_whole_line_without_its_line_end_is_kept() {
        let room = Room::with(&line("a", "complete"));
        room.add("b", &[]).await;
        assert_eq!(room.text(), format!("{}\n{}\n", line("a", "complete"), line("b", "complete")));
    }

    #[tokio::test]
    async fn what_is_asked_again_is_taken_out_first() {
        let text = [line("a", "complete"), line("b", "interrupted"), line("c", "failed")].join("\n");
        let room = Room::with(&text);
        room.add("b", &["b"]).await;
        let held = read(&room.path()).await.unwrap();
        assert_eq!(held.states.get("b"), Some(&RunState::Complete));
        assert_eq!((held.states.len(), room.text().lines().count()), (3, 3), "one line for each question");
        assert!(!room.folder.path().join("results.jsonl.new").exists());
    }

    #[tokio::test]
    async fn a_file_of_something_else_is_refused_and_not_touched() {
        for text in [
            "dear diary",
            "id,prompt\n1,hello\n",
            "{\"type\":\"run\",\"key\":\"a\",\"state\":\"complete\"}\n",
            "{\"type\":\"result\",\"key\":\"a\",\"state\":\"sideways\"}\n",
            "{\"type\":\"result\",\"key\n",
        ] {
            let room = Room::with(text);
            assert!(
                matches!(read(&room.path()).await, Err(BatchError::ForeignResults { line: 1, .. })),
                "{text}"
            );
            assert_eq!(room.text(), text);
        }
        let missing = Room { folder: tempfile::tempdir().unwrap() };
        assert_eq!(read(&missing.path()).await.unwrap(), Held::default());
    }
}
