//! A small HTTP client and the bodies that the tests send.

use roundtable_emulator::{Behaviour, Emulator, EmulatorOptions, Pace};
use serde_json::{Value, json};

/// Starts without waiting times.
pub async fn start() -> Emulator {
    Emulator::start(EmulatorOptions { pace: Pace::Instant, ..EmulatorOptions::default() }).await.unwrap()
}

/// Starts with one model whose every answer is this.
pub async fn start_with(behaviour: Behaviour) -> Emulator {
    let emulator = start().await;
    emulator.script_always("swift", behaviour);
    emulator
}

pub fn http() -> reqwest::Client {
    let builder = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
    builder.build().unwrap()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wire {
    OpenAi,
    Responses,
    Text,
    Anthropic,
    Gemini,
    Ollama,
}

pub const WIRES: [Wire; 6] =
    [Wire::OpenAi, Wire::Responses, Wire::Text, Wire::Anthropic, Wire::Gemini, Wire::Ollama];

pub struct Question<'a> {
    pub model: &'a str,
    pub prompt: &'a str,
    pub stream: bool,
    pub key: &'a str,
    pub max_tokens: Option<u64>,
}

impl Default for Question<'_> {
    fn default() -> Self {
        let prompt = "Why is the sky blue?";
        Self { model: "swift", prompt, stream: true, key: "test", max_tokens: None }
    }
}

impl Wire {
    pub fn request(self, emulator: &Emulator, question: &Question<'_>) -> reqwest::RequestBuilder {
        let Question { model, prompt, stream, key, max_tokens } = question;
        let base = emulator.base_url();
        let messages = json!([{"role": "user", "content": prompt}]);
        match self {
            Self::OpenAi => {
                let mut body = json!({"model": model, "messages": messages, "stream": stream});
                if *stream {
                    body["stream_options"] = json!({"include_usage": true});
                }
                if let Some(limit) = max_tokens {
                    body["max_completion_tokens"] = json!(limit);
                }
                http().post(format!("{base}/v1/chat/completions")).bearer_auth(key).json(&body)
            }
            Self::Responses => {
                let mut body = json!({"model": model, "input": messages, "stream": stream});
                if let Some(limit) = max_tokens {
                    body["max_output_tokens"] = json!(limit);
                }
                http().post(format!("{base}/v1/responses")).bearer_auth(key).json(&body)
            }
            Self::Text => {
                let mut body = json!({"model": model, "prompt": prompt, "stream": stream});
                if *stream {
                    body["stream_options"] = json!({"include_usage": true});
                }
                if let Some(limit) = max_tokens {
                    body["max_tokens"] = json!(limit);
                }
                http().post(format!("{base}/v1/completions")).bearer_auth(key).json(&body)
            }
            Self::Anthropic => {
                let limit = max_tokens.unwrap_or(1024);
                let body =
                    json!({"model": model, "messages": messages, "max_tokens": limit, "stream": stream});
                let request = http().post(format!("{base}/v1/messages"));
                request.header("x-api-key", *key).header("anthropic-version", "2023-06-01").json(&body)
            }
            Self::Gemini => {
                let method = if *stream { "streamGenerateContent?alt=sse" } else { "generateContent" };
                let mut body = json!({"contents": [{"role": "user", "parts": [{"text": prompt}]}]});
                if let Some(limit) = max_tokens {
                    body["generationConfig"] = json!({"maxOutputTokens": limit});
                }
                let request = http().post(format!("{base}/v1beta/models/{model}:{method}"));
                request.header("x-goog-api-key", *key).json(&body)
            }
            Self::Ollama => {
                let mut body = json!({"model": model, "messages": messages, "stream": stream});
                if let Some(limit) = max_tokens {
                    body["options"] = json!({"num_predict": limit});
                }
                http().post(format!("{base}/api/chat")).json(&body)
            }
        }
    }

    /// The JSON of every event of a whole stream, without `[DONE]`.
    pub fn events(self, stream: &str) -> Vec<Value> {
        let lines = stream.lines().filter_map(|line| match self {
            Self::Ollama => Some(line).filter(|line| !line.is_empty()),
            _ => line.strip_prefix("data: ").filter(|data| *data != "[DONE]"),
        });
        lines.map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// The text in one event.
    pub fn text(self, event: &Value) -> &str {
        let pointer = match self {
            Self::OpenAi => "/choices/0/delta/content",
            Self::Responses if event["type"] != "response.output_text.delta" => return "",
            Self::Responses => "/delta",
            Self::Text => "/choices/0/text",
            Self::Anthropic => "/delta/text",
            Self::Gemini => "/candidates/0/content/parts/0/text",
            Self::Ollama => "/message/content",
        };
        let thought = event.pointer("/candidates/0/content/parts/0/thought").is_some();
        if thought { "" } else { event.pointer(pointer).and_then(Value::as_str).unwrap_or_default() }
    }

    /// The text of a whole stream.
    pub fn text_of(self, stream: &str) -> String {
        self.events(stream).iter().map(|event| self.text(event)).collect()
    }

    /// Whether the stream has the API's terminal signal.
    pub fn complete(self, stream: &str) -> bool {
        match self {
            Self::OpenAi | Self::Text => stream.ends_with("data: [DONE]\n\n"),
            Self::Responses => ["completed", "incomplete"]
                .iter()
                .any(|status| stream.contains(&format!("event: response.{status}\n"))),
            Self::Anthropic => stream.contains("event: message_stop\n"),
            Self::Gemini => stream.contains("\"finishReason\""),
            Self::Ollama => stream.contains("\"done\":true"),
        }
    }

    pub async fn ask(self, emulator: &Emulator, question: &Question<'_>) -> String {
        self.request(emulator, question).send().await.unwrap().text().await.unwrap()
    }
}
