//! A group or a pool under another name: whatever names the old one names the new one.

use roundtable_router::route::Value;

use super::super::Config;
use super::super::values::{group_value, pool_value, rule_value};
use super::super::views::{group_view, pool_view, rule_view};

/// The files of groups and pools that name a group, by their paths, with what they are to hold.
pub(super) fn in_files(config: &Config, old: &str, new: &str) -> Vec<(String, Value)> {
    groups(config, old, new).into_iter().chain(pools(config, old, new)).collect()
}

fn groups(config: &Config, old: &str, new: &str) -> Vec<(String, Value)> {
    let mut changed = Vec::new();
    for group in config.routes.groups.values() {
        let mut view = group_view(group);
        let named = view.fallback_config.iter_mut().flat_map(|fallback| &mut fallback.fallback_groups);
        if rename_all(named, old, new) {
            changed.extend(path(config, "groups", &group.name).map(|path| (path, group_value(&view))));
        }
    }
    changed
}

fn pools(config: &Config, old: &str, new: &str) -> Vec<(String, Value)> {
    let mut changed = Vec::new();
    for pool in config.routes.pools.values() {
        let mut view = pool_view(pool);
        if !rename_all(view.task_groups.iter_mut(), old, new) {
            continue;
        }
        let weights = std::mem::take(&mut view.weights);
        let renamed = |(name, weight): (String, u32)| (rename(&name, old, new).unwrap_or(name), weight);
        view.weights = weights.into_iter().map(renamed).collect();
        changed.extend(path(config, "pools", &pool.name).map(|path| (path, pool_value(&view))));
    }
    changed
}

/// The rules, if one of them names a group or a pool.
pub(super) fn in_rules(config: &Config, old: &str, new: &str) -> Option<Vec<Value>> {
    let mut views: Vec<_> = config.rules.rules().map(rule_view).collect();
    let named = views.iter_mut().filter_map(|view| view.then.to.as_mut());
    rename_all(named, old, new).then(|| views.iter().map(rule_value).collect())
}

fn rename_all<'a>(names: impl Iterator<Item = &'a mut String>, old: &str, new: &str) -> bool {
    let mut any = false;
    for name in names {
        if let Some(renamed) = rename(name, old, new) {
            *name = renamed;
            any = true;
        }
    }
    any
}

/// The name itself, or one of its echelons.
fn rename(name: &str, old: &str, new: &str) -> Option<String> {
    match name.trim().strip_prefix(old)? {
        "" => Some(new.to_owned()),
        echelon if echelon.starts_with('.') => Some(format!("{new}{echelon}")),
        _ => None,
    }
}

fn path(config: &Config, folder: &str, name: &str) -> Option<String> {
    let paths = [format!("{folder}/{name}.yaml"), format!("{folder}/{name}.yml")];
    paths.into_iter().find(|path| config.file(path).is_some())
}
