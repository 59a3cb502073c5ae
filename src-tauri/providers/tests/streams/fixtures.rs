//! Streams as each wire's servers write them, of any length.

use roundtable_domain::WireApi;

pub const APIS: [WireApi; 6] = [
    WireApi::OpenaiChat,
    WireApi::OpenaiResponses,
    WireApi::OpenaiCompletions,
    WireApi::AnthropicMessages,
    WireApi::Gemini,
    WireApi::Ollama,
];

/// What every piece of these streams says.
pub const PIECE: &str = "wörd ";

/// A stream of this many pieces, one event each.
pub fn stream(api: WireApi, pieces: usize) -> Vec<Vec<u8>> {
    let (before, piece, after) = match api {
        WireApi::OpenaiChat => (
            data(r#"{"id":"c","model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}"#),
            data(r#"{"id":"c","model":"m","choices":[{"index":0,"delta":{"content":"wörd "}}]}"#),
            data(r#"{"id":"c","model":"m","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"t","function":{"name":"f","arguments":"{\"a\":1}"}}]},"finish_reason":"tool_calls"}],"usage":{"prompt_tokens":3,"completion_tokens":4}}"#)
                + "data: [DONE]\n\n",
        ),
        WireApi::OpenaiCompletions => (
            String::new(),
            data(r#"{"id":"c","model":"m","choices":[{"index":0,"text":"wörd "}]}"#),
            data(r#"{"id":"c","model":"m","choices":[{"index":0,"text":"","finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":4}}"#)
                + "data: [DONE]\n\n",
        ),
        WireApi::OpenaiResponses => (
            typed("response.created", r#""response":{"id":"r","model":"m","status":"in_progress","output":[]}"#)
                + &typed("response.output_item.added", r#""output_index":0,"item":{"id":"i","type":"message","role":"assistant","content":[]}"#),
            typed("response.output_text.delta", r#""item_id":"i","output_index":0,"content_index":0,"delta":"wörd ""#),
            typed("response.completed", r#""response":{"id":"r","model":"m","status":"completed","output":[],"usage":{"input_tokens":3,"output_tokens":4}}"#),
        ),
        WireApi::AnthropicMessages => (
            typed("message_start", r#""message":{"id":"a","model":"m","role":"assistant","content":[],"usage":{"input_tokens":3,"output_tokens":1}}"#)
                + &typed("content_block_start", r#""index":0,"content_block":{"type":"text","text":""}"#),
            typed("content_block_delta", r#""index":0,"delta":{"type":"text_delta","text":"wörd "}"#),
            typed("content_block_stop", r#""index":0"#)
                + &typed("message_delta", r#""delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":4}"#)
                + &typed("message_stop", r#""x":0"#),
        ),
        WireApi::Gemini => (
            String::new(),
            data(r#"{"candidates":[{"content":{"role":"model","parts":[{"text":"wörd "}]},"index":0}],"modelVersion":"m"}"#),
            data(r#"{"candidates":[{"content":{"parts":[{"text":""}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":3,"candidatesTokenCount":4}}"#),
        ),
        WireApi::Ollama => (
            String::new(),
            "{\"model\":\"m\",\"message\":{\"role\":\"assistant\",\"content\":\"wörd \"},\"done\":false}\n".to_owned(),
            "{\"model\":\"m\",\"message\":{\"content\":\"\"},\"done\":true,\"done_reason\":\"stop\",\"prompt_eval_count\":3,\"eval_count\":4}\n".to_owned(),
        ),
    };
    let middle = std::iter::repeat_n(piece, pieces);
    std::iter::once(before)
        .chain(middle)
        .chain([after])
        .map(String::into_bytes)
        .filter(|chunk| !chunk.is_empty())
        .collect()
}

fn data(json: &str) -> String {
    format!("data: {json}\n\n")
}

fn typed(kind: &str, fields: &str) -> String {
    format!("event: {kind}\ndata: {{\"type\":\"{kind}\",{fields}}}\n\n")
}
