//! A request in neutral terms.

mod media;
mod offer;

use serde_json::Value;

use crate::tokens::count_tokens;
pub(crate) use media::{Medium, bare_images, media_of};
pub(crate) use offer::{Form, Tool, ToolChoice, choice_of, fill, form_of, tools_of};

/// Tokens of an image or a file, whatever is in it.
const PER_MEDIUM: u64 = 256;

/// Who said it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    User,
    Assistant,
}

/// One message of the conversation, its text alone.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Turn {
    pub(crate) role: Role,
    pub(crate) text: String,
}

/// What was asked, whichever API it came through.
#[expect(clippy::struct_excessive_bools, reason = "each is one field of a request")]
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Ask {
    /// As the client wrote it.
    pub(crate) model: String,
    pub(crate) system: Option<String>,
    pub(crate) turns: Vec<Turn>,
    /// What came along with the last thing the user said.
    pub(crate) media: Vec<Medium>,
    /// The last thing said is a tool's result.
    pub(crate) is_tool_result: bool,
    pub(crate) tools: Vec<Tool>,
    pub(crate) tool_choice: ToolChoice,
    pub(crate) form: Form,
    /// Output tokens, reasoning included.
    pub(crate) max_tokens: Option<u64>,
    pub(crate) stop: Vec<String>,
    pub(crate) stream: bool,
    /// `OpenAI`'s `stream_options.include_usage`.
    pub(crate) include_usage: bool,
    /// False when the client asked not to see the reasoning.
    pub(crate) hide_reasoning: bool,
}

impl Ask {
    /// The model's id without the provider in front.
    pub(crate) fn model_id(&self) -> &str {
        bare_model(&self.model)
    }

    /// The last thing the user said.
    pub(crate) fn prompt(&self) -> &str {
        self.said_by_user().next_back().unwrap_or_default()
    }

    /// What the user said before that, oldest first.
    pub(crate) fn earlier(&self) -> Vec<&str> {
        let mut said: Vec<&str> = self.said_by_user().collect();
        said.pop();
        said
    }

    /// Takes in tools and choice of a request, in any API's words.
    pub(crate) fn offer(&mut self, tools: Option<&Value>, choice: Option<&Value>) {
        self.tools = tools.map(tools_of).unwrap_or_default();
        self.tool_choice = choice.map(choice_of).unwrap_or_default();
    }

    /// Tokens of everything sent, three more per message for its frame.
    pub(crate) fn input_tokens(&self) -> u64 {
        let system = self.system.as_deref().map_or(0, |text| count_tokens(text) + 3);
        let tool = |tool: &Tool| {
            count_tokens(&tool.name)
                + count_tokens(&tool.description)
                + count_tokens(&tool.parameters.to_string())
        };
        let media = u64::try_from(self.media.len()).unwrap_or(u64::MAX).saturating_mul(PER_MEDIUM);
        let said = self.turns.iter().map(|turn| count_tokens(&turn.text) + 3).sum::<u64>();
        system + media + self.tools.iter().map(tool).sum::<u64>() + said
    }

    fn said_by_user(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.turns.iter().filter(|turn| turn.role == Role::User).map(|turn| turn.text.as_str())
    }
}

/// `demo/swift` and `models/swift` are `swift`.
pub(crate) fn bare_model(model: &str) -> &str {
    let model = model.strip_prefix("models/").unwrap_or(model);
    model.strip_prefix("demo/").unwrap_or(model)
}

/// The text of a `content` that is a string, a part or a list of parts; parts that are not text say nothing.
pub(crate) fn text_of(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(parts) => {
            parts.iter().map(text_of).filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n")
        }
        Value::Object(part) => part.get("text").and_then(Value::as_str).unwrap_or_default().to_owned(),
        _ => String::new(),
    }
}

/// Stop sequences as a string or a list of them.
pub(crate) fn stops_of(value: &Value) -> Vec<String> {
    match value {
        Value::String(stop) => vec![stop.clone()],
        Value::Array(stops) => stops.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}
