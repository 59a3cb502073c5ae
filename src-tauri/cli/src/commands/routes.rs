//! `routes`: the groups, pools, aliases and rules in force.

use std::process::ExitCode;

use roundtable_engine::view::{ChoiceView, GroupView, PoolView, RoutesView, RuleView};
use serde::Serialize;

use super::Context;
use super::config::show_mistakes;
use crate::failure::Failure;
use crate::output;

/// One line of `routes --json`.
#[derive(Serialize)]
struct Line<'a, T> {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(flatten)]
    value: &'a T,
}

pub(crate) async fn run(context: &Context) -> Result<ExitCode, Failure> {
    let engine = context.engine().await?;
    let routes = engine.routes().await;
    engine.shutdown().await;
    let routes = routes?;
    if context.json { objects(context, &routes) } else { tables(&routes) }?;
    Ok(ExitCode::SUCCESS)
}

fn objects(context: &Context, routes: &RoutesView) -> Result<(), Failure> {
    list("group", &routes.groups)?;
    list("pool", &routes.pools)?;
    list("alias", &routes.aliases)?;
    list("rule", &routes.rules)?;
    if routes.choice != ChoiceView::default() {
        list("choice", std::slice::from_ref(&routes.choice))?;
    }
    show_mistakes(context, &routes.mistakes)
}

fn list<T: Serialize>(kind: &'static str, values: &[T]) -> Result<(), Failure> {
    values.iter().try_for_each(|value| output::object(&Line { kind, value }))
}

fn tables(routes: &RoutesView) -> Result<(), Failure> {
    let mut rows = vec![["TARGET", "KIND", "MODELS"].map(str::to_owned).to_vec()];
    rows.extend(routes.pools.iter().map(pool_row));
    rows.extend(routes.groups.iter().flat_map(group_rows));
    rows.extend(
        routes.aliases.iter().map(|alias| vec![alias.name.clone(), "alias".to_owned(), alias.model.clone()]),
    );
    if rows.len() == 1 {
        output::line(&format!("There are no groups, pools or aliases in {}.", routes.folder))?;
    } else {
        output::table(&rows)?;
    }
    for (place, rule) in (1_u32..).zip(&routes.rules) {
        output::line(&format!("rule {place}: {}", rule_line(rule)))?;
    }
    let wrong = routes.mistakes.len();
    if wrong > 0 {
        output::note(&format!("{wrong} mistakes or warnings; see: roundtable-cli config check"));
    }
    Ok(())
}

fn pool_row(pool: &PoolView) -> Vec<String> {
    let from = pool.task_groups.join(", ");
    vec![pool.name.clone(), format!("pool, {}", pool.rotation_strategy), format!("from {from}")]
}

fn group_rows(group: &GroupView) -> Vec<Vec<String>> {
    let strategy =
        group.fallback_config.as_ref().map_or("echelon_down", |fallback| fallback.strategy.as_str());
    let mut rows = vec![vec![group.name.clone(), format!("group, {strategy}"), String::new()]];
    rows.extend(group.echelons.iter().map(|echelon| {
        let target = format!("{}.echelon{}", group.name, echelon.number);
        vec![target, String::new(), echelon.models.join(", ")]
    }));
    rows
}

fn rule_line(rule: &RuleView) -> String {
    let off = if rule.enabled { "" } else { " (off)" };
    let to = rule.then.to.as_ref().map(|to| format!(" -> {to}")).unwrap_or_default();
    format!("{}{off}{to}", rule.name)
}
