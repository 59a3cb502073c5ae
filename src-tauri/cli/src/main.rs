//! `roundtable-cli`: the engine without a window.
//!
//! Commands are thin: they read the command line, call the engine and print. With `--json` every line on standard output is
//! one object, described in `docs/cli.md`; a failure is one object on standard error and a non-zero exit. It must not decide
//! policy, compute money or link the window's toolkit.

mod arguments;
mod commands;
mod failure;
mod interrupt;
mod output;
mod prompt;

use std::process::ExitCode;

use clap::Parser;

use crate::arguments::{Arguments, Command, asks_for_json};
use crate::failure::Failure;

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return refuse(&error),
    };
    let json = arguments.json || arguments.command.prints_json();
    match Box::pin(run(arguments)).await {
        Ok(code) => code,
        Err(failure) => {
            output::failure(&failure, json);
            failure.exit_code()
        }
    }
}

/// Prints help where it was asked for, else what is wrong with the command line.
fn refuse(error: &clap::Error) -> ExitCode {
    if error.use_stderr() && asks_for_json(std::env::args_os()) {
        let text = error.render().to_string();
        let message = text.lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned();
        let failure = Failure::Usage(message);
        output::failure(&failure, true);
        return failure.exit_code();
    }
    // Nobody is left to be told when the terminal is gone.
    let _ = error.print();
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
}

async fn run(arguments: Arguments) -> Result<ExitCode, Failure> {
    let context = commands::Context::new(&arguments);
    match arguments.command {
        Command::Ask(ask) => commands::ask::run(&context, *ask).await,
        Command::Batch(batch) => commands::batch::run(&context, *batch).await,
        Command::Models(models) => commands::models::run(&context, models).await,
        Command::Keys(keys) => commands::keys::run(&context, keys).await,
        Command::Providers(providers) => commands::providers::run(&context, providers).await,
        Command::Routes => commands::routes::run(&context).await,
        Command::Route(route) => commands::route::run(&context, route).await,
        Command::Config(config) => commands::config::run(&context, config).await,
        Command::Settings(settings) => commands::settings::run(&context, settings).await,
        Command::Profiles(profiles) => commands::profiles::run(&context, profiles).await,
        Command::Embed(embed) => commands::embed::run(&context, embed).await,
        Command::Tokens(tokens) => commands::tokens::run(&context, tokens).await,
        Command::Cost(cost) => commands::cost::run(&context, &cost).await,
        Command::Ledger(ledger) => commands::ledger::run(&context, ledger).await,
        Command::Budget(budget) => commands::budget::run(&context, budget).await,
        Command::Alerts(alerts) => commands::alerts::run(&context, alerts).await,
        Command::Reconcile(reconcile) => commands::reconcile::run(&context, reconcile).await,
        Command::Stats(stats) => commands::stats::run(&context, stats).await,
        Command::Analysis(analysis) => commands::analysis::run(&context, analysis).await,
        Command::Advice(advice) => commands::analysis::advice(&context, advice).await,
        Command::Cache(cache) => commands::cache::run(&context, cache).await,
        Command::Emulator(emulator) => commands::emulator::run(&context, &emulator).await,
    }
}
