//! The checks that need more than one file: names that are not there, circles, models nobody knows.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use roundtable_domain::{ModelRef, Target};

use super::load::{Routes, Source};
use super::mention::Named;
use super::mistake::{MistakeCode, Place, Report, did_you_mean};
use super::name::{GroupRef, echelon_key};

/// The groups each group falls back to as a whole.
type Edges = BTreeMap<String, Vec<String>>;

/// Checks what the files name against what there is.
pub(crate) fn across(routes: &Routes, sources: &mut [Source], known: Option<&BTreeSet<ModelRef>>) {
    let written: BTreeSet<String> = sources.iter().filter_map(|source| source.group.clone()).collect();
    let edges = whole_group_edges(sources);
    for source in sources {
        let Source { report, mentions, group } = source;
        for mention in mentions.iter() {
            match &mention.named {
                Named::Model(text) => check_model(text, mention.place, routes, known, report),
                Named::Group(reference, key) => {
                    check_group(reference, mention.place, routes, &written, report);
                    if let (Some(from), None, &"fallback_groups") = (&*group, reference.echelon, key) {
                        check_circle(from, &reference.group, mention.place, &edges, report);
                    }
                }
                Named::Alias(name) => check_alias(name, mention.place, routes, report),
                Named::Target(text) => check_target(text, mention.place, routes, known, report),
            }
        }
        if let Some(name) = group.as_ref().filter(|name| routes.pools.contains_key(*name)) {
            let reason = format!(
                "there is a pool \"{name}\" too, and a pool comes first; only {name}.echelonN reaches this group"
            );
            report.warning(Place::START, MistakeCode::Hidden, reason);
        }
    }
}

fn whole_group_edges(sources: &[Source]) -> Edges {
    let mut edges = Edges::new();
    for source in sources {
        let Some(from) = &source.group else { continue };
        let to = source.mentions.iter().filter_map(|mention| match &mention.named {
            Named::Group(reference, _) if reference.echelon.is_none() => Some(reference.group.clone()),
            _ => None,
        });
        edges.entry(from.clone()).or_default().extend(to);
    }
    edges
}

fn check_model(
    text: &str,
    place: Place,
    routes: &Routes,
    known: Option<&BTreeSet<ModelRef>>,
    report: &mut Report,
) {
    let Some(model) = routes.aliases.model(text) else {
        let hint = did_you_mean(text, routes.aliases.iter().map(|(name, _)| name));
        let reason = format!("\"{text}\" is neither provider/model nor an alias, and is passed over{hint}");
        report.warning(place, MistakeCode::UnknownModel, reason);
        return;
    };
    let Some(known) = known.filter(|known| !known.contains(&model)) else { return };
    let names: Vec<String> = known.iter().map(ToString::to_string).collect();
    let hint = did_you_mean(&model.to_string(), names.iter().map(String::as_str));
    let reason = format!(
        "the model {model} is not known (yet); where its provider is set up it is asked as it stands{hint}"
    );
    report.warning(place, MistakeCode::UnknownModel, reason);
}

fn check_target(
    text: &str,
    place: Place,
    routes: &Routes,
    known: Option<&BTreeSet<ModelRef>>,
    report: &mut Report,
) {
    match text.parse::<Target>() {
        Ok(Target::Model(model)) => check_model(&model.to_string(), place, routes, known, report),
        Ok(target) => {
            if let Err(error) = routes.resolve(&target) {
                report.error(place, MistakeCode::NotThere, error.to_string());
            }
        }
        Err(error) => report.error(place, MistakeCode::BadName, error.to_string()),
    }
}

fn check_group(
    reference: &GroupRef,
    place: Place,
    routes: &Routes,
    written: &BTreeSet<String>,
    report: &mut Report,
) {
    let name = &reference.group;
    let reason = match (routes.groups.get(name), reference.echelon) {
        (Some(group), Some(number)) if group.echelon(number).is_none() => {
            let there: Vec<String> =
                group.echelons.iter().map(|echelon| echelon_key(echelon.number)).collect();
            format!("the group \"{name}\" has no {}; it has {}", echelon_key(number), there.join(", "))
        }
        (Some(_), _) => return,
        (None, _) if written.contains(name) => {
            format!("the group \"{name}\" cannot be used until the mistakes in its own file are put right")
        }
        (None, _) if routes.pools.contains_key(name) => {
            format!("\"{name}\" is a pool; only groups and their echelons can be named here")
        }
        (None, _) => {
            format!("there is no group \"{name}\"{}", did_you_mean(name, written.iter().map(String::as_str)))
        }
    };
    report.error(place, MistakeCode::NotThere, reason);
}

fn check_circle(from: &str, to: &str, place: Place, edges: &Edges, report: &mut Report) {
    if let Some(way) = shortest_way(to, from, edges) {
        let reason = format!(
            "groups fall back to each other in a circle: {from} -> {}; name an echelon, {to}.echelonN, or leave one out",
            way.join(" -> ")
        );
        report.error(place, MistakeCode::Cycle, reason);
    }
}

/// The groups on the shortest way between two, both included.
fn shortest_way(from: &str, to: &str, edges: &Edges) -> Option<Vec<String>> {
    let mut ways: VecDeque<Vec<String>> = VecDeque::from([vec![from.to_owned()]]);
    let mut seen: BTreeSet<String> = BTreeSet::from([from.to_owned()]);
    while let Some(way) = ways.pop_front() {
        let last = way.last()?;
        if last == to {
            return Some(way);
        }
        for next in edges.get(last).into_iter().flatten() {
            if seen.insert(next.clone()) {
                let mut longer = way.clone();
                longer.push(next.clone());
                ways.push_back(longer);
            }
        }
    }
    None
}

fn check_alias(name: &str, place: Place, routes: &Routes, report: &mut Report) {
    let hidden_by = if routes.pools.contains_key(name) {
        "pool"
    } else if routes.group_named(name).is_some() {
        "group"
    } else {
        return;
    };
    let reason = format!(
        "there is a {hidden_by} \"{name}\" too, and it comes before the alias wherever a lane names it"
    );
    report.warning(place, MistakeCode::Hidden, reason);
}
