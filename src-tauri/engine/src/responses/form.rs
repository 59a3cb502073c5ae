//! The form an answer is kept in.

use roundtable_domain::{Answer, Layout, TokenUsage, ToolCall};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A change of the form makes what was kept in an older one worthless.
const VERSION: u32 = 1;

/// A complete answer. What only an incomplete one has is left out.
#[derive(Serialize, Deserialize)]
struct Form {
    version: u32,
    text: String,
    reasoning: String,
    refusal: String,
    tool_calls: Vec<ToolCall>,
    layout: Layout,
    finish_reason: Option<String>,
    stop_sequence: Option<String>,
    response_id: Option<String>,
    model_served: Option<String>,
    usage: Option<TokenUsage>,
    usage_raw: Option<Value>,
    service_tier: Option<String>,
    choices: usize,
}

pub(super) fn write(answer: &Answer) -> Value {
    let Answer {
        text,
        reasoning,
        refusal,
        tool_calls,
        layout,
        other_parts: _,
        finish_reason,
        stop_sequence,
        response_id,
        model_served,
        usage,
        usage_raw,
        service_tier,
        choices,
        completed: _,
        error: _,
    } = answer.clone();
    let form = Form {
        version: VERSION,
        text,
        reasoning,
        refusal,
        tool_calls,
        layout,
        finish_reason,
        stop_sequence,
        response_id,
        model_served,
        usage,
        usage_raw,
        service_tier,
        choices,
    };
    // These types serialise without fail; were it otherwise, what is kept is never read again.
    serde_json::to_value(form).unwrap_or(Value::Null)
}

/// `None` for a form this version does not know.
pub(super) fn read(kept: Value) -> Option<Answer> {
    let form: Form = serde_json::from_value(kept).ok().filter(|form: &Form| form.version == VERSION)?;
    Some(Answer {
        text: form.text,
        reasoning: form.reasoning,
        refusal: form.refusal,
        tool_calls: form.tool_calls,
        layout: form.layout,
        other_parts: Vec::new(),
        finish_reason: form.finish_reason,
        stop_sequence: form.stop_sequence,
        response_id: form.response_id,
        model_served: form.model_served,
        usage: form.usage,
        usage_raw: form.usage_raw,
        service_tier: form.service_tier,
        choices: form.choices,
        completed: true,
        error: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use roundtable_domain::{Seals, StreamEvent};
    use serde_json::json;

    #[test]
    fn an_answer_comes_back_as_it_came_in_its_order_and_with_its_seals() {
        let mut answer = Answer::default();
        let events = [
            StreamEvent::Started { response_id: Some("r".into()), model: Some("served".into()) },
            StreamEvent::Reasoning("think".into()),
            StreamEvent::Opaque { of: Seals::Reasoning, content: json!({ "signature": "s" }) },
            StreamEvent::Text("one ".into()),
            StreamEvent::ToolCallStarted { index: 0, id: Some("c".into()), name: "look".into() },
            StreamEvent::ToolCallArguments { index: 0, delta: "{}".into() },
            StreamEvent::Text("two".into()),
            StreamEvent::Usage {
                tokens: TokenUsage { input: Some(3), output: Some(9), ..TokenUsage::default() },
                raw: json!({ "prompt_tokens": 3 }),
            },
            StreamEvent::Finish { reason: "stop".into(), stop_sequence: Some("END".into()) },
            StreamEvent::Choices(1),
            StreamEvent::Completed,
        ];
        for event in events {
            answer.apply(event);
        }
        assert_eq!(read(write(&answer)), Some(answer));
    }

    #[test]
    fn another_versions_form_is_not_read() {
        let mut kept = write(&Answer { text: "hi".into(), ..Answer::default() });
        assert!(read(kept.clone()).is_some());
        kept["version"] = json!(2);
        assert_eq!(read(kept), None);
        assert_eq!(read(Value::Null), None);
    }
}
