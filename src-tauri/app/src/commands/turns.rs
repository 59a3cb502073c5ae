//! Prompts and answers. What streams goes through the channel each call brings along.

use roundtable_domain::{ConversationId, LaneId, RunId, TurnId};
use roundtable_engine::view::{AppError, MoneyChoice, Resume, RunView, TurnBatch, TurnPreview, TurnView};
use tauri::ipc::Channel;
use tauri::{State, command};

use super::sink;
use crate::shell::Shell;

#[command]
pub(crate) async fn start_turn(
    shell: State<'_, Shell>,
    conversation_id: ConversationId,
    text: String,
    attachments: Vec<String>,
    lane_ids: Vec<LaneId>,
    money: MoneyChoice,
    on_batch: Channel<TurnBatch>,
) -> Result<TurnView, AppError> {
    shell
        .engine()
        .await?
        .start_turn(conversation_id, &text, &attachments, &lane_ids, money, sink(on_batch))
        .await
}

#[command]
pub(crate) async fn preview_turn(
    shell: State<'_, Shell>,
    conversation_id: ConversationId,
    text: String,
    attachments: Vec<String>,
    lane_ids: Vec<LaneId>,
    exact: bool,
) -> Result<TurnPreview, AppError> {
    shell.engine().await?.preview_turn(conversation_id, &text, &attachments, &lane_ids, exact).await
}

#[command]
pub(crate) async fn watch_turn(
    shell: State<'_, Shell>,
    turn_id: TurnId,
    on_batch: Channel<TurnBatch>,
) -> Result<(), AppError> {
    shell.engine().await?.watch_turn(turn_id, sink(on_batch)).await
}

#[command]
pub(crate) async fn retry_run(
    shell: State<'_, Shell>,
    run_id: RunId,
    money: MoneyChoice,
    on_batch: Channel<TurnBatch>,
) -> Result<RunView, AppError> {
    shell.engine().await?.retry_run(run_id, money, sink(on_batch)).await
}

#[command]
pub(crate) async fn retry_turn(
    shell: State<'_, Shell>,
    turn_id: TurnId,
    failed_only: bool,
    money: MoneyChoice,
    on_batch: Channel<TurnBatch>,
) -> Result<Vec<RunView>, AppError> {
    shell.engine().await?.retry_turn(turn_id, failed_only, money, sink(on_batch)).await
}

#[command]
pub(crate) async fn resume_run(
    shell: State<'_, Shell>,
    run_id: RunId,
    resume: Resume,
    target: String,
    money: MoneyChoice,
    on_batch: Channel<TurnBatch>,
) -> Result<RunView, AppError> {
    shell.engine().await?.resume_run(run_id, resume, &target, money, sink(on_batch)).await
}

#[command]
pub(crate) async fn stop_run(shell: State<'_, Shell>, run_id: RunId) -> Result<(), AppError> {
    shell.engine().await?.stop_run(run_id);
    Ok(())
}

#[command]
pub(crate) async fn stop_turn(shell: State<'_, Shell>, turn_id: TurnId) -> Result<(), AppError> {
    shell.engine().await?.stop_turn(turn_id);
    Ok(())
}

#[command]
pub(crate) async fn run_version(
    shell: State<'_, Shell>,
    turn_id: TurnId,
    lane_id: LaneId,
    version: u32,
) -> Result<RunView, AppError> {
    shell.engine().await?.run_version(turn_id, lane_id, version).await
}

#[command]
pub(crate) async fn pick_run(
    shell: State<'_, Shell>,
    run_id: RunId,
    picked: bool,
) -> Result<RunView, AppError> {
    shell.engine().await?.pick_run(run_id, picked).await
}
