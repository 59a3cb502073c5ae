//! `emulator`: the built-in emulator as a server of its own, for trying other programs and for tests.

use std::process::ExitCode;
use std::time::Duration;

use roundtable_emulator::{EMBEDDING_MODEL, Emulator, EmulatorOptions, Pace, demo_models, fault_models};
use serde_json::json;

use super::Context;
use crate::arguments;
use crate::failure::Failure;
use crate::interrupt::asked_to_stop;
use crate::output;

pub(crate) async fn run(context: &Context, arguments: &arguments::Emulator) -> Result<ExitCode, Failure> {
    let pace = if arguments.instant { Pace::Instant } else { Pace::Realistic };
    let options = EmulatorOptions { port: arguments.port, pace, ..EmulatorOptions::default() };
    let emulator = Emulator::start(options).await.map_err(|error| Failure::Emulator(error.to_string()))?;
    announce(context, &emulator.base_url())?;
    let limit = arguments.seconds.map_or(Duration::MAX, Duration::from_secs);
    tokio::select! {
        () = asked_to_stop() => {}
        () = tokio::time::sleep(limit) => {}
    }
    emulator.shutdown().await;
    Ok(ExitCode::SUCCESS)
}

fn announce(context: &Context, base_url: &str) -> Result<(), Failure> {
    let models: Vec<&str> = demo_models().iter().map(|model| model.id).collect();
    if context.json {
        let faults: Vec<&str> = fault_models().iter().map(|(name, _)| *name).collect();
        return output::object(&json!({
            "type": "emulator",
            "base_url": base_url,
            "simulated": true,
            "kinds": {
                "openai": format!("{base_url}/v1"),
                "openai-responses": format!("{base_url}/v1"),
                "openai-completions": format!("{base_url}/v1"),
                "anthropic": format!("{base_url}/v1"),
                "gemini": format!("{base_url}/v1beta"),
                "ollama": base_url,
            },
            "models": models,
            "embedding_model": EMBEDDING_MODEL,
            "fault_models": faults,
        }));
    }
    output::line(&format!("A simulated model server listens at {base_url} (end it with Ctrl-C)."))?;
    output::line(
        "Give other programs, or `roundtable-cli ask --kind KIND --base-url URL`, one of these addresses:",
    )?;
    output::line(&format!(
        "  openai, openai-responses, openai-completions, anthropic  {base_url}/v1\n  gemini  {base_url}/v1beta\n  ollama  {base_url}"
    ))?;
    output::line(&format!(
        "Models: {}. They name the images and files they are given, call a tool when the prompt speaks of what it does, and keep to a JSON schema; all of it is simulated. Vectors: {EMBEDDING_MODEL}. Any key works; one that begins with \"bad\" is refused.",
        models.join(", ")
    ))?;
    output::line("Models that fail on purpose:")?;
    let rows: Vec<Vec<String>> = fault_models()
        .iter()
        .map(|(name, description)| vec![format!("  {name}"), (*description).to_owned()])
        .collect();
    output::table(&rows)
}
