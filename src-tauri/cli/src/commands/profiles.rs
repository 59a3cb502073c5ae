//! `profiles`: named sets of values, and which one is in use.

use std::process::ExitCode;

use roundtable_engine::view::Profile;
use roundtable_engine::{Engine, EngineError};
use serde::Serialize;

use super::Context;
use crate::arguments::{ProfileAction, Profiles};
use crate::failure::Failure;
use crate::output;

/// One line of `profiles --json`.
#[derive(Serialize)]
struct Line<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(flatten)]
    profile: &'a Profile,
}

pub(crate) async fn run(context: &Context, arguments: Profiles) -> Result<ExitCode, Failure> {
    let engine = context.engine().await?;
    let profiles = act(&engine, arguments.action.unwrap_or(ProfileAction::List)).await;
    engine.shutdown().await;
    show(context, &profiles?)?;
    Ok(ExitCode::SUCCESS)
}

async fn act(engine: &Engine, action: ProfileAction) -> Result<Vec<Profile>, Failure> {
    let profiles = engine.list_profiles().await?;
    let ProfileAction::Use { profile: wanted } = action else { return Ok(profiles) };
    let found = profiles.into_iter().find(|profile| profile.id == wanted);
    let found = found.ok_or(EngineError::UnknownProfile(wanted))?;
    Ok(engine.save_profile(Profile { active: true, ..found }).await?)
}

fn show(context: &Context, profiles: &[Profile]) -> Result<(), Failure> {
    if context.json {
        return profiles.iter().try_for_each(|profile| output::object(&Line { kind: "profile", profile }));
    }
    let heading = ["", "PROFILE", "NAME", "FOR"].map(str::to_owned).to_vec();
    let row = |profile: &Profile| {
        let mark = if profile.active { "*" } else { "" };
        vec![mark.to_owned(), profile.id.clone(), profile.name.clone(), profile.description.clone()]
    };
    let rows: Vec<Vec<String>> = std::iter::once(heading).chain(profiles.iter().map(row)).collect();
    output::table(&rows)
}
