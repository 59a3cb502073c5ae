//! Answers go back in the order they came: what a stream gives, kept as an answer and written as a request, is what the provider
//! itself would have as the answer's blocks.

use roundtable_domain::{Answer, ChatRequest, Message, Role, WireApi};
use serde_json::{Value, json};

use crate::anthropic::AnthropicMessages;
use crate::dialect::dialect_of_url;
use crate::gemini::Gemini;
use crate::openai_chat::OpenaiChat;
use crate::openai_responses::OpenaiResponses;
use crate::replay::{answer, endpoint, question, sent};
use crate::wire::Wire;

/// The body that carries the answer back, after it has been in the database.
fn next_body(wire: &dyn Wire, (api, base, model): (WireApi, &str, &str), said: &Answer) -> Value {
    let mut kept = said.clone();
    kept.layout = serde_json::from_value(serde_json::to_value(&said.layout).unwrap()).unwrap();
    let mut request: ChatRequest = question(model);
    request.messages.push(kept.to_message("test", api));
    request.messages.push(Message::text(Role::User, "Go on."));
    let mut endpoint = endpoint(api, base);
    dialect_of_url(&endpoint.base_url, api).id.clone_into(&mut endpoint.dialect);
    sent(wire, &endpoint, &request).1
}

fn frames(events: &[Value]) -> String {
    let frames: Vec<String> = events.iter().map(|event| format!("data: {event}\n\n")).collect();
    frames.concat()
}

/// A stream of the Messages API that gives these blocks.
fn anthropic_stream(blocks: &[Value]) -> String {
    let mut events =
        vec![json!({"type": "message_start", "message": {"id": "m1", "model": "claude-x", "content": []}})];
    for (index, block) in blocks.iter().enumerate() {
        let (start, deltas) = match block["type"].as_str().unwrap() {
            "thinking" => (
                json!({"type": "thinking", "thinking": "", "signature": ""}),
                vec![
                    json!({"type": "thinking_delta", "thinking": block["thinking"]}),
                    json!({"type": "signature_delta", "signature": block["signature"]}),
                ],
            ),
            "text" => (
                json!({"type": "text", "text": ""}),
                vec![json!({"type": "text_delta", "text": block["text"]})],
            ),
            "tool_use" | "server_tool_use" => {
                let mut start = block.clone();
                start["input"] = json!({});
                (start, vec![json!({"type": "input_json_delta", "partial_json": block["input"].to_string()})])
            }
            _ => (block.clone(), Vec::new()),
        };
        events.push(json!({"type": "content_block_start", "index": index, "content_block": start}));
        let delta = |delta| json!({"type": "content_block_delta", "index": index, "delta": delta});
        events.extend(deltas.into_iter().map(delta));
        events.push(json!({"type": "content_block_stop", "index": index}));
    }
    events.push(
        json!({"type": "message_delta", "delta": {"stop_reason": "tool_use"}, "usage": {"output_tokens": 3}}),
    );
    events.push(json!({"type": "message_stop"}));
    frames(&events)
}

#[test]
fn interleaved_thinking_goes_back_block_by_block() {
    let blocks = json!([
        {"type": "thinking", "thinking": "First, the weather.", "signature": "s1"},
        {"type": "text", "text": "I'll look."},
        {"type": "server_tool_use", "id": "srv1", "name": "web_search", "input": {"query": "Oslo"}},
        {"type": "web_search_tool_result", "tool_use_id": "srv1", "content": [{"encrypted_content": "x"}]},
        {"type": "tool_use", "id": "t1", "name": "weather", "input": {"city": "Oslo"}},
        {"type": "thinking", "thinking": "And the time.", "signature": "s2"},
        {"type": "redacted_thinking", "data": "sealed"},
        {"type": "text", "text": "And the time."},
        {"type": "tool_use", "id": "t2", "name": "time", "input": {}}
    ]);
    let said = answer(&AnthropicMessages, &anthropic_stream(blocks.as_array().unwrap()), true);
    assert_eq!(said.text, "I'll look.And the time.");
    let place = (WireApi::AnthropicMessages, "https://api.anthropic.com", "claude-3-7-sonnet");
    assert_eq!(next_body(&AnthropicMessages, place, &said)["messages"][1]["content"], blocks);
}

#[test]
fn an_answer_that_was_cut_while_thinking_again_ends_with_its_words() {
    let blocks = [
        json!({"type": "text", "text": "So."}),
        json!({"type": "thinking", "thinking": "Hm", "signature": "s"}),
    ];
    let said = answer(&AnthropicMessages, &anthropic_stream(&blocks), true);
    let place = (WireApi::AnthropicMessages, "https://api.anthropic.com", "claude-3-7-sonnet");
    assert_eq!(
        next_body(&AnthropicMessages, place, &said)["messages"][1]["content"],
        json!([{"type": "text", "text": "So."}]),
        "the API refuses an answer that ends with thinking"
    );
}

