//! One question from the command line: the same way as a turn in the window, in a conversation of its own that is put away
//! from the list and deleted when the answers are there. So a killed process loses neither text nor money.

use roundtable_domain::endpoint::{PlainHttp, parse_base_url};
use roundtable_domain::{
    ConversationId, Params, PicoUsd, RunId, Timeouts, ToolChoice, ToolDefinition, WireApi,
};
use roundtable_providers::{dialect, dialect_of_url};
use roundtable_store::{Attempt, LedgerEntry, LedgerFilter, Run, Source, SpendTotals};
use secrecy::SecretString;

use crate::conversations::Filing;
use crate::directory::Setup;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::keys::FoundKey;
use crate::turn::{Asked, LaneToAsk, NewPrompt, Patient, TurnSink};
use crate::view::{MoneyChoice, TurnView};

/// Whom to ask.
#[derive(Clone, Debug)]
pub enum AskTarget {
    /// A model of a provider that is set up, or a demo model: `provider/model`.
    Named(String),
    /// A server that is not set up here.
    Unsaved(UnsavedEndpoint),
}

/// A server that is not set up here. Its key is used for this one question and never stored.
#[derive(Clone, Debug)]
pub struct UnsavedEndpoint {
    /// The wire it speaks.
    pub api: WireApi,
    /// Where it is.
    pub base_url: String,
    /// The model to ask for.
    pub model: String,
    /// The key.
    pub key: Option<SecretString>,
    /// The environment variable the key came from.
    pub key_variable: Option<String>,
}

/// A question.
#[derive(Clone, Debug)]
pub struct Question {
    /// One lane each.
    pub targets: Vec<AskTarget>,
    /// The prompt.
    pub text: String,
    /// Files that go along, by the ids [`Engine::add_attachment`] gave them.
    pub attachments: Vec<String>,
    /// What the model may call.
    pub tools: Tools,
    /// The profile for this question by its id; `None`: the one in use.
    pub profile: Option<String>,
    /// Instructions above the conversation.
    pub system: Option<String>,
    /// Sampling and length, the same for all lanes.
    pub params: Params,
    /// Stream the answers.
    pub stream: bool,
    /// Send a failed request again.
    pub retry: bool,
    /// Send it also where the same answer is kept; the new one takes its place.
    pub fresh: bool,
    /// How long each phase may take; what is not said here is as set up.
    pub timeouts: Timeouts,
    /// What somebody has decided about its money.
    pub money: MoneyChoice,
    /// Where its conversation is filed, for rules and the books.
    pub filing: Filing,
}

/// Tools a question offers. Nobody here executes them: the calls are part of the answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tools {
    /// What may be called.
    pub definitions: Vec<ToolDefinition>,
    /// Whether it may, must or must not be.
    pub choice: ToolChoice,
    /// Several at once; `None`: the provider decides.
    pub parallel: Option<bool>,
}

/// A question under way.
#[derive(Clone, Debug)]
pub struct Asking {
    conversation_id: ConversationId,
    /// The turn, with one run per target in their order.
    pub turn: TurnView,
}

/// Everything known of one answer.
#[derive(Clone, Debug)]
pub struct AnswerRecord {
    /// The run.
    pub run: Run,
    /// Its calls, in order.
    pub attempts: Vec<Attempt>,
}

impl Engine {
    /// Sends a question. What streams goes through `sink`; when its batch says `done`, take the answers with
    /// [`Engine::answers`] and then [`Engine::forget`] the question.
    pub async fn ask(&self, question: Question, sink: TurnSink) -> Result<Asking, EngineError> {
        let targets: Vec<String> = question.targets.iter().map(AskTarget::name).collect::<Result<_, _>>()?;
        let (system, filing) = (question.system.clone(), question.filing.clone());
        let conversation_id = self.new_conversation_unchecked(&targets, system, filing).await?;
        match Box::pin(self.ask_in(conversation_id, question, Source::Cli, None, sink)).await {
            Ok(turn) => Ok(Asking { conversation_id, turn }),
            Err(error) => {
                self.inner.store.conversations().delete(conversation_id).await?;
                Err(error)
            }
        }
    }

