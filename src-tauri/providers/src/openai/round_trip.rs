//! Messages written by a wire and read back are the same, for all that the wire carries.

use proptest::prelude::*;
use roundtable_domain::{Blob, ChatRequest, Endpoint, Message, Network, Part, Role, WireApi};
use serde_json::{Value, json};

use crate::wire_for;

/// What a server carries, so that what comes back has to be equal.
#[expect(clippy::struct_excessive_bools, reason = "a table of what is carried")]
#[derive(Clone, Copy, Debug)]
struct Carries {
    api: WireApi,
    dialect: &'static str,
    lists: bool,
    image_urls: bool,
    files: bool,
    audio: bool,
    refusals: bool,
    reasoning: Reasoning,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reasoning {
    None,
    /// As text, beside calls.
    Text,
    /// As `reasoning_details`.
    Details,
    /// As items of Responses.
    Items,
}

const CHAT: Carries = Carries {
    api: WireApi::OpenaiChat,
    dialect: "openai",
    lists: true,
    image_urls: true,
    files: true,
    audio: true,
    refusals: true,
    reasoning: Reasoning::None,
};

const SERVERS: [Carries; 7] = [
    CHAT,
    Carries { dialect: "openrouter", refusals: false, reasoning: Reasoning::Details, ..CHAT },
    Carries { dialect: "mistral", refusals: false, ..CHAT },
    Carries { dialect: "llamacpp", files: false, refusals: false, reasoning: Reasoning::Text, ..CHAT },
    Carries { api: WireApi::OpenaiResponses, audio: false, reasoning: Reasoning::Items, ..CHAT },
    Carries {
        api: WireApi::OpenaiResponses,
        dialect: "azure",
        audio: false,
        reasoning: Reasoning::Items,
        ..CHAT
    },
    Carries {
        api: WireApi::Ollama,
        dialect: "ollama",
        lists: false,
        image_urls: false,
        files: false,
        audio: false,
        refusals: false,
        reasoning: Reasoning::Text,
    },
];

fn text() -> impl Strategy<Value = String> {
    prop_oneof!["\\PC{1,12}", Just("a\n\nb \"c\" \\ 😀".to_owned()), Just("{\"error\":1}".to_owned())]
}

fn texts(carries: Carries) -> impl Strategy<Value = Vec<Part>> {
    let most = if carries.lists { 3 } else { 1 };
    prop::collection::vec(text().prop_map(|text| Part::Text { text }), 1..=most)
}

fn media(carries: Carries) -> impl Strategy<Value = Vec<Part>> {
    let blob = |media_type: &str, base64: &str, name: Option<String>| Blob {
        media_type: media_type.to_owned(),
        base64: base64.into(),
        name,
    };
    let image = prop_oneof![Just(("image/png", "iVBORw0KGgo=")), Just(("image/jpeg", "/9j/4AAQ"))]
        .prop_map(move |(media_type, base64)| Part::Image { blob: blob(media_type, base64, None) });
    let url = Just(Part::ImageUrl { url: "https://x.example/a.png?b=c".to_owned() });
    let file = prop::option::of("[a-z]{1,6}\\.pdf")
        .prop_map(move |name| Part::File { blob: blob("application/pdf", "JVBERi0=", name) });
    let audio = prop_oneof![Just("audio/wav"), Just("audio/mpeg")]
        .prop_map(move |media_type| Part::File { blob: blob(media_type, "UklGRg==", None) });
    let all = prop_oneof![image, url, file, audio];
    prop::collection::vec(all, 0..3).prop_map(move |parts| {
        parts
            .into_iter()
            .filter(|part| match part {
                Part::ImageUrl { .. } => carries.image_urls,
                Part::File { blob } if blob.media_type.starts_with("audio/") => carries.audio,
                Part::File { .. } => carries.files,
                _ => true,
            })
            .collect()
    })
}

/// What the model thought, as the server sends it back.
fn reasoning(carries: Carries, text: String) -> Vec<Part> {
    let provider = carries.dialect.to_owned();
    let (text, opaque) = match carries.reasoning {
        Reasoning::None => return Vec::new(),
        Reasoning::Text => (text, None),
        Reasoning::Details => {
            let detail = json!({"type": "reasoning.text", "text": text, "signature": "s", "index": 0});
            (text, Some(detail))
        }
        Reasoning::Items => {
            let summary = json!([{"type": "summary_text", "text": text}]);
            (
                text,
                Some(json!({"type": "reasoning", "id": "rs", "summary": summary, "encrypted_content": "e"})),
            )
        }
    };
    vec![Part::Reasoning { text, opaque, provider }]
}

/// A question, an answer, and what tools said to it.
fn exchange(carries: Carries) -> impl Strategy<Value = Vec<Message>> {
    let calls = prop::collection::vec(("[a-z_]{1,8}", text(), text(), any::<bool>()), 0..3);
    let refusal = prop::option::of(text()).prop_map(move |text| text.filter(|_| carries.refusals));
    (texts(carries), media(carries), texts(carries), refusal, text(), calls).prop_map(
        move |(asked, media, said, refusal, thought, calls)| {
            let asked = asked.into_iter().chain(media).collect();
            let mut answer = Vec::new();
            if carries.reasoning != Reasoning::Text || !calls.is_empty() {
                answer.extend(reasoning(carries, thought));
            }
            answer.extend(said);
            answer.extend(refusal.map(|text| Part::Refusal { text }));
            let mut results = Vec::new();
            for (index, (name, argument, content, is_error)) in calls.into_iter().enumerate() {
                let id = format!("call{index:05}");
                let arguments = json!({ "a": argument }).to_string();
                results.push(Part::ToolResult { call_id: id.clone(), name: name.clone(), content, is_error });
                answer.push(Part::ToolCall { id, name, arguments, signature: None });
            }
            let mut messages = vec![
                Message { role: Role::User, parts: asked },
                Message { role: Role::Assistant, parts: answer },
            ];
            if !results.is_empty() {
                messages.push(Message { role: Role::Tool, parts: results });
            }
            messages
        },
    )
}

fn conversation(carries: Carries) -> impl Strategy<Value = Vec<Message>> {
    let system = prop::option::of(texts(carries));
    (system, prop::collection::vec(exchange(carries), 1..4)).prop_map(|(system, exchanges)| {
        let system = system.map(|parts| Message { role: Role::System, parts });
        system.into_iter().chain(exchanges.into_iter().flatten()).collect()
    })
}

fn conversations() -> impl Strategy<Value = (Carries, Vec<Message>)> {
    prop::sample::select(&SERVERS[..])
        .prop_flat_map(|carries| conversation(carries).prop_map(move |messages| (carries, messages)))
}

fn endpoint(api: WireApi, dialect: &str) -> Endpoint {
    Endpoint {
        provider: dialect.to_owned(),
        api,
        dialect: dialect.to_owned(),
        base_url: "https://x.example/v1".parse().unwrap(),
        extra_headers: Vec::new(),
        network: Network::default(),
    }
}

/// The messages after a journey over the wire, which must lose nothing by its own account.
fn there_and_back(api: WireApi, dialect: &str, messages: &[Message]) -> Vec<Message> {
    let wire = wire_for(api).unwrap();
    let request =
        ChatRequest { model: "gpt-5".into(), messages: messages.to_vec(), ..ChatRequest::default() };
    let endpoint = endpoint(api, dialect);
    assert_eq!(wire.omissions(&endpoint, &request), []);
    let body = wire.chat_request(&endpoint, &request).unwrap().body;
    let body: Value = serde_json::from_slice(&body).unwrap();
    wire.messages_from_wire(dialect, &body).unwrap()
}

proptest! {
    #[test]
    fn messages_come_back_from_the_wire((carries, messages) in conversations()) {
        prop_assert_eq!(there_and_back(carries.api, carries.dialect, &messages), messages);
    }

    #[test]
    fn a_prompt_for_completion_can_be_read_as_a_conversation(
        system in prop::option::of("[a-z]{1,6}( [a-z]{1,6}){0,2}"),
        said in prop::collection::vec("[a-z]{1,6}(\n?\n[a-z ]{1,6}){0,2}", 1..6),
    ) {
        let roles = [Role::User, Role::Assistant].into_iter().cycle();
        let system = system.map(|text| Message::text(Role::System, text));
        let messages: Vec<Message> =
            system.into_iter().chain(roles.zip(said).map(|(role, text)| Message::text(role, text))).collect();
        let request = ChatRequest { messages: messages.clone(), ..ChatRequest::default() };
        let endpoint = endpoint(WireApi::OpenaiCompletions, "openai");
        let wire = wire_for(WireApi::OpenaiCompletions).unwrap();
        let body = wire.chat_request(&endpoint, &request).unwrap().body;
        let body: Value = serde_json::from_slice(&body).unwrap();
        prop_assert_eq!(wire.messages_from_wire("openai", &body).unwrap(), messages);
    }

    #[test]
    fn no_body_makes_reading_back_panic(text in r#"[\[\]{}:,"a-z0-9 ]{0,60}"#, key in "[a-z_]{1,8}") {
        let value: Value = serde_json::from_str(&text).unwrap_or(json!(text));
        let odd = json!({"role": "assistant", "type": key, &key: value, "content": value, "tool_calls": [value]});
        for list in ["messages", "input", "prompt"] {
            let body = json!({ list: [odd, value, {"role": "tool", "content": [odd]}] });
            for api in [WireApi::OpenaiChat, WireApi::OpenaiResponses, WireApi::OpenaiCompletions, WireApi::Ollama] {
                let _ = wire_for(api).unwrap().messages_from_wire("p", &body);
            }
        }
    }
}