#[test]
fn every_signature_of_gemini_goes_back_on_its_own_part() {
    let parts = json!([
        {"functionCall": {"id": "c1", "name": "add", "args": {"a": 1}}, "thoughtSignature": "s1"},
        {"text": "First.", "thoughtSignature": "s2"},
        {"functionCall": {"id": "c2", "name": "now", "args": {}}},
        {"text": "Then.", "thoughtSignature": "s3"},
        {"text": "", "thoughtSignature": "s4"}
    ]);
    let chunk =
        |part: &Value| json!({"candidates": [{"content": {"role": "model", "parts": [part]}, "index": 0}]});
    let thought = json!({"text": "Hm.", "thought": true});
    let mut chunks = vec![chunk(&thought)];
    chunks.extend(parts.as_array().unwrap().iter().map(chunk));
    chunks.push(json!({"candidates": [{"finishReason": "STOP"}]}));
    let said = answer(&Gemini, &frames(&chunks), true);
    assert_eq!(said.reasoning, "Hm.");
    let place = (WireApi::Gemini, "https://generativelanguage.googleapis.com/v1beta", "gemini-3-flash");
    assert_eq!(next_body(&Gemini, place, &said)["contents"][1]["parts"], parts, "and thoughts never");
}

/// The items of an answer of the Responses API, and what of them is sent back.
fn response_items() -> (Vec<Value>, Value) {
    let sealed = |id: &str| json!({"type": "reasoning", "id": id, "summary": [], "encrypted_content": format!("{id}-sealed")});
    let called = |n: u32| json!({"type": "function_call", "call_id": format!("c{n}"), "name": "f", "arguments": "{\"a\":1}"});
    let search = json!({"type": "web_search_call", "id": "ws", "status": "completed"});
    let message = json!({"type": "message", "content": [{"type": "output_text", "text": "One moment."}]});
    let items = vec![sealed("r1"), called(1), search, sealed("r2"), message, called(2)];
    let mut back = items.clone();
    back[4] = json!({"role": "assistant", "content": [{"type": "output_text", "text": "One moment."}]});
    (items, Value::Array(back))
}

fn items_sent_back(said: &Answer) -> Value {
    items_sent_to("gpt-5", said)
}

fn items_sent_to(model: &str, said: &Answer) -> Value {
    let place = (WireApi::OpenaiResponses, "https://api.openai.com/v1", model);
    let mut input = next_body(&OpenaiResponses, place, said)["input"].as_array().unwrap().clone();
    input.remove(0);
    input.pop();
    Value::Array(input)
}

#[test]
fn sealed_items_stand_between_the_calls_they_stood_between() {
    let (items, back) = response_items();
    let mut events = Vec::new();
    for (index, item) in items.iter().enumerate() {
        events.push(json!({"type": "response.output_item.added", "output_index": index, "item": item}));
        if item["type"] == "message" {
            let delta = "One moment.";
            events.push(json!({"type": "response.output_text.delta", "output_index": index, "delta": delta}));
        }
        events.push(json!({"type": "response.output_item.done", "output_index": index, "item": item}));
    }
    let completed = json!({"id": "r", "model": "m", "status": "completed", "output": items});
    events.push(json!({"type": "response.completed", "response": completed}));
    assert_eq!(items_sent_back(&answer(&OpenaiResponses, &frames(&events), true)), back);
}

#[test]
fn items_that_come_whole_with_the_end_stand_where_they_belong() {
    let (items, back) = response_items();
    let completed = json!({"id": "r", "model": "m", "status": "completed", "output": items});
    let events = [
        json!({"type": "response.output_item.added", "output_index": 1, "item":
            {"type": "function_call", "call_id": "c1", "name": "f", "arguments": ""}}),
        json!({"type": "response.output_text.delta", "output_index": 4, "delta": "One moment."}),
        json!({"type": "response.completed", "response": completed}),
    ];
    assert_eq!(items_sent_back(&answer(&OpenaiResponses, &frames(&events), true)), back);
    assert_eq!(items_sent_back(&answer(&OpenaiResponses, &completed.to_string(), false)), back);
}

#[test]
fn a_model_that_does_not_reason_is_not_sent_the_reasoning_of_one_that_does() {
    let (items, back) = response_items();
    let completed = json!({"id": "r", "model": "m", "status": "completed", "output": items});
    let said = answer(&OpenaiResponses, &completed.to_string(), false);
    let others =
        back.as_array().unwrap().iter().filter(|item| item["type"] != "reasoning").cloned().collect();
    assert_eq!(items_sent_to("gpt-4.1", &said), Value::Array(others), "the API refuses it");
}

#[test]
fn details_of_reasoning_go_back_all_and_in_order_and_the_text_in_one_piece() {
    let details = json!([
        {"type": "reasoning.text", "text": "Hm.", "signature": "s", "index": 0, "format": "anthropic-claude-v1"},
        {"type": "reasoning.encrypted", "data": "x", "id": "t1", "index": 1}
    ]);
    let delta = |delta: Value| json!({"id": "g", "model": "m", "choices": [{"index": 0, "delta": delta}]});
    let call =
        json!({"index": 0, "id": "t1", "type": "function", "function": {"name": "f", "arguments": "{}"}});
    let stream = frames(&[
        delta(json!({"reasoning": "Hm.", "reasoning_details": [details[0]]})),
        delta(json!({"content": "One "})),
        delta(json!({"tool_calls": [call], "reasoning_details": [details[1]]})),
        delta(json!({"content": "moment."})),
        json!({"id": "g", "model": "m", "choices": [{"index": 0, "delta": {}, "finish_reason": "tool_calls"}]}),
    ]) + "data: [DONE]\n\n";
    let said = answer(&OpenaiChat, &stream, true);
    let place = (WireApi::OpenaiChat, "https://openrouter.ai/api/v1", "anthropic/claude-x");
    let back = &next_body(&OpenaiChat, place, &said)["messages"][1];
    assert_eq!((&back["reasoning_details"], &back["content"]), (&details, &json!("One moment.")));
    assert_eq!(back["tool_calls"][0]["id"], json!("t1"));
}
