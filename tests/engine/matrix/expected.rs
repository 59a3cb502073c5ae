//! What each cell has to come to, worked out from what the fault is; nothing here was copied from a run.

use roundtable_domain::{ErrorCategory, RunState, WireApi};

use super::faults::{Cure, Fault, Shown};
use super::play::{FIRST, FIRST_TEXT, SECOND, SECOND_TEXT, Way};

/// One call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Call {
    pub kind: &'static str,
    pub provider: &'static str,
    pub state: RunState,
    pub category: Option<ErrorCategory>,
    /// It stands in the books.
    pub is_booked: bool,
}

/// The text of the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Text {
    Is(&'static str),
    /// So many tokens of whatever the model says.
    Tokens(usize),
    /// So many tokens of the first model, and as a segment of its own what the second says.
    TokensAnd(usize, &'static str),
}

/// What a cell has to come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected {
    pub calls: Vec<Call>,
    pub state: RunState,
    pub category: Option<ErrorCategory>,
    pub text: Text,
    /// Who may continue or regenerate what was shown in part, the best first.
    pub offered: Vec<&'static str>,
}

/// The table.
pub fn expected(wire: WireApi, fault: &Fault, way: Way) -> Expected {
    let failed = |kind| Call {
        kind,
        provider: FIRST.0,
        state: state_of(fault),
        category: fault.category,
        is_booked: is_charged(wire, fault, way),
    };
    let answered =
        |kind, provider| Call { kind, provider, state: RunState::Complete, category: None, is_booked: true };
    let end = |calls: Vec<Call>, text| Expected {
        state: calls.last().map_or(RunState::Failed, |call| call.state),
        category: calls.last().and_then(|call| call.category),
        calls,
        text,
        offered: Vec::new(),
    };
    // Of an answer in one piece nothing is shown before the end of it.
    let shown = match (fault.shown, way) {
        (Shown::Part, Way::Whole) => Shown::Nothing,
        (shown, _) => shown,
    };
    match (shown, way, fault.cure) {
        (Shown::All, ..) => {
            end(vec![answered("first", FIRST.0)], Text::Tokens(super::play::LONGEST as usize))
        }
        // The part stays and is paid, and so is what follows it.
        (Shown::Part, Way::GoesOn, _) => end(
            vec![failed("first"), answered("continue", SECOND.0)],
            Text::TokensAnd(super::faults::BEFORE_THE_FAULT, SECOND_TEXT),
        ),
        // Whatever follows a part that was read is asked for by the reader.
        (Shown::Part, ..) => Expected {
            offered: if way == Way::Fallback { vec![SECOND.0, FIRST.0] } else { vec![FIRST.0] },
            ..end(vec![failed("first")], Text::Tokens(super::faults::BEFORE_THE_FAULT))
        },
        (Shown::Nothing, Way::Retry, Cure::Again | Cure::AnotherFirst) => {
            end(vec![failed("first"), answered("retry", FIRST.0)], Text::Is(FIRST_TEXT))
        }
        // Three calls are what a model that is asked for by itself is worth.
        (Shown::Nothing, Way::Single | Way::Whole, Cure::Again | Cure::AnotherFirst) => {
            end(vec![failed("first"), failed("retry"), failed("retry")], Text::Is(""))
        }
        (Shown::Nothing, Way::Retry | Way::Single | Way::Whole, Cure::Another) => {
            end(vec![failed("first")], Text::Is(""))
        }
        (Shown::Nothing, Way::Fallback | Way::GoesOn, Cure::Again) => {
            end(vec![failed("first"), failed("retry"), answered("fallback", SECOND.0)], Text::Is(SECOND_TEXT))
        }
        (Shown::Nothing, Way::Fallback | Way::GoesOn, Cure::AnotherFirst | Cure::Another) => {
            end(vec![failed("first"), answered("fallback", SECOND.0)], Text::Is(SECOND_TEXT))
        }
    }
}

fn state_of(fault: &Fault) -> RunState {
    match fault.category {
        None => RunState::Complete,
        Some(ErrorCategory::Truncated) => RunState::Truncated,
        Some(_) => RunState::Failed,
    }
}

/// Text that came is charged, and so is what the provider says it charges: two wires state the prompt's tokens in their first
/// frame. Of an answer that had begun and broke off at our end, or on its way, the prompt may be charged; what a provider refuses in
/// its own words is not.
fn is_charged(wire: WireApi, fault: &Fault, way: Way) -> bool {
    use ErrorCategory::{Network, Timeout, Truncated};
    let states_usage_first = matches!(wire, WireApi::AnthropicMessages | WireApi::Gemini);
    let is_said = fault.shown != Shown::Nothing || (fault.has_begun && states_usage_first);
    // All of these have had the head of a success.
    matches!(fault.category, Some(Network | Timeout | Truncated)) || (is_said && way != Way::Whole)
}
