//! Providers, keys and models. A key comes in once and never goes out.

use roundtable_domain::KeyId;
use roundtable_engine::view::{
    AppError, DialectView, KeyCheckView, LocalServer, ModelView, NewProvider, ProviderView,
};
use secrecy::SecretString;
use tauri::{State, command};

use crate::shell::Shell;

#[command]
pub(crate) async fn list_models(shell: State<'_, Shell>) -> Result<Vec<ModelView>, AppError> {
    shell.engine().await?.list_models().await
}

#[command]
pub(crate) async fn list_providers(shell: State<'_, Shell>) -> Result<Vec<ProviderView>, AppError> {
    shell.engine().await?.list_providers().await
}

#[command]
pub(crate) async fn list_dialects(shell: State<'_, Shell>) -> Result<Vec<DialectView>, AppError> {
    Ok(shell.engine().await?.list_dialects())
}

#[command]
pub(crate) async fn save_provider(
    shell: State<'_, Shell>,
    provider: NewProvider,
) -> Result<ProviderView, AppError> {
    shell.engine().await?.save_provider(provider).await
}

#[command]
pub(crate) async fn remove_provider(shell: State<'_, Shell>, provider_id: String) -> Result<(), AppError> {
    shell.engine().await?.remove_provider(&provider_id).await
}

#[command]
pub(crate) async fn set_key(
    shell: State<'_, Shell>,
    provider_id: String,
    secret: SecretString,
) -> Result<KeyCheckView, AppError> {
    shell.engine().await?.set_key(&provider_id, secret).await
}

#[command]
pub(crate) async fn remove_key(
    shell: State<'_, Shell>,
    provider_id: String,
) -> Result<ProviderView, AppError> {
    shell.engine().await?.remove_key(&provider_id).await
}

#[command]
pub(crate) async fn add_key(
    shell: State<'_, Shell>,
    provider_id: String,
    label: String,
    secret: SecretString,
) -> Result<KeyCheckView, AppError> {
    shell.engine().await?.add_key(&provider_id, &label, secret).await
}

#[command]
pub(crate) async fn remove_one_key(
    shell: State<'_, Shell>,
    provider_id: String,
    key_id: KeyId,
) -> Result<ProviderView, AppError> {
    shell.engine().await?.remove_one_key(&provider_id, key_id).await
}

#[command]
pub(crate) async fn check_key(
    shell: State<'_, Shell>,
    provider_id: String,
) -> Result<KeyCheckView, AppError> {
    shell.engine().await?.check_key(&provider_id).await
}

#[command]
pub(crate) async fn detect_local_servers(shell: State<'_, Shell>) -> Result<Vec<LocalServer>, AppError> {
    shell.engine().await?.detect_local_servers().await
}

#[command]
pub(crate) async fn start_demo(shell: State<'_, Shell>) -> Result<ProviderView, AppError> {
    shell.engine().await?.start_demo().await
}
