//! From the texts of the files to what they say, with what stands for those that are wrong.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

use roundtable_domain::{ModelRef, UnixMs};
use roundtable_router::route::{Mistake, MistakeCode, Severity, SourceFile, load};
use sha2::{Digest, Sha256};

use super::remembered::{Version, Versions};
use super::{Config, ConfigFile};

impl Config {
    /// What these files say, with nothing before them.
    pub(in crate::routing) fn of(files: Vec<ConfigFile>) -> Self {
        Self::read(files, &Versions::new(), |_| None).0
    }

    /// Reads files, with the last good version of each that has one. Gives the good versions of these. `written_at` says when the
    /// file of a path was written.
    pub(super) fn read(
        files: Vec<ConfigFile>,
        good: &Versions,
        written_at: impl Fn(&str) -> Option<UnixMs>,
    ) -> (Self, Versions) {
        let as_they_are = load(&sources(&files, &Versions::new()), None);
        let unreadable = files.iter().filter(|file| file.text().is_none()).map(|file| file.path.clone());
        let faulty: BTreeSet<String> = as_they_are.faulty.iter().cloned().chain(unreadable).collect();
        let earlier: Versions =
            faulty.iter().filter_map(|path| Some((path.clone(), good.get(path)?.clone()))).collect();
        let in_use =
            if earlier.is_empty() { as_they_are.clone() } else { load(&sources(&files, &earlier), None) };
        let version = |file: &ConfigFile| {
            if faulty.contains(&file.path) {
                return earlier.get(&file.path).cloned();
            }
            let text = file.text()?;
            // What is as it was is as old as it was.
            let known = good.get(&file.path).filter(|known| known.text == *text).cloned();
            Some(known.unwrap_or_else(|| Version { text: Arc::clone(text), as_of: written_at(&file.path) }))
        };
        let now_good = files.iter().filter_map(|file| Some((file.path.clone(), version(file)?))).collect();
        let mistakes = mistakes(&files, &earlier, as_they_are.mistakes, in_use.mistakes);
        let config = Self {
            routes: in_use.routes,
            rules: in_use.rules,
            preference: in_use.preference,
            mistakes,
            revision: revision(&files, &earlier),
            files: files.into(),
            faulty,
            earlier,
        };
        (config, now_good)
    }

    /// What is wrong, models nobody knows among it.
    pub(crate) fn check(&self, known: &BTreeSet<ModelRef>) -> Vec<Mistake> {
        let as_they_are = load(&sources(&self.files, &Versions::new()), Some(known));
        let in_use = load(&sources(&self.files, &self.earlier), Some(known));
        mistakes(&self.files, &self.earlier, as_they_are.mistakes, in_use.mistakes)
    }
}

/// What is to be loaded: the earlier text of a file that has one, else its own.
fn sources<'a>(files: &'a [ConfigFile], earlier: &'a Versions) -> Vec<SourceFile<'a>> {
    let source = |file: &'a ConfigFile| {
        let text = earlier.get(&file.path).map(|version| &version.text).or_else(|| file.text())?;
        Some(SourceFile { path: &file.path, text })
    };
    files.iter().filter_map(source).collect()
}

/// What is wrong: with files that are not used as they are, what is wrong in them now; with the others, what is wrong besides
/// what is in use.
fn mistakes(
    files: &[ConfigFile],
    earlier: &Versions,
    as_they_are: Vec<Mistake>,
    in_use: Vec<Mistake>,
) -> Vec<Mistake> {
    let mut all = in_use;
    all.retain(|mistake| !earlier.contains_key(&mistake.file));
    all.extend(as_they_are.into_iter().filter(|mistake| earlier.contains_key(&mistake.file)));
    all.extend(files.iter().filter_map(ConfigFile::mistake));
    all.extend(earlier.keys().map(|path| Mistake {
        file: path.clone(),
        line: 1,
        column: 1,
        severity: Severity::Warning,
        code: MistakeCode::EarlierVersion,
        reason: "what this file said before it became wrong stays in use until it is put right".to_owned(),
    }));
    // Stable, so that mistakes of one line keep their order.
    all.sort_by(|one, other| (&one.file, one.line, one.column).cmp(&(&other.file, other.line, other.column)));
    all
}

fn revision(files: &[ConfigFile], earlier: &Versions) -> String {
    let mut hash = Sha256::new();
    let mut add = |text: &str| {
        hash.update(text.len().to_le_bytes());
        hash.update(text);
    };
    for file in files {
        add(&file.path);
        add(file.text().map_or("", |text| text));
    }
    for version in earlier.values() {
        add(&version.text);
    }
    let mut digits = String::with_capacity(16);
    for byte in hash.finalize().iter().take(8) {
        // Writing to a string does not fail.
        let _ = write!(digits, "{byte:02x}");
    }
    digits
}
