//! The window's shell: the only place that knows tauri. It parses the command line, opens the engine on a data folder, shows
//! one window and passes that window's calls on. It must not decide, compute or store anything.

mod arguments;
mod commands;
mod desktop;
mod renderer;
mod shell;
mod window;

use std::process::ExitCode;

use clap::Parser;
use tauri::Manager as _;

use crate::arguments::Arguments;
use crate::shell::Shell;

/// Runs until the window is closed.
pub fn run() -> ExitCode {
    let arguments = Arguments::parse();
    renderer::suit_the_machine();
    let shell = match Shell::new(&arguments) {
        Ok(shell) => shell,
        Err(error) => return fail(&error.to_string()),
    };
    let built = tauri::Builder::default()
        .manage(shell)
        .invoke_handler(commands::handler())
        .setup(|app| {
            app.state::<Shell>().attach(app.handle());
            Ok(window::open(app.handle())?)
        })
        .build(tauri::generate_context!());
    match built {
        Ok(app) => {
            app.run(window::on_event);
            ExitCode::SUCCESS
        }
        Err(error) => fail(&format!("the window cannot be opened: {error}")),
    }
}

#[expect(clippy::print_stderr, reason = "there is no window to show it in")]
fn fail(message: &str) -> ExitCode {
    eprintln!("roundtable: {message}");
    ExitCode::FAILURE
}
