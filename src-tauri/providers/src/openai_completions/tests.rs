use roundtable_domain::{
    AnswerEnd, Blob, ChatRequest, Message, Params, Part, ReasoningEffort, ResponseFormat, Role,
    ToolDefinition, WireApi,
};
use serde_json::json;

use super::*;
use crate::replay::{answer, endpoint, question, sent};

const BASE: &str = "https://x.example/v1";

fn body(request: &ChatRequest) -> Value {
    let (url, body) = sent(&OpenaiCompletions, &endpoint(WireApi::OpenaiCompletions, BASE), request);
    assert_eq!(url, "https://x.example/v1/completions");
    body
}

#[test]
fn a_single_question_is_the_text_to_go_on_with() {
    let mut request = question("davinci-002");
    request.params =
        Params { max_tokens: Some(9), stop: vec!["\n".into()], temperature: Some(0.5), ..Params::default() };
    let expected = json!({"model": "davinci-002", "prompt": "Why?", "temperature": 0.5, "stop": ["\n"],
        "max_tokens": 9, "stream": true, "stream_options": {"include_usage": true}});
    assert_eq!(body(&request), expected);
}

#[test]
fn a_conversation_becomes_a_transcript_that_the_model_goes_on_with() {
    let mut request = question("m");
    request.messages = vec![
        Message::text(Role::User, "Hello"),
        Message::text(Role::Assistant, "Hi!"),
        Message::text(Role::System, "Be kind."),
        Message::text(Role::User, "Why?"),
    ];
    request.stream = false;
    let body = body(&request);
    assert_eq!(body["prompt"], "Be kind.\n\nUser: Hello\n\nAssistant: Hi!\n\nUser: Why?\n\nAssistant:");
    assert_eq!(body["stop"], json!(["\n\nUser:"]), "or it would ask itself the next question");
    assert_eq!(body.get("stream_options"), None);
}

#[test]
fn what_a_text_cannot_hold_is_said() {
    let mut request = question("m");
    let blob = |media_type: &str| Blob { media_type: media_type.into(), base64: "aGk=".into(), name: None };
    request.messages.insert(0, Message::text(Role::System, "Be kind."));
    request.messages[1].parts.extend([
        Part::Image { blob: blob("image/png") },
        Part::ImageUrl { url: "https://x.example/a.png".into() },
        Part::File { blob: blob("application/pdf") },
        Part::File { blob: blob("text/plain") },
        Part::Reasoning { text: "hm".into(), opaque: Some(json!({})), provider: "test".into() },
        Part::Other { api: WireApi::Gemini, content: json!({}) },
    ]);
    request.tools = vec![ToolDefinition { name: "f".into(), description: None, parameters: json!({}) }];
    request.params = Params {
        reasoning_effort: Some(ReasoningEffort::High),
        response_format: ResponseFormat::JsonObject,
        ..Params::default()
    };
    let said = [
        Omission::Reasoning,
        Omission::Images,
        Omission::ImageUrls,
        Omission::Files("application/pdf".into()),
        Omission::Tools,
        Omission::ResponseFormat,
        Omission::Parameter("reasoning_effort".into()),
        Omission::SystemMessage,
        Omission::OtherItems,
    ];
    let endpoint = endpoint(WireApi::OpenaiCompletions, BASE);
    assert_eq!(OpenaiCompletions.omissions(&endpoint, &request), said);
    assert_eq!(body(&request)["prompt"], "Be kind.\n\nUser: Why?\n\nhi\n\nAssistant:");
    request.messages =
        vec![Message { role: Role::User, parts: vec![Part::Image { blob: blob("image/png") }] }];
    assert!(OpenaiCompletions.chat_request(&endpoint, &request).is_err(), "nothing is left to say");
}

#[test]
fn replies_are_read_whole_and_in_pieces() {
    let stream = "data: {\"id\":\"c\",\"object\":\"text_completion\",\"model\":\"m\",\"choices\":[{\"text\":\"be\",\"index\":0,\"finish_reason\":null}]}\n\n\
        data: {\"id\":\"c\",\"choices\":[{\"text\":\"other\",\"index\":1},{\"text\":\"cause\",\"index\":0,\"finish_reason\":\"length\"}]}\n\n\
        data: {\"id\":\"c\",\"choices\":[],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2}}\n\ndata: [DONE]\n\n";
    let streamed = answer(&OpenaiCompletions, stream, true);
    let whole = answer(
        &OpenaiCompletions,
        r#"{"id":"c","model":"m","choices":[{"text":"because","index":0,"logprobs":null,"finish_reason":"length"},{"text":"other","index":1}],"usage":{"prompt_tokens":1,"completion_tokens":2}}"#,
        false,
    );
    for answer in [streamed, whole] {
        assert_eq!((answer.text.as_str(), answer.choices), ("because", 2));
        assert_eq!((answer.finish_reason.as_deref(), answer.end()), (Some("length"), AnswerEnd::Complete));
        assert_eq!(answer.usage.unwrap().output, Some(2));
        assert_eq!((answer.response_id.as_deref(), answer.model_served.as_deref()), (Some("c"), Some("m")));
    }
    let cut = answer(&OpenaiCompletions, "data: {\"choices\":[{\"text\":\"be\",\"index\":0}]}\n\n", true);
    assert_eq!((cut.text.as_str(), cut.end()), ("be", AnswerEnd::Truncated));
    let failed = answer(&OpenaiCompletions, r#"{"error":{"message":"no","code":500}}"#, false);
    assert!(matches!(failed.end(), AnswerEnd::Failed(_)));
}

#[test]
fn prompts_of_others_are_read() {
    let read = |prompt: Value| OpenaiCompletions.messages_from_wire("p", &json!({ "prompt": prompt }));
    assert_eq!(read(json!("Once upon")), Ok(vec![Message::text(Role::User, "Once upon")]));
    assert_eq!(read(json!(["a"])), Ok(vec![Message::text(Role::User, "a")]));
    assert!(read(json!([1, 2])).is_err(), "token numbers");
    assert!(read(json!(["a", "b"])).is_err(), "several prompts");
    let suffix = json!({"prompt": "a", "suffix": "b"});
    assert!(OpenaiCompletions.messages_from_wire("p", &suffix).is_err());
}
