//! `config`: what is wrong in the files of the config folder, and the old file turned into new ones.

use std::process::ExitCode;

use roundtable_engine::view::{MistakeView, RoutesView};
use roundtable_engine::{ConfigMigration, Engine, FileChange, MigratedFile, MigrationOptions};
use serde::Serialize;
use serde_json::json;

use super::Context;
use crate::arguments::{Config, ConfigAction, Migrate};
use crate::failure::Failure;
use crate::output;

/// One mistake of `--json`.
#[derive(Serialize)]
pub(super) struct MistakeLine<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    file: &'a str,
    line: u32,
    column: u32,
    severity: &'static str,
    code: &'a str,
    reason: &'a str,
}

pub(crate) async fn run(context: &Context, arguments: Config) -> Result<ExitCode, Failure> {
    let engine = context.engine().await?;
    let done = match arguments.action {
        ConfigAction::Check => check(context, &engine).await,
        ConfigAction::Migrate(arguments) => migrate(context, &engine, arguments).await,
    };
    engine.shutdown().await;
    done.map(|()| ExitCode::SUCCESS)
}

async fn check(context: &Context, engine: &Engine) -> Result<(), Failure> {
    let routes = engine.routes().await?;
    show_mistakes(context, &routes.mistakes)?;
    let errors = routes.mistakes.iter().filter(|mistake| !mistake.warning).count();
    let warnings = routes.mistakes.len() - errors;
    show_summary(context, &routes, errors, warnings)?;
    if errors > 0 {
        let message = format!("{} has {}.", routes.folder, counted(errors, "error"));
        return Err(Failure::Config(message));
    }
    Ok(())
}

fn show_summary(
    context: &Context,
    routes: &RoutesView,
    errors: usize,
    warnings: usize,
) -> Result<(), Failure> {
    let RoutesView { folder, revision, groups, pools, aliases, rules, .. } = routes;
    if context.json {
        return output::object(&json!({
            "type": "config",
            "folder": folder,
            "revision": revision,
            "groups": groups.len(),
            "pools": pools.len(),
            "aliases": aliases.len(),
            "rules": rules.len(),
            "errors": errors,
            "warnings": warnings,
        }));
    }
    let parts = [
        counted(groups.len(), "group"),
        counted(pools.len(), "pool"),
        if aliases.len() == 1 { "1 alias".to_owned() } else { format!("{} aliases", aliases.len()) },
        counted(rules.len(), "rule"),
        counted(errors, "error"),
        counted(warnings, "warning"),
    ];
    output::line(&format!("{folder}: {}", parts.join(", ")))
}

async fn migrate(context: &Context, engine: &Engine, arguments: Migrate) -> Result<(), Failure> {
    let options = MigrationOptions {
        name: arguments.name,
        backup: !arguments.no_backup,
        validate_only: arguments.validate_only,
    };
    let migration = engine.migrate_config(&arguments.file, &options).await?;
    if !migration.mistakes.is_empty() {
        show_mistakes(context, &migration.mistakes)?;
        let message = format!("{} was not migrated; nothing was written.", arguments.file.display());
        return Err(Failure::Config(message));
    }
    if context.json {
        return output::object(&migration_object(&migration, options.validate_only));
    }
    for file in &migration.files {
        output::line(&format!("{}: {}", file.path, what_was_done(file, options.validate_only)))?;
        if arguments.verbose {
            file.text.lines().try_for_each(|line| output::line(&format!("    {line}")))?;
        }
    }
    if arguments.verbose {
        migration.notes.iter().try_for_each(|note| output::line(note))?;
    }
    migration.backups.iter().try_for_each(|path| output::line(&format!("kept a copy: {}", path.display())))
}

fn migration_object(migration: &ConfigMigration, validate_only: bool) -> serde_json::Value {
    let file =
        |file: &MigratedFile| json!({"path": file.path, "change": file.change.as_str(), "text": file.text});
    json!({
        "type": "migration",
        "written": !validate_only,
        "files": migration.files.iter().map(file).collect::<Vec<_>>(),
        "backups": migration.backups.iter().map(|path| path.display().to_string()).collect::<Vec<_>>(),
        "notes": migration.notes,
    })
}

fn what_was_done(file: &MigratedFile, validate_only: bool) -> &'static str {
    match (file.change, validate_only) {
        (FileChange::None, _) => "is like this already",
        (FileChange::New, false) => "written",
        (FileChange::Replaced, false) => "replaced",
        (FileChange::New, true) => "would be written",
        (FileChange::Replaced, true) => "would be replaced",
    }
}

/// Lines that editors know how to jump from, or one object each.
pub(super) fn show_mistakes(context: &Context, mistakes: &[MistakeView]) -> Result<(), Failure> {
    mistakes.iter().try_for_each(|mistake| {
        let severity = if mistake.warning { "warning" } else { "error" };
        let MistakeView { file, line, column, code, reason, .. } = mistake;
        if context.json {
            let kind = "mistake";
            return output::object(&MistakeLine {
                kind,
                file,
                line: *line,
                column: *column,
                severity,
                code,
                reason,
            });
        }
        output::line(&format!("{file}:{line}:{column}: {severity}: {reason}"))
    })
}

fn counted(number: usize, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}
