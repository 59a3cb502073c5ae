//! What models cost: the price list, its update, and the user's own prices.

use roundtable_engine::view::{AppError, CatalogueView, ModelView, OwnPrice};
use tauri::{State, command};

use crate::shell::Shell;

#[command]
pub(crate) async fn catalogue_status(shell: State<'_, Shell>) -> Result<CatalogueView, AppError> {
    shell.engine().await?.catalogue_status().await
}

#[command]
pub(crate) async fn update_catalogue(shell: State<'_, Shell>) -> Result<CatalogueView, AppError> {
    shell.engine().await?.update_catalogue().await
}

#[command]
pub(crate) async fn accept_prices(
    shell: State<'_, Shell>,
    targets: Vec<String>,
) -> Result<CatalogueView, AppError> {
    shell.engine().await?.accept_prices(&targets).await
}

#[command]
pub(crate) async fn dismiss_prices(
    shell: State<'_, Shell>,
    targets: Vec<String>,
) -> Result<CatalogueView, AppError> {
    shell.engine().await?.dismiss_prices(&targets).await
}

#[command]
pub(crate) async fn set_own_price(
    shell: State<'_, Shell>,
    target: String,
    price: Option<OwnPrice>,
) -> Result<ModelView, AppError> {
    shell.engine().await?.set_own_price(&target, price).await
}
