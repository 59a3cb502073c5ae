//! Files that go along with a prompt. Their bytes cross as they are, not as JSON.

use percent_encoding::percent_decode_str;
use roundtable_engine::view::{AppError, AttachmentView};
use tauri::ipc::{InvokeBody, Request, Response};
use tauri::{State, command};

use crate::shell::Shell;

/// The header with the file's name, percent-encoded: a header holds plain letters only.
const NAME_HEADER: &str = "x-name";

#[command]
pub(crate) async fn add_attachment(
    shell: State<'_, Shell>,
    request: Request<'_>,
) -> Result<AttachmentView, AppError> {
    shell.engine().await?.add_attachment(&name_of(&request), bytes_of(request.body())).await
}

#[command]
pub(crate) async fn read_attachment(
    shell: State<'_, Shell>,
    attachment_id: String,
) -> Result<Response, AppError> {
    Ok(Response::new(shell.engine().await?.read_attachment(&attachment_id).await?))
}

/// The name a file of a call has.
pub(super) fn name_of(request: &Request<'_>) -> String {
    let name = request.headers().get(NAME_HEADER).and_then(|name| name.to_str().ok()).unwrap_or_default();
    percent_decode_str(name).decode_utf8_lossy().into_owned()
}

/// The bytes of a call. Where the fast way is closed tauri sends them as an array of numbers; anything else is no file, which the
/// engine calls empty.
pub(super) fn bytes_of(body: &InvokeBody) -> Vec<u8> {
    match body {
        InvokeBody::Raw(bytes) => bytes.clone(),
        InvokeBody::Json(value) => serde_json::from_value(value.clone()).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_come_by_either_way() {
        assert_eq!(bytes_of(&InvokeBody::Raw(vec![1, 255])), [1, 255]);
        assert_eq!(bytes_of(&InvokeBody::Json(serde_json::json!([1, 255]))), [1, 255]);
        assert!(bytes_of(&InvokeBody::Json(serde_json::json!({ "name": "x" }))).is_empty());
    }
}
