//! What is set aside for a call: its prompt with a margin where the count is not exact, and the longest answer that is asked for.
//!
//! The margins stand in docs/money.md with what they were measured on.

use roundtable_domain::budget::SpendFacts;
use roundtable_domain::history::{PartKind, with_part};
use roundtable_domain::{ChatRequest, KeyId, Part, PicoUsd, UnixMs};
use roundtable_ledger::{ModelFacts, PriceList, WorstCall, worst_cost};
use roundtable_providers::ThinkingApart;
use roundtable_store::BudgetRow;

use super::fit::{Ask, counts};
use crate::directory::Setup;
use crate::tokens::MediaTokens;
use crate::view::{CountSource, MoneyChoice};

/// What a provider may put around a prompt that it does not show: a template, instructions of its own.
const UNSEEN_TOKENS: u64 = 64;

/// What it may add where tools are offered; Anthropic names up to 346.
const UNSEEN_TOKENS_OF_TOOLS: u64 = 512;

/// The answer money is set aside for when neither the user nor the catalogue limits it, in tokens.
const USUAL_MAX_OUTPUT: u64 = 4_096;

/// An answer is never limited to less than this by the room in a window.
const LEAST_ROOM: u64 = 16;

/// Thinking that has a limit of its own is limited to no less and no more than this, in tokens: `SiliconFlow` takes nothing else.
const LEAST_THINKING: u32 = 128;
const MOST_THINKING: u32 = 32_768;

/// A call's money before it is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reserve {
    /// What it was reckoned for.
    pub(crate) call: WorstCall,
    /// The most it can cost; `None`: unpriced.
    pub(crate) worst: Option<PicoUsd>,
}

impl Reserve {
    pub(crate) fn new(price: Option<&PriceList>, call: WorstCall) -> Self {
        Self { call, worst: price.and_then(|price| worst_cost(price, call)) }
    }
}

/// How a prompt was counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Counted {
    /// In tokens, tools included.
    pub(crate) tokens: u64,
    /// What of it is no text, with the most that may be charged as.
    pub(crate) media: MediaTokens,
    pub(crate) source: CountSource,
    pub(crate) has_tools: bool,
    /// The most tokens a provider has reported beyond what was counted here for the same model.
    pub(crate) exceeded: u64,
}

impl Counted {
    /// The most tokens the prompt may be charged as. `window`: what the model reads; a longer prompt is refused and costs nothing.
    pub(crate) fn at_most(self, window: Option<u64>) -> u64 {
        let likely = self.likely();
        let beyond = self.media.at_most.saturating_sub(self.media.expected);
        likely.saturating_add(beyond).min(window.unwrap_or(u64::MAX)).max(likely)
    }

    /// What the prompt is held to be where it has to fit beside an answer: the most it may be would often leave that no room.
    pub(crate) fn likely(self) -> u64 {
        let text = self.tokens.saturating_sub(self.media.expected);
        let margin = match self.source {
            CountSource::Tokenizer | CountSource::Provider => text / 20,
            CountSource::Learned => text / 4,
            CountSource::Estimate => text / 2,
        };
        let unseen = UNSEEN_TOKENS + if self.has_tools { UNSEEN_TOKENS_OF_TOOLS } else { 0 };
        let likely = self.tokens.saturating_add(margin).saturating_add(unseen);
        likely.max(self.tokens.saturating_add(self.exceeded))
    }
}

/// The longest answer there may be, in tokens.
pub(crate) fn longest_answer(asked_for: Option<u32>, facts: Option<&ModelFacts>) -> u64 {
    asked_for.map(u64::from).or_else(|| facts.and_then(|facts| facts.max_output)).unwrap_or(USUAL_MAX_OUTPUT)
}

/// The longest answer money is set aside for, in tokens. Under a budget it is what is sent, and then it has to fit into the window
/// beside the prompt: servers refuse what does not.
pub(crate) fn answer_limit(
    asked_for: Option<u32>,
    facts: Option<&ModelFacts>,
    prompt: u64,
    choice: &MoneyChoice,
    is_governed: bool,
) -> u64 {
    let longest =
        longest_answer(asked_for, facts).min(choice.cap_tokens.map_or(u64::MAX, |cap| u64::from(cap.max(1))));
    let window = facts.and_then(|facts| facts.context_window).filter(|_| is_governed && asked_for.is_none());
    window.map_or(longest, |window| longest.min(window.saturating_sub(prompt).max(LEAST_ROOM.min(longest))))
}

/// Whether a budget that may refuse counts calls to this model, with any of these keys.
pub(crate) fn is_governed(
    rows: &[BudgetRow],
    facts: SpendFacts<'_>,
    keys: &[Option<KeyId>],
    simulated: bool,
) -> bool {
    let governs = |row: &BudgetRow, key_id| {
        counts(row, &Ask { facts: SpendFacts { key_id, ..facts }, simulated, worst: None })
    };
    rows.iter()
        .filter(|row| !row.budget.paused && row.budget.on_limit.refuses())
        .any(|row| governs(row, None) || keys.iter().any(|key| governs(row, *key)))
}

/// What is sent as the limit of thinking under a budget, where the limit of the answer leaves it out and the server takes one: as much
/// as may be answered, for a model that thinks or that is told to. `None`: nothing is sent.
pub(crate) fn thinking_limit(setup: &Setup, request: &ChatRequest, answer: u64) -> Option<u32> {
    let thinks = setup.facts(&request.model).and_then(|facts| facts.capabilities.reasoning) == Some(true)
        || request.params.reasoning_effort.is_some();
    let takes_one = setup.dialect.limits_thinking(setup.api);
    let limit = u32::try_from(answer).unwrap_or(u32::MAX).clamp(LEAST_THINKING, MOST_THINKING);
    (thinks && takes_one).then_some(limit)
}

