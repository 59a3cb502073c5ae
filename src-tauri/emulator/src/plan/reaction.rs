//! How a demo model reacts to what comes with the words: it names images and files, calls a fitting tool, and answers in the form
//! that is asked for. Everything it says of itself stays labelled as simulated.

use serde_json::{Value, json};

use crate::ask::{Ask, Form, Medium, Tool, ToolChoice, fill};

/// The tool that is called instead of an answer, with its arguments; `None`: it answers.
pub(super) fn called_tool(ask: &Ask) -> Option<(String, Value)> {
    if ask.is_tool_result {
        return None;
    }
    let tool = match &ask.tool_choice {
        ToolChoice::None => None,
        ToolChoice::Named(name) => ask.tools.iter().find(|tool| tool.name == *name),
        ToolChoice::Required => ask.tools.iter().rev().max_by_key(|tool| fit(ask, tool)),
        ToolChoice::Auto => {
            ask.tools.iter().filter(|tool| fit(ask, tool) > 0).max_by_key(|tool| fit(ask, tool))
        }
    }?;
    let arguments = fill(&tool.parameters, &words(ask.prompt()));
    let arguments = if arguments.is_object() { arguments } else { json!({}) };
    Some((tool.name.clone(), arguments))
}

/// How much of a tool's name, or of what it is for, the prompt speaks of.
fn fit(ask: &Ask, tool: &Tool) -> usize {
    let prompt = ask.prompt().to_lowercase();
    let said = |word: &String| word.chars().count() > 3 && prompt.contains(word.as_str());
    let lower = |text: &str| words(&text.to_lowercase());
    let in_name = lower(&tool.name.replace(['_', '-', '.'], " ")).iter().filter(|word| said(word)).count();
    let in_description = lower(&tool.description).iter().filter(|word| said(word)).count();
    let asked = ["use a tool", "use the tool", "call the tool", "call a tool", "工具"];
    let asked = asked.iter().any(|phrase| prompt.contains(phrase));
    in_name * 4 + in_description + usize::from(asked)
}

/// The answer in the form that is demanded; `None`: as the model likes.
pub(super) fn formed(ask: &Ask) -> Option<String> {
    match &ask.form {
        Form::Text => None,
        Form::Object => Some(json!({"simulated": true, "answer": ask.prompt()}).to_string()),
        Form::Schema(schema) => Some(fill(schema, &words(ask.prompt())).to_string()),
    }
}

/// Sentences about what came along with the last words; empty when nothing did.
pub(super) fn noticed(ask: &Ask) -> String {
    ask.media.iter().flat_map(|medium| [sentence(medium), "\n".to_owned()]).collect()
}

fn sentence(medium: &Medium) -> String {
    let Medium::Inline { media_type, name, bytes } = medium else {
        return "I was given the address of an image, and do not look at it. (Simulated.)".to_owned();
    };
    let named = name.as_ref().map(|name| format!(" named {name}")).unwrap_or_default();
    if let Ok(kind) = imagesize::image_type(bytes) {
        let size = imagesize::blob_size(bytes)
            .map_or_else(|_| "unknown size".to_owned(), |size| format!("{}x{}", size.width, size.height));
        return format!(
            "I see an image of {size} {}{named}. (Simulated: only its size was looked at.)",
            format_of(kind)
        );
    }
    let (kind, bytes) = (media_type.as_str(), bytes.len());
    match kind {
        "application/pdf" => format!("I see a PDF{named} of {bytes} bytes. (Simulated: it was not read.)"),
        kind if kind.starts_with("audio/") => {
            format!("I hear a recording{named} of {bytes} bytes. (Simulated: it was not played.)")
        }
        kind if kind.starts_with("image") => "I see an image that cannot be read. (Simulated.)".to_owned(),
        kind => format!("I see a file{named} of {bytes} bytes, {kind}. (Simulated: it was not read.)"),
    }
}

fn format_of(kind: imagesize::ImageType) -> &'static str {
    match kind {
        imagesize::ImageType::Png => "PNG",
        imagesize::ImageType::Jpeg => "JPEG",
        imagesize::ImageType::Gif => "GIF",
        imagesize::ImageType::Webp => "WebP",
        _ => "image",
    }
}

/// The words of a text, without the marks around them.
fn words(text: &str) -> Vec<String> {
    let plain = |word: &str| word.trim_matches(|one: char| !one.is_alphanumeric()).to_owned();
    text.split_whitespace().map(plain).filter(|word| !word.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ask::{Role, Turn};

    fn ask(prompt: &str, choice: ToolChoice) -> Ask {
        let tool =
            |name: &str, parameters| Tool { name: name.into(), description: String::new(), parameters };
        let city = json!({"type": "object", "properties": {"city": {"type": "string"}}});
        Ask {
            turns: vec![Turn { role: Role::User, text: prompt.to_owned() }],
            tools: vec![tool("get_weather", city), tool("send_mail", json!({}))],
            tool_choice: choice,
            ..Ask::default()
        }
    }

    #[test]
    fn a_tool_is_called_when_the_prompt_speaks_of_it_or_it_must_be() {
        let called = called_tool(&ask("What is the weather in Porto?", ToolChoice::Auto));
        assert_eq!(called, Some(("get_weather".to_owned(), json!({"city": "Porto"}))));
        assert_eq!(called_tool(&ask("Hello there", ToolChoice::Auto)), None);
        assert_eq!(called_tool(&ask("What is the weather?", ToolChoice::None)), None);
        assert!(called_tool(&ask("Hello", ToolChoice::Required)).is_some());
        let named = called_tool(&ask("Hello", ToolChoice::Named("send_mail".into())));
        assert_eq!(named, Some(("send_mail".to_owned(), json!({}))));
        let answered = Ask { is_tool_result: true, ..ask("What is the weather?", ToolChoice::Required) };
        assert_eq!(called_tool(&answered), None, "a result is answered, or the two would never end");
    }
}
