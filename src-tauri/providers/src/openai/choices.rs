//! Tools, and whether they have to be called.

use roundtable_domain::{ChatRequest, ToolChoice, ToolDefinition};
use serde_json::{Value, json};

use crate::dialect::{Choice, Dialect};
use crate::draft::Draft;
use crate::wire::Omission;

/// Definitions, choice and parallel calls. The shape of a definition and of a named choice is the wire's.
pub(crate) fn put_tools(
    draft: &mut Draft,
    dialect: &Dialect,
    request: &ChatRequest,
    definition: impl Fn(&ToolDefinition) -> Value,
    named: impl Fn(&str) -> Value,
) {
    if request.tools.is_empty() {
        return;
    }
    let choice = match dialect.tools.choice {
        Choice::NoTools => return draft.omit(Omission::Tools),
        // Without a word for "never", tools the model does not know are the same.
        Choice::Auto if request.tool_choice == ToolChoice::None => return,
        choice => choice,
    };
    draft.put("tools", request.tools.iter().map(definition).collect::<Value>());
    let (required, takes_names) = match choice {
        Choice::Words { required, named } => (required.map(|word| json!(word)), named),
        Choice::NoTools | Choice::Auto => (None, false),
    };
    let word = match &request.tool_choice {
        ToolChoice::Auto => None,
        ToolChoice::None => Some(json!("none")),
        ToolChoice::Required => required,
        ToolChoice::Named(name) if takes_names => Some(named(name)),
        // To have to call something is the same where there is nothing else.
        ToolChoice::Named(name) => match request.tools.as_slice() {
            [only] if only.name == *name => required,
            _ => None,
        },
    };
    match word {
        Some(word) => draft.put("tool_choice", word),
        None if request.tool_choice != ToolChoice::Auto => draft.omit(Omission::ToolChoice),
        None => {}
    }
    match request.parallel_tools {
        Some(parallel) if dialect.tools.parallel => draft.put("parallel_tool_calls", parallel),
        // Several at once are the rule everywhere, so only the ban can get lost.
        Some(false) => draft.omit_parameter("parallel_tools"),
        Some(true) | None => {}
    }
}