/// So many tokens may be thought on top of the longest answer. Where the request does not limit that, as many as the model may write at
/// all and its window leaves room for; a model of which neither is known is not expected to.
pub(crate) fn thinking_apart(setup: &Setup, request: &ChatRequest, prompt: u64, answer: u64) -> u64 {
    match setup.dialect.thinking_apart(setup.api, request) {
        ThinkingApart::Nothing => 0,
        ThinkingApart::Tokens(tokens) => u64::from(tokens),
        ThinkingApart::Unlimited => {
            let facts = setup.facts(&request.model);
            let facts = facts.filter(|facts| facts.capabilities.reasoning != Some(false));
            let room = |window: u64| window.saturating_sub(prompt).saturating_sub(answer);
            let window = facts.and_then(|facts| facts.context_window).map(room);
            // Who limits thinking by itself lists the longest answer without it.
            let longest = facts.and_then(|facts| facts.max_output);
            let longest = longest.filter(|_| !setup.dialect.limits_thinking(setup.api));
            window.into_iter().chain(longest).min().unwrap_or(0)
        }
    }
}

/// The call a request is, at its worst.
pub(crate) fn worst_call(
    setup: &Setup,
    request: &ChatRequest,
    counted: Counted,
    answer: u64,
    at: UnixMs,
) -> WorstCall {
    let is_sound = |part: &Part| matches!(part, Part::File { blob } if blob.media_type.starts_with("audio/"));
    let has_audio =
        with_part(&request.messages, PartKind::File).any(|message| message.parts.iter().any(is_sound));
    let thinking = thinking_apart(setup, request, counted.tokens, answer);
    let window = setup.facts(&request.model).and_then(|facts| facts.context_window);
    let prompt_at_most = counted.at_most(window);
    WorstCall { prompt: counted.tokens, prompt_at_most, answer, thinking, has_audio, at }
}

#[cfg(test)]
mod tests {
    use roundtable_domain::budget::{OnLimit, Scope};

    use super::super::samples::budget;
    use super::*;

    fn counted(tokens: u64, source: CountSource) -> Counted {
        Counted { tokens, media: MediaTokens::default(), source, has_tools: false, exceeded: 0 }
    }

    #[test]
    fn the_rougher_the_count_the_wider_the_margin() {
        assert_eq!(counted(1_000, CountSource::Tokenizer).at_most(None), 1_114);
        assert_eq!(counted(1_000, CountSource::Learned).at_most(None), 1_314);
        assert_eq!(counted(1_000, CountSource::Estimate).at_most(None), 1_564);
        let tools = Counted { has_tools: true, ..counted(1_000, CountSource::Estimate) };
        assert_eq!(tools.at_most(None), 2_076);
    }

    #[test]
    fn what_is_no_text_has_a_bound_of_its_own_within_what_the_model_reads() {
        let media = MediaTokens { expected: 12_500, at_most: 900_000 };
        let with_file = Counted { media, ..counted(12_600, CountSource::Tokenizer) };
        assert_eq!(with_file.at_most(None), 900_100 + 5 + UNSEEN_TOKENS);
        assert_eq!(with_file.at_most(Some(200_000)), 200_000, "a longer one is refused");
        assert_eq!(
            with_file.at_most(Some(4_000)),
            with_file.likely(),
            "what is sent all the same is no less"
        );
        assert_eq!(with_file.likely(), 12_600 + 5 + UNSEEN_TOKENS, "it leaves room for an answer");
        let measured = MediaTokens { expected: 765, at_most: 765 };
        let seen = Counted { media: measured, ..counted(865, CountSource::Estimate) };
        assert_eq!(seen.at_most(None), 865 + 50 + UNSEEN_TOKENS, "the margin is for the text");
    }

    #[test]
    fn what_a_provider_once_added_unseen_is_expected_again() {
        let known = Counted { exceeded: 680, ..counted(7, CountSource::Estimate) };
        assert_eq!(known.at_most(None), 687);
    }

    #[test]
    fn the_longest_answer_is_what_is_asked_for_or_the_models_and_fits_beside_the_prompt() {
        let none = MoneyChoice::default();
        let cap = MoneyChoice { cap_tokens: Some(300), ..MoneyChoice::default() };
        assert_eq!(answer_limit(None, None, 0, &none, true), 4_096);
        assert_eq!(answer_limit(Some(900), None, 0, &cap, false), 300);
        let facts =
            ModelFacts { max_output: Some(8_000), context_window: Some(10_000), ..ModelFacts::default() };
        assert_eq!(answer_limit(None, Some(&facts), 9_000, &none, false), 8_000, "nothing is sent");
        assert_eq!(answer_limit(None, Some(&facts), 9_000, &none, true), 1_000);
        assert_eq!(answer_limit(None, Some(&facts), 20_000, &none, true), 16);
        assert_eq!(answer_limit(Some(5_000), Some(&facts), 9_000, &none, true), 5_000, "an order stands");
    }

    #[test]
    fn a_budget_of_one_key_governs_whoever_may_be_asked_with_it() {
        let key = KeyId::from_uuid(uuid::Uuid::from_u128(7));
        let rows = [budget("key", Scope::Key(key), "1", ("0", "0"))];
        let facts = SpendFacts { provider: "p", model: "m", source: "chat", ..SpendFacts::default() };
        assert!(is_governed(&rows, facts, &[None, Some(key)], false));
        assert!(!is_governed(&rows, facts, &[None], false));
        assert!(!is_governed(&rows, facts, &[Some(key)], true));
        let mut warns = rows.clone();
        warns[0].budget.on_limit = OnLimit::Warn;
        assert!(!is_governed(&warns, facts, &[Some(key)], false));
    }
}
