//! What the lanes of a turn are asked in common, and what an answer goes on from.

use std::sync::Arc;

use roundtable_domain::{ConversationId, Message, PicoUsd, Role, Timeouts};
use roundtable_store::{Admission, BudgetRow, Conversation, Turn};

use crate::ask::Tools;
use crate::budgets::Place;
use crate::history::user_message;
use crate::routing::Spoken;
use crate::view::{MoneyChoice, SegmentView};

/// What a model that goes on is told after the part that is there.
const GO_ON: &str = "Your answer above was cut off. Go on exactly where it stopped, in the middle of a sentence if need be. Do not \
                     repeat any of it, do not begin anew and do not comment on it.";

/// A prompt. Kept as long as one of its runs may have to ask another model.
#[derive(Clone, Debug)]
pub(crate) struct Prompt {
    pub(crate) conversation_id: ConversationId,
    /// The conversation's tags, for rules.
    pub(crate) tags: Vec<String>,
    /// Instructions above the conversation.
    pub(crate) system: Option<String>,
    pub(crate) message: Message,
    /// The same as choosing sees it.
    pub(crate) spoken: Spoken,
    /// What may be called besides what the history calls.
    pub(crate) tools: Tools,
    /// `None`: the profile in use.
    pub(crate) profile: Option<String>,
    pub(crate) stream: bool,
    pub(crate) patient: Patient,
    /// Answers that are kept are not looked at, and the new one takes their place.
    pub(crate) fresh: bool,
    /// What somebody has decided about its money.
    pub(crate) money: MoneyChoice,
    /// The budgets as they stood when it was planned.
    pub(crate) budgets: Arc<[BudgetRow]>,
    /// Where it is said and what for, as budgets see it.
    pub(crate) place: Place,
}

/// How patiently a request is sent.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Patient {
    /// One call, whatever comes of it.
    pub(crate) once: bool,
    /// Nobody looks on: a long wait is better than no answer.
    pub(crate) unhurried: bool,
    /// What all its calls may cost together; `None`: as much as it takes.
    pub(crate) most: Option<PicoUsd>,
    /// What was said about waiting for this call alone.
    pub(crate) timeouts: Timeouts,
}

/// The part of an answer that is there when another model goes on.
#[derive(Clone, Debug, Default)]
pub(crate) struct Partial {
    pub(crate) text: String,
    pub(crate) reasoning: String,
    /// Who wrote it.
    pub(crate) segments: Vec<SegmentView>,
}

impl Prompt {
    /// The prompt of a turn.
    pub(crate) fn of_turn(conversation: &Conversation, turn: &Turn) -> Self {
        let message = user_message(turn);
        Self {
            conversation_id: conversation.id,
            tags: conversation.tags.clone(),
            system: conversation.system_prompt.clone(),
            spoken: Spoken::new(&turn.text, &message, &turn.parts),
            message,
            tools: Tools::default(),
            profile: None,
            stream: true,
            patient: Patient::default(),
            fresh: false,
            money: MoneyChoice::default(),
            budgets: Arc::default(),
            place: Place::of(conversation),
        }
    }
}

impl Prompt {
    /// What budgets are to let through.
    pub(crate) fn admission(&self) -> Admission {
        Admission {
            overrides: self.money.override_budgets.clone(),
            allow_unpriced: self.money.allow_unpriced,
        }
    }
}

impl Partial {
    /// What a model is sent that is to go on: the part, then what to do.
    pub(crate) fn messages(&self) -> [Message; 2] {
        [Message::text(Role::Assistant, self.text.clone()), Message::text(Role::User, GO_ON)]
    }
}
