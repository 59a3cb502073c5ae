//! Values and where they come from: per provider, per model, per lane, and profiles of them.

use roundtable_domain::{LaneId, Params};
use roundtable_engine::view::{AppError, EffectiveValue, Profile, ProviderSettings};
use tauri::{State, command};

use crate::shell::Shell;

#[command]
pub(crate) async fn provider_settings(
    shell: State<'_, Shell>,
    provider_id: String,
) -> Result<ProviderSettings, AppError> {
    shell.engine().await?.provider_settings(&provider_id).await
}

#[command]
pub(crate) async fn save_provider_settings(
    shell: State<'_, Shell>,
    provider_id: String,
    settings: ProviderSettings,
) -> Result<ProviderSettings, AppError> {
    shell.engine().await?.save_provider_settings(&provider_id, settings).await
}

#[command]
pub(crate) async fn model_params(shell: State<'_, Shell>, target: String) -> Result<Params, AppError> {
    shell.engine().await?.model_params(&target).await
}

#[command]
pub(crate) async fn save_model_params(
    shell: State<'_, Shell>,
    target: String,
    params: Params,
) -> Result<Params, AppError> {
    shell.engine().await?.save_model_params(&target, params).await
}

#[command]
pub(crate) async fn effective_values(
    shell: State<'_, Shell>,
    lane_id: LaneId,
) -> Result<Vec<EffectiveValue>, AppError> {
    shell.engine().await?.effective_values(lane_id).await
}

#[command]
pub(crate) async fn model_values(
    shell: State<'_, Shell>,
    target: String,
) -> Result<Vec<EffectiveValue>, AppError> {
    shell.engine().await?.model_values(&target, None).await
}

#[command]
pub(crate) async fn list_profiles(shell: State<'_, Shell>) -> Result<Vec<Profile>, AppError> {
    shell.engine().await?.list_profiles().await
}

#[command]
pub(crate) async fn save_profile(
    shell: State<'_, Shell>,
    profile: Profile,
) -> Result<Vec<Profile>, AppError> {
    shell.engine().await?.save_profile(profile).await
}

#[command]
pub(crate) async fn remove_profile(
    shell: State<'_, Shell>,
    profile_id: String,
) -> Result<Vec<Profile>, AppError> {
    shell.engine().await?.remove_profile(&profile_id).await
}
