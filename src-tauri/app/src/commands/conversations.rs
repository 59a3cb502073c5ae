//! Conversations and their lanes.

use roundtable_domain::{ConversationId, LaneId, Params};
use roundtable_engine::view::{AppError, ConversationSnapshot, ConversationSummary, LaneView};
use tauri::{State, command};

use crate::shell::Shell;

#[command]
pub(crate) async fn list_conversations(
    shell: State<'_, Shell>,
) -> Result<Vec<ConversationSummary>, AppError> {
    shell.engine().await?.list_conversations().await
}

#[command]
pub(crate) async fn create_conversation(
    shell: State<'_, Shell>,
    targets: Vec<String>,
) -> Result<ConversationSnapshot, AppError> {
    shell.engine().await?.create_conversation(&targets).await
}

#[command]
pub(crate) async fn open_conversation(
    shell: State<'_, Shell>,
    conversation_id: ConversationId,
) -> Result<ConversationSnapshot, AppError> {
    shell.engine().await?.open_conversation(conversation_id).await
}

#[command]
pub(crate) async fn rename_conversation(
    shell: State<'_, Shell>,
    conversation_id: ConversationId,
    title: String,
) -> Result<ConversationSummary, AppError> {
    shell.engine().await?.rename_conversation(conversation_id, &title).await
}

#[command]
pub(crate) async fn pin_conversation(
    shell: State<'_, Shell>,
    conversation_id: ConversationId,
    pinned: bool,
) -> Result<ConversationSummary, AppError> {
    shell.engine().await?.pin_conversation(conversation_id, pinned).await
}

#[command]
pub(crate) async fn set_conversation_folder(
    shell: State<'_, Shell>,
    conversation_id: ConversationId,
    folder: Option<String>,
) -> Result<ConversationSummary, AppError> {
    shell.engine().await?.set_conversation_folder(conversation_id, folder.as_deref()).await
}

#[command]
pub(crate) async fn rename_folder(
    shell: State<'_, Shell>,
    old: String,
    new: String,
) -> Result<Vec<ConversationSummary>, AppError> {
    shell.engine().await?.rename_folder(&old, &new).await
}

#[command]
pub(crate) async fn set_conversation_tags(
    shell: State<'_, Shell>,
    conversation_id: ConversationId,
    tags: Vec<String>,
) -> Result<ConversationSummary, AppError> {
    shell.engine().await?.set_conversation_tags(conversation_id, &tags).await
}

#[command]
pub(crate) async fn delete_conversation(
    shell: State<'_, Shell>,
    conversation_id: ConversationId,
) -> Result<(), AppError> {
    shell.engine().await?.delete_conversation(conversation_id).await
}

#[command]
pub(crate) async fn save_draft(
    shell: State<'_, Shell>,
    conversation_id: ConversationId,
    text: String,
    attachments: Vec<String>,
) -> Result<(), AppError> {
    shell.engine().await?.save_draft(conversation_id, &text, &attachments).await
}

#[command]
pub(crate) async fn add_lane(
    shell: State<'_, Shell>,
    conversation_id: ConversationId,
    target: String,
) -> Result<LaneView, AppError> {
    shell.engine().await?.add_lane(conversation_id, &target).await
}

#[command]
pub(crate) async fn remove_lane(shell: State<'_, Shell>, lane_id: LaneId) -> Result<(), AppError> {
    shell.engine().await?.remove_lane(lane_id).await
}

#[command]
pub(crate) async fn set_lane_target(
    shell: State<'_, Shell>,
    lane_id: LaneId,
    target: String,
) -> Result<LaneView, AppError> {
    shell.engine().await?.set_lane_target(lane_id, &target).await
}

#[command]
pub(crate) async fn set_lane_params(
    shell: State<'_, Shell>,
    lane_id: LaneId,
    params: Params,
) -> Result<LaneView, AppError> {
    shell.engine().await?.set_lane_params(lane_id, params).await
}

#[command]
pub(crate) async fn move_lane(
    shell: State<'_, Shell>,
    lane_id: LaneId,
    position: u32,
) -> Result<Vec<LaneView>, AppError> {
    shell.engine().await?.move_lane(lane_id, position).await
}
