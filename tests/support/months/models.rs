//! Who is asked, how often, and how fast they are. Prices are those of the catalogue.

use std::collections::HashMap;

use roundtable_domain::KeyId;
use roundtable_ledger::{Catalogue, PriceList};
use uuid::Uuid;

use super::dice::Dice;

/// One model.
#[derive(Clone, Copy, Debug)]
pub(super) struct Model {
    pub(super) provider: &'static str,
    pub(super) provider_name: &'static str,
    pub(super) dialect: &'static str,
    pub(super) name: &'static str,
    /// How often it is asked, beside the others.
    pub(super) weight: u64,
    /// Until the first word.
    pub(super) ttft_ms: u64,
    /// Words of an answer in a second, about.
    pub(super) tokens_per_second: u64,
    /// Calls that fail, in a thousand.
    pub(super) failures: u64,
}

const fn model(
    (provider, provider_name, dialect): (&'static str, &'static str, &'static str),
    name: &'static str,
    (weight, ttft_ms, tokens_per_second, failures): (u64, u64, u64, u64),
) -> Model {
    Model { provider, provider_name, dialect, name, weight, ttft_ms, tokens_per_second, failures }
}

const ANTHROPIC: (&str, &str, &str) = ("anthropic", "Anthropic", "anthropic");
const OPENAI: (&str, &str, &str) = ("openai", "OpenAI", "openai");
const GEMINI: (&str, &str, &str) = ("gemini", "Google Gemini", "gemini");
const MISTRAL: (&str, &str, &str) = ("mistral", "Mistral", "mistral");
const DEEPSEEK: (&str, &str, &str) = ("deepseek", "DeepSeek", "deepseek");
const GROQ: (&str, &str, &str) = ("groq", "Groq", "groq");
/// A server of one's own, whose models have no price.
const HOUSE: (&str, &str, &str) = ("house", "House server", "custom");
const DEMO: (&str, &str, &str) = ("demo", "Demo", "demo");

pub(super) const MODELS: [Model; 17] = [
    model(ANTHROPIC, "claude-sonnet-5", (24, 900, 75, 14)),
    model(ANTHROPIC, "claude-opus-5", (9, 1_600, 48, 18)),
    model(ANTHROPIC, "claude-haiku-4-5", (13, 450, 140, 9)),
    model(OPENAI, "gpt-5.5", (12, 1_300, 60, 16)),
    model(OPENAI, "gpt-5-mini", (20, 600, 110, 8)),
    model(OPENAI, "gpt-4o", (6, 500, 90, 7)),
    model(OPENAI, "o3", (3, 4_200, 55, 12)),
    model(GEMINI, "gemini-2.5-pro", (8, 1_800, 85, 22)),
    model(GEMINI, "gemini-2.5-flash", (14, 420, 190, 12)),
    model(MISTRAL, "mistral-large-latest", (5, 700, 70, 20)),
    model(DEEPSEEK, "deepseek-chat", (9, 1_100, 42, 45)),
    model(DEEPSEEK, "deepseek-reasoner", (3, 2_600, 38, 52)),
    model(GROQ, "llama-3.3-70b-versatile", (5, 180, 310, 30)),
    model(HOUSE, "qwen3-32b", (4, 800, 35, 25)),
    model(DEMO, "swift", (2, 120, 200, 4)),
    model(DEMO, "scholar", (1, 900, 60, 4)),
    model(DEMO, "poet", (1, 400, 90, 4)),
];

impl Model {
    pub(super) fn is_demo(&self) -> bool {
        self.provider == "demo"
    }

    /// One by its weight; real ones alone, or demo ones alone.
    pub(super) fn any(dice: &mut Dice, demo: bool) -> &'static Self {
        let of = || MODELS.iter().filter(|model| model.is_demo() == demo);
        let mut at = dice.below(of().map(|model| model.weight).sum());
        for model in of() {
            match at.checked_sub(model.weight) {
                Some(left) => at = left,
                None => return model,
            }
        }
        &MODELS[0]
    }
}

/// Prices that were looked up once.
pub(super) struct Prices(HashMap<&'static str, Option<PriceList>>);

impl Prices {
    pub(super) fn new() -> Self {
        let catalogue = Catalogue::builtin();
        let price = |model: &Model| match model.dialect {
            "custom" => None,
            dialect => catalogue.price(dialect, model.name).cloned(),
        };
        Self(MODELS.iter().map(|model| (model.name, price(model))).collect())
    }

    pub(super) fn of(&self, model: &Model) -> Option<&PriceList> {
        self.0.get(model.name).and_then(Option::as_ref)
    }
}

/// The ids of a provider's keys.
pub(super) fn key_of(provider: &str, number: u8) -> KeyId {
    let letters = provider.bytes().fold(0x6B65_7900_u128, |sum, letter| sum << 8 ^ u128::from(letter));
    KeyId::from_uuid(Uuid::from_u128(letters << 16 | u128::from(number)))
}