    /// Sends a question in a conversation that was made for it, with a lane for each of its targets, and puts the conversation
    /// away from the list. `most` is what each answer may cost. What becomes of the conversation afterwards is the caller's to say, also after an error.
    pub(crate) async fn ask_in(
        &self,
        conversation_id: ConversationId,
        question: Question,
        source: Source,
        most: Option<PicoUsd>,
        sink: TurnSink,
    ) -> Result<TurnView, EngineError> {
        if let Some(profile) = &question.profile {
            self.profiles().await?.values(Some(profile))?;
        }
        let parts = self.parts_of(&question.attachments).await?;
        let lanes = self.inner.store.lanes().list(conversation_id).await?;
        let mut asked = Vec::with_capacity(lanes.len());
        for (mut lane, target) in lanes.into_iter().zip(&question.targets) {
            lane.params = question.params.clone();
            let unsaved = match target {
                AskTarget::Named(_) => None,
                AskTarget::Unsaved(endpoint) => {
                    let mut asked = endpoint.asked()?;
                    asked.setup.catalogue = self.catalogue().await;
                    Some(asked)
                }
            };
            asked.push(LaneToAsk { unsaved, ..LaneToAsk::from(lane) });
        }
        let prompt = NewPrompt {
            text: question.text,
            parts,
            attachments: Vec::new(),
            tools: question.tools,
            profile: question.profile,
            source,
            stream: question.stream,
            fresh: question.fresh,
            money: question.money,
        };
        let patient = Patient {
            once: !question.retry,
            unhurried: source == Source::Batch,
            most,
            timeouts: question.timeouts,
        };
        let turn = Box::pin(self.begin_turn(conversation_id, prompt, asked, patient, sink)).await?;
        let put_away =
            self.inner.store.conversations().archive(conversation_id, Some(self.inner.clock.now()));
        if let Err(error) = put_away.await {
            // It is being answered and paid for: standing in the list is the lesser evil.
            tracing::warn!(%error, "a question could not be put away from the list");
        }
        Ok(turn)
    }

    /// The answers as they stand in the database, in the order of the targets.
    pub async fn answers(&self, asking: &Asking) -> Result<Vec<AnswerRecord>, EngineError> {
        let mut records = Vec::with_capacity(asking.turn.runs.len());
        for view in &asking.turn.runs {
            records.push(self.answer(view.id).await?);
        }
        Ok(records)
    }

    /// One answer as it stands in the database.
    pub(crate) async fn answer(&self, id: RunId) -> Result<AnswerRecord, EngineError> {
        let run = self.inner.store.runs().get(id).await?;
        let attempts = self.inner.store.attempts().list(id).await?;
        Ok(AnswerRecord { run, attempts })
    }

    /// Stops all answers of a question; their text stays until it is forgotten.
    pub fn stop_asking(&self, asking: &Asking) {
        self.stop_turn(asking.turn.id);
    }

    /// Deletes a question and its answers. What was spent stays in the books.
    pub async fn forget(&self, asking: Asking) -> Result<(), EngineError> {
        Ok(self.inner.store.conversations().delete(asking.conversation_id).await?)
    }

    /// Entries of the books, newest first.
    pub async fn ledger_entries(
        &self,
        filter: &LedgerFilter,
        limit: u32,
    ) -> Result<Vec<LedgerEntry>, EngineError> {
        Ok(self.inner.store.ledger().entries(filter, limit).await?)
    }

    /// Sums over the books.
    pub async fn ledger_totals(&self, filter: &LedgerFilter) -> Result<SpendTotals, EngineError> {
        Ok(self.inner.store.ledger().totals(filter).await?)
    }
}

impl AskTarget {
    fn name(&self) -> Result<String, EngineError> {
        match self {
            Self::Named(name) if name.trim().is_empty() => Err(EngineError::UnknownTarget(name.clone())),
            Self::Named(name) => Ok(name.trim().to_owned()),
            Self::Unsaved(endpoint) => Ok(format!("{}/{}", endpoint.setup()?.id, endpoint.model)),
        }
    }
}

impl UnsavedEndpoint {
    /// The provider as if it were set up: a public host that is known gets its own dialect.
    fn setup(&self) -> Result<Setup, EngineError> {
        let base_url = parse_base_url(&self.base_url, PlainHttp::ConfirmedPrivate)?;
        let known = dialect_of_url(&base_url, self.api);
        let dialect = if known.api == self.api { known } else { dialect("custom").unwrap_or(known) };
        Ok(Setup {
            name: base_url.host_str().unwrap_or(dialect.name).to_owned(),
            api: self.api,
            ..Setup::at(dialect, base_url)
        })
    }

    fn asked(&self) -> Result<Asked, EngineError> {
        let key = self.key.clone().map(|secret| FoundKey::of_variable(secret, self.key_variable.clone()));
        let keys = key.into_iter().collect();
        Ok(Asked { setup: self.setup()?, model: self.model.clone(), keys, unsaved: true })
    }
}
