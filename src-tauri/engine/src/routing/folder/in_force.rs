//! What is in force of files that are wrong. Where an older version is, every answer it had a say in says so. Where none is,
//! nothing is sent that the file might have kept back: what a rule would have said is not known.

use roundtable_domain::{Notice, NoticeSaying, Target};
use roundtable_router::route::{Expansion, GroupRef, Mistake, Severity};

use super::{Config, ConfigFile};
use crate::notices::told;

/// The files every choice goes by.
const FOR_ALL: [&str; 3] = ["rules", "choice", "aliases"];

/// The folders of groups and pools.
const GROUPS: &str = "groups/";
const POOLS: &str = "pools/";

/// The part of a file's name that is what it is called in the folder.
fn stem(path: &str) -> &str {
    path.strip_suffix(".yaml").or_else(|| path.strip_suffix(".yml")).unwrap_or(path)
}

impl Config {
    /// Files that are wrong and of which no version is known that was right. One whose name another file has counts for nothing,
    /// and nothing is lost with it.
    fn lost(&self) -> impl Iterator<Item = &str> {
        let stands = |path: &str| {
            let same = |other: &&ConfigFile| other.path != path && stem(&other.path) == stem(path);
            self.files.iter().filter(same).any(|other| !self.faulty.contains(&other.path))
        };
        let wrong = self.faulty.iter().map(String::as_str);
        wrong.filter(move |path| !self.earlier.contains_key(*path) && !stands(path))
    }

    /// Why nothing is sent to a route, before it is looked up: it is not known what the rules say, or what its own file says.
    pub(in crate::routing) fn keeps_back(&self, target: &Target) -> Option<String> {
        if let Some(rules) = self.lost().find(|path| stem(path) == "rules") {
            return Some(format!(
                "{}. What it says of such a prompt is not known, and nothing was sent. Put it right, or name a model by its own \
                 name: rules do not touch that.",
                self.wrong(rules)
            ));
        }
        match target {
            Target::Model(_) => None,
            Target::Route(name) => self.own_file(name),
            // Without any route `auto` is every model there is, which is not what somebody meant who wrote a group.
            Target::Auto if !self.routes.groups.is_empty() || !self.routes.pools.is_empty() => None,
            Target::Auto => {
                let lost = self.lost().find(|path| path.starts_with(GROUPS) || path.starts_with(POOLS))?;
                Some(format!(
                    "{}. Whom it names is not known, and nothing was sent. Put it right, or name a model.",
                    self.wrong(lost)
                ))
            }
        }
    }

    /// The same for a name alone: its pool or its group is written in a file that cannot be used.
    fn own_file(&self, name: &str) -> Option<String> {
        let group = name.trim().parse().ok().map(|GroupRef { group, .. }| group);
        let group = group.as_deref().unwrap_or(name);
        let is_own = |path: &&str| {
            let stem = stem(path);
            stem.strip_prefix(POOLS) == Some(name.trim()) || stem.strip_prefix(GROUPS) == Some(group)
        };
        let lost = self.lost().find(is_own)?;
        Some(format!(
            "{}. Whom it names is not known, and nothing was sent. Put it right, or name a model.",
            self.wrong(lost)
        ))
    }

    /// What may be the reason that a name means nothing, or nobody.
    pub(in crate::routing) fn may_be_why(&self) -> Option<String> {
        let all: Vec<String> = self.lost().map(|path| self.wrong(path)).collect();
        (!all.is_empty()).then(|| format!("{}.", all.join(". ")))
    }

    /// What an answer over a route is told of the files it went by.
    pub(in crate::routing) fn notices(&self, expansion: &Expansion, is_auto: bool) -> Vec<Notice> {
        let groups = self.groups_of(expansion);
        let counts = |path: &str| {
            let stem = stem(path);
            let is_pool = |pool: &str| expansion.pool.as_ref().is_some_and(|own| own.name == pool);
            FOR_ALL.contains(&stem)
                || is_auto
                || stem.strip_prefix(POOLS).is_some_and(is_pool)
                || stem.strip_prefix(GROUPS).is_some_and(|group| groups.iter().any(|own| own == group))
        };
        self.faulty
            .iter()
            .filter(|path| counts(path))
            .map(|path| {
                let (file, line) = (path.clone(), self.first_error(path).map(|mistake| mistake.line));
                told(match self.earlier.get(path) {
                    Some(version) => NoticeSaying::EarlierFileInForce { file, line, as_of: version.as_of },
                    None => NoticeSaying::FileNotInForce { file, line },
                })
            })
            .collect()
    }

    /// The groups a route goes through, and those that groups and pools on its way name.
    fn groups_of(&self, expansion: &Expansion) -> Vec<String> {
        let rungs = expansion.candidates.iter().filter_map(|one| Some(one.rung.as_ref()?.group.clone()));
        let mut groups: Vec<String> = rungs.collect();
        groups.dedup();
        let named = groups.iter().filter_map(|group| self.routes.groups.get(group)?.fallback.as_ref());
        let mut more: Vec<String> =
            named.flat_map(|fallback| &fallback.fallback_groups).map(|named| named.group.clone()).collect();
        more.extend(
            expansion.pool.iter().flat_map(|pool| &pool.task_groups).map(|named| named.group.clone()),
        );
        groups.extend(more);
        groups
    }

    /// The file, its line, and what is wrong there.
    fn wrong(&self, path: &str) -> String {
        match self.first_error(path) {
            Some(Mistake { line, reason, .. }) => format!("{path} is wrong at line {line}: {reason}"),
            None => format!("{path} cannot be used"),
        }
    }

    fn first_error(&self, path: &str) -> Option<&Mistake> {
        self.mistakes.iter().find(|mistake| mistake.file == path && mistake.severity == Severity::Error)
    }
}
