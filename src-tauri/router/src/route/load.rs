//! From the texts of the config folder to routes and rules, and everything that is wrong with them.

use std::collections::{BTreeMap, BTreeSet};

use roundtable_domain::ModelRef;

use super::aliases::{Aliases, read_aliases};
use super::check;
use super::choice::read_choice;
use super::group::{TaskGroup, read_group};
use super::mention::Mention;
use super::mistake::{Mistake, MistakeCode, Place, Report, Severity};
use super::name::check_name;
use super::pool::{PollingPool, read_pool};
use super::rules::read_rules;
use super::yaml;
use crate::choose::{Preference, RuleBook};

/// A file of the config folder.
#[derive(Clone, Copy, Debug)]
pub struct SourceFile<'a> {
    /// Its path in the folder, `groups/coding.yaml`: the part before the ending is the name. Mistakes repeat it.
    pub path: &'a str,
    /// All of its text.
    pub text: &'a str,
}

/// The groups, pools and aliases there are.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Routes {
    /// By name.
    pub groups: BTreeMap<String, TaskGroup>,
    /// By name.
    pub pools: BTreeMap<String, PollingPool>,
    /// Of models.
    pub aliases: Aliases,
}

/// What the files say.
#[derive(Clone, Debug, Default)]
pub struct Loaded {
    /// What can be used.
    pub routes: Routes,
    /// The rules without a mistake.
    pub rules: RuleBook,
    /// How to choose where no rule says so.
    pub preference: Preference,
    /// Files that have an error of their own, as given: nothing of a group or a pool is used then, and of aliases and rules
    /// what is right.
    pub faulty: BTreeSet<String>,
    /// What is wrong, by file as given, then by line.
    pub mistakes: Vec<Mistake>,
}

impl Loaded {
    /// Whether nothing keeps anything from being used.
    pub fn has_no_errors(&self) -> bool {
        self.mistakes.iter().all(|mistake| mistake.severity == Severity::Warning)
    }
}

/// Which file it is, by its path.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    Group(String),
    Pool(String),
    Aliases,
    Rules,
    Choice,
}

/// One file after reading.
pub(crate) struct Source {
    pub report: Report,
    pub mentions: Vec<Mention>,
    /// The group it is, even if the group is not used.
    pub group: Option<String>,
}

/// Reads the files, in whatever order, and checks each by itself and all of them together.
///
/// `known` are the models that can be asked; without it models are not checked. Two files for one name: the first counts.
pub fn load(files: &[SourceFile<'_>], known: Option<&BTreeSet<ModelRef>>) -> Loaded {
    let mut loaded = Loaded::default();
    let mut sources: Vec<Source> = Vec::with_capacity(files.len());
    let mut taken: Vec<(Kind, &str)> = Vec::new();
    for file in files {
        let mut source = Source { report: Report::new(file.path), mentions: Vec::new(), group: None };
        if let Some(kind) = kind_of(file.path, &mut source.report) {
            if let Some((_, first)) = taken.iter().find(|(other, _)| *other == kind) {
                let reason = format!("{first} has the same name and counts; remove one of the two");
                source.report.error(Place::START, MistakeCode::Duplicate, reason);
            } else {
                read_file(&kind, file.text, &mut loaded, &mut source);
                taken.push((kind, file.path));
            }
        }
        if source.report.has_errors() {
            loaded.faulty.insert(file.path.to_owned());
        }
        sources.push(source);
    }
    check::across(&loaded.routes, &mut sources, known);
    loaded.mistakes = sources.into_iter().flat_map(|source| source.report.into_mistakes()).collect();
    loaded
}

fn read_file(kind: &Kind, text: &str, loaded: &mut Loaded, source: &mut Source) {
    if let Kind::Group(name) = kind {
        source.group = Some(name.clone());
    }
    let Some(node) = yaml::read(text, &mut source.report) else { return };
    let Source { report, mentions, .. } = source;
    let Loaded { routes, rules, preference, .. } = loaded;
    match kind {
        Kind::Group(name) => {
            let group = read_group(name, &node, report, mentions).filter(|_| !report.has_errors());
            routes.groups.extend(group.map(|group| (name.clone(), group)));
        }
        Kind::Pool(name) => {
            let pool = read_pool(name, &node, report, mentions).filter(|_| !report.has_errors());
            routes.pools.extend(pool.map(|pool| (name.clone(), pool)));
        }
        Kind::Aliases => routes.aliases = read_aliases(&node, report, mentions),
        Kind::Rules => *rules = read_rules(&node, report, mentions),
        Kind::Choice => *preference = read_choice(&node, report),
    }
}

/// What the path says; reported if it says nothing.
fn kind_of(path: &str, report: &mut Report) -> Option<Kind> {
    let parts: Vec<&str> = path.split(['/', '\\']).collect();
    let (folder, file) = match parts.as_slice() {
        [.., folder, file] => (*folder, *file),
        [file] => ("", *file),
        [] => ("", ""),
    };
    let stem = file.strip_suffix(".yaml").or_else(|| file.strip_suffix(".yml"));
    let kind = match (folder, stem) {
        ("groups", Some(name)) => Kind::Group(name.to_owned()),
        ("pools", Some(name)) => Kind::Pool(name.to_owned()),
        (_, Some("aliases")) => return Some(Kind::Aliases),
        (_, Some("rules")) => return Some(Kind::Rules),
        (_, Some("choice")) => return Some(Kind::Choice),
        _ => {
            let reason = "this is neither groups/NAME.yaml, pools/NAME.yaml, aliases.yaml, rules.yaml nor choice.yaml, and is not read";
            report.warning(Place::START, MistakeCode::UnexpectedFile, reason);
            return None;
        }
    };
    if let Err(error) = check_name(stem.unwrap_or_default()) {
        report.error(Place::START, MistakeCode::BadName, format!("the file's name is the name: {error}"));
        return None;
    }
    Some(kind)
}

#[cfg(test)]
mod tests;
