//! Writing a request.

use roundtable_domain::{ChatRequest, Endpoint, ProviderError, ToolChoice, WireApi};
use serde_json::json;

use super::prompt::{self, STOP};
use crate::dialect::{UsageOption, dialect_of};
use crate::draft::{Draft, nothing_to_send};
use crate::openai::put_sampling;
use crate::wire::Omission;

/// The body, and what is left out of it. Fails when nothing is left to say.
pub(super) fn draft(endpoint: &Endpoint, request: &ChatRequest) -> Result<Draft, ProviderError> {
    let dialect = dialect_of(endpoint);
    let params = &request.params;
    let mut draft = Draft::default();
    draft.put("model", request.model.as_str());
    let (prompt, is_transcript) =
        prompt::text(&mut draft, &request.messages).ok_or_else(|| nothing_to_send(endpoint))?;
    draft.put("prompt", prompt);
    put_sampling(&mut draft, dialect, WireApi::OpenaiCompletions, request, &[]);
    let mut stop = params.stop.clone();
    if is_transcript && !stop.iter().any(|known| known == STOP) {
        stop.push(STOP.to_owned());
    }
    if !stop.is_empty() {
        draft.put("stop", json!(stop));
    }
    if let Some(max_tokens) = params.max_tokens {
        draft.put("max_tokens", max_tokens);
    }
    note_what_has_no_field(&mut draft, request);
    draft.put("stream", request.stream);
    if request.stream && dialect.usage == UsageOption::StreamOptions {
        draft.put("stream_options", json!({"include_usage": true}));
    }
    Ok(draft)
}

fn note_what_has_no_field(draft: &mut Draft, request: &ChatRequest) {
    let params = &request.params;
    if !request.tools.is_empty() {
        draft.omit(Omission::Tools);
        if !matches!(request.tool_choice, ToolChoice::Auto | ToolChoice::None) {
            draft.omit(Omission::ToolChoice);
        }
    }
    if !params.response_format.is_text() {
        draft.omit(Omission::ResponseFormat);
    }
    if params.reasoning_effort.is_some_and(|effort| effort > roundtable_domain::ReasoningEffort::Off) {
        draft.omit_parameter("reasoning_effort");
    }
    if params.reasoning_tokens.is_some() {
        draft.omit_parameter("reasoning_tokens");
    }
}
