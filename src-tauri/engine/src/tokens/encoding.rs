//! The tokenizers of `OpenAI`'s models. They are compiled in, need 50 to 200 ms and up to 46 MiB when first used, and are
//! therefore loaded beside the work, never on its way.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use tiktoken_rs::CoreBPE;
use tiktoken_rs::tokenizer::{Tokenizer, get_tokenizer};

/// A tokenizer we have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Encoding {
    /// GPT-4o and everything since, gpt-oss as well.
    O200k,
    /// GPT-4, GPT-3.5 and the embedding models.
    Cl100k,
}

#[derive(Default)]
struct Slot {
    asked_for: AtomicBool,
    bpe: OnceLock<&'static CoreBPE>,
}

static O200K: Slot = Slot { asked_for: AtomicBool::new(false), bpe: OnceLock::new() };
static CL100K: Slot = Slot { asked_for: AtomicBool::new(false), bpe: OnceLock::new() };

impl Encoding {
    /// The tokenizer of a model, where it is one of `OpenAI`'s families. `dialect` is the provider's row.
    pub(crate) fn of(dialect: &str, model: &str) -> Option<Self> {
        let (vendor, name) = model.rsplit_once('/').map_or(("", model), |(vendor, name)| (vendor, name));
        let is_openai = matches!(dialect, "openai" | "azure") || vendor.ends_with("openai");
        if !is_openai && !name.starts_with("gpt-oss") {
            return None;
        }
        match get_tokenizer(name) {
            Some(Tokenizer::Cl100kBase) => Some(Self::Cl100k),
            // The two differ in special tokens only, which no prompt of ours contains. A name that is not in the table is newer, or
            // a deployment's own.
            Some(Tokenizer::O200kBase | Tokenizer::O200kHarmony) | None => Some(Self::O200k),
            // Models before GPT-3.5, which nobody serves any more.
            Some(_) => None,
        }
    }

    fn slot(self) -> &'static Slot {
        match self {
            Self::O200k => &O200K,
            Self::Cl100k => &CL100K,
        }
    }

    fn load(self) -> &'static CoreBPE {
        self.slot().bpe.get_or_init(|| match self {
            Self::O200k => tiktoken_rs::o200k_base_singleton(),
            Self::Cl100k => tiktoken_rs::cl100k_base_singleton(),
        })
    }

    /// The tokenizer if it is loaded. The first call has it loaded beside, when there is a runtime to do that.
    pub(crate) fn loaded(self) -> Option<&'static CoreBPE> {
        let slot = self.slot();
        let loaded = slot.bpe.get().copied();
        if loaded.is_none()
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
            && !slot.asked_for.swap(true, Ordering::Relaxed)
        {
            // Nobody waits for it: a program that ends meanwhile loses nothing.
            runtime.spawn_blocking(move || self.load());
        }
        loaded
    }

    /// The tokenizer, loaded now if need be.
    pub(crate) async fn wait(self) -> Option<&'static CoreBPE> {
        match self.slot().bpe.get() {
            Some(bpe) => Some(bpe),
            None => tokio::task::spawn_blocking(move || self.load()).await.ok(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn openai_families_are_known_wherever_they_are_served() {
        let is = |dialect, model, expected| {
            assert_eq!(Encoding::of(dialect, model), expected, "{dialect}/{model}");
        };
        is("openai", "gpt-4o-mini", Some(Encoding::O200k));
        is("openai", "gpt-4-turbo", Some(Encoding::Cl100k));
        is("openai", "gpt-9-released-after-this-program", Some(Encoding::O200k));
        is("azure", "our-own-deployment", Some(Encoding::O200k));
        is("openrouter", "openai/gpt-4o", Some(Encoding::O200k));
        is("openrouter", "anthropic/claude-sonnet-5", None);
        is("groq", "openai/gpt-oss-120b", Some(Encoding::O200k));
        is("ollama", "gpt-oss:20b", Some(Encoding::O200k));
        is("anthropic", "claude-opus-4-8", None);
    }

    #[tokio::test]
    async fn tokens_are_those_of_the_published_tokenizer() {
        // The pieces of this text by OpenAI's own tool: "token", "ization", " is", " fun".
        let bpe = Encoding::O200k.wait().await.unwrap();
        assert_eq!(bpe.encode_ordinary("tokenization is fun").len(), 4);
        assert!(Encoding::O200k.loaded().is_some());
    }
}
