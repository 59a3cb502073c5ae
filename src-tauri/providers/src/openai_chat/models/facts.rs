//! The facts of one entry.

use serde_json::Value;

use crate::listing::{ListedPrices, ModelKind, day, kind_of_name, per_million, plain};
use crate::wire::ListedModel;

/// The entry as a model; `None` without a name to send.
pub(super) fn model(item: &Value) -> Option<ListedModel> {
    let text = |name: &str| item.get(name).and_then(Value::as_str).map(str::to_owned);
    let id = text("id").or_else(|| text("model")).or_else(|| text("name"))?;
    let name = text("display_name").or_else(|| text("name")).filter(|name| *name != id);
    Some(ListedModel {
        name,
        kind: kind(item).or_else(|| kind_of_name(&id)),
        context_window: number(
            item,
            &[
                "/context_length",            // OpenRouter, Together, Moonshot, Fireworks, Cohere
                "/max_context_length",        // Mistral, LM Studio
                "/context_window",            // Groq
                "/max_model_len",             // vLLM
                "/limits/max_context_tokens", // Cerebras
                "/metadata/context_length",   // DeepInfra
                "/meta/n_ctx",                // llama.cpp
                "/meta/n_ctx_train",          // llama.cpp, older
            ],
        ),
        max_output: number(
            item,
            &[
                "/top_provider/max_completion_tokens", // OpenRouter
                "/max_completion_tokens",              // Groq
                "/max_output_length", // Chutes, Novita and others by OpenRouter's provider form
                "/metadata/max_tokens", // DeepInfra
            ],
        ),
        vision: has_input(item, "image").or_else(|| claimed(item, "vision")),
        pdf: has_input(item, "file").or_else(|| claimed(item, "document")),
        audio: has_input(item, "audio").or_else(|| claimed(item, "audio")),
        tools: claimed(item, "tools"),
        reasoning: claimed(item, "reasoning"),
        json_schema: claimed(item, "json_schema"),
        prices: prices(item),
        retirement_date: retirement(item),
        id,
    })
}

/// The first of these that is a positive number.
fn number(item: &Value, places: &[&str]) -> Option<u64> {
    let read = |place: &&str| item.pointer(place).and_then(Value::as_u64);
    places.iter().filter_map(read).find(|number| *number > 0)
}

fn kind(item: &Value) -> Option<ModelKind> {
    let by_word = |word: &str| match word {
        "chat" | "llm" | "vlm" => Some(ModelKind::Chat),
        "language" | "code" => Some(ModelKind::Completion),
        "embedding" | "embeddings" => Some(ModelKind::Embedding),
        "image" | "video" | "audio" | "transcribe" | "rerank" | "moderation" => Some(ModelKind::Other),
        _ => None,
    };
    // Together and LM Studio say it in `type`; others put something else there (`model`, `base`).
    let stated = item.get("type").and_then(Value::as_str).and_then(by_word);
    stated.or_else(|| kind_by_output(item)).or_else(|| kind_by_ability(item))
}

/// `OpenRouter`: what comes out tells what it is.
fn kind_by_output(item: &Value) -> Option<ModelKind> {
    let out = item.pointer("/architecture/output_modalities")?.as_array()?;
    let has = |word: &str| out.iter().any(|entry| entry == word);
    Some(match (has("text"), has("embeddings") || has("embedding")) {
        (_, true) => ModelKind::Embedding,
        (true, false) => ModelKind::Chat,
        (false, false) => ModelKind::Other,
    })
}

/// Mistral and Cohere: what it can be asked for.
fn kind_by_ability(item: &Value) -> Option<ModelKind> {
    if let Some(endpoints) = item.get("endpoints").and_then(Value::as_array) {
        let has = |word: &str| endpoints.iter().any(|entry| entry == word);
        return Some(match (has("chat"), has("embed")) {
            (true, _) => ModelKind::Chat,
            (false, true) => ModelKind::Embedding,
            (false, false) => ModelKind::Other,
        });
    }
    let ability = |name: &str| item.pointer(&format!("/capabilities/{name}")).and_then(Value::as_bool);
    match (ability("completion_chat")?, ability("completion_fim")) {
        (true, _) => Some(ModelKind::Chat),
        (false, Some(true)) => Some(ModelKind::Completion),
        // Embeddings, moderation and OCR alike: the name may tell.
        (false, _) => {
            item.get("id").and_then(Value::as_str).and_then(kind_of_name).or(Some(ModelKind::Other))
        }
    }
}

/// Whether this kind of input is taken, where the kinds are listed.
fn has_input(item: &Value, kind: &str) -> Option<bool> {
    let lists = ["/architecture/input_modalities", "/input_modalities"];
    let list = lists.iter().find_map(|place| item.pointer(place)?.as_array())?;
    Some(list.iter().any(|entry| entry == kind))
}

/// The words for one ability: fields that are true or false, and words in lists of what can be done.
struct Ability {
    name: &'static str,
    fields: &'static [&'static str],
    words: &'static [&'static str],
}

const ABILITIES: &[Ability] = &[
    Ability {
        name: "vision",
        // Mistral; Fireworks; Moonshot.
        fields: &["/capabilities/vision", "/supports_image_input", "/supports_image_in"],
        words: &["vision", "multimodal"],
    },
    Ability { name: "document", fields: &["/capabilities/ocr"], words: &[] },
    Ability { name: "audio", fields: &["/capabilities/audio"], words: &[] },
    Ability {
        name: "tools",
        // Mistral; Fireworks, Cerebras.
        fields: &["/capabilities/function_calling", "/supports_tools", "/capabilities/tools"],
        words: &["tools", "tool_use", "function-calling"],
    },
    Ability {
        name: "reasoning",
        fields: &["/capabilities/reasoning", "/supports_reasoning", "/capabilities/thinking"],
        words: &["reasoning", "include_reasoning", "thinking"],
    },
    Ability {
        name: "json_schema",
        fields: &["/capabilities/structured_outputs", "/capabilities/json_schema"],
        words: &["structured_outputs", "json_schema", "json-mode"],
    },
];

/// Lists of what a model takes: complete ones, in which a missing word means no, and mere hints, in which it means nothing.
const COMPLETE_LISTS: &[&str] = &["/supported_parameters", "/supported_features"];
const HINTS: &[&str] = &["/capabilities", "/metadata/tags", "/features"];

fn claimed(item: &Value, ability: &str) -> Option<bool> {
    let ability = ABILITIES.iter().find(|row| row.name == ability)?;
    let stated = ability.fields.iter().find_map(|place| item.pointer(place)?.as_bool());
    let names = |place: &&str| {
        let list = item.pointer(place)?.as_array()?;
        Some(list.iter().filter_map(Value::as_str).any(|word| ability.words.contains(&word)))
    };
    // What goes in is not a parameter: a list of those says nothing about it.
    let is_parameter = matches!(ability.name, "tools" | "reasoning" | "json_schema");
    let complete = || COMPLETE_LISTS.iter().filter(|_| is_parameter).find_map(names);
    let hinted = || HINTS.iter().filter_map(names).any(|named| named).then_some(true);
    stated.or_else(complete).or_else(hinted)
}

fn prices(item: &Value) -> Option<ListedPrices> {
    let at = |place: &str| item.pointer(place);
    // OpenRouter: dollars per token, as text. Its imitators use the same names.
    let per_token = ListedPrices {
        input: at("/pricing/prompt").and_then(per_million),
        output: at("/pricing/completion").and_then(per_million),
        cached_input: at("/pricing/input_cache_read").and_then(per_million),
        cache_write: at("/pricing/input_cache_write").and_then(per_million),
        per_request: at("/pricing/request").and_then(plain).filter(|price| price != "0"),
    };
    if per_token.input.is_some() || per_token.output.is_some() {
        return Some(per_token);
    }
    // Together, DeepInfra: dollars per million tokens, as numbers.
    let first = |places: &[&str]| places.iter().find_map(|place| at(place).and_then(plain));
    let per_million_tokens = ListedPrices {
        input: first(&["/pricing/input", "/metadata/pricing/input_tokens"]),
        output: first(&["/pricing/output", "/metadata/pricing/output_tokens"]),
        cached_input: first(&["/pricing/cached_input", "/metadata/pricing/cache_read_tokens"]),
        ..ListedPrices::default()
    };
    // Together writes zeros for what is billed by other measures.
    let free = |price: &Option<String>| price.as_deref().is_none_or(|price| price == "0");
    let unpriced = free(&per_million_tokens.input) && free(&per_million_tokens.output);
    if unpriced { None } else { per_million_tokens.known() }
}

/// The day a model goes: Mistral's `deprecation`, `OpenRouter`'s `expiration_date`, Cohere-like `deprecation_date`.
fn retirement(item: &Value) -> Option<String> {
    ["expiration_date", "retirement_date", "deprecation_date", "deprecation"]
        .iter()
        .find_map(|name| item.get(name)?.as_str().and_then(day))
}
