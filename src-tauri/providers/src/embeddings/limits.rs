//! How much goes into one request.

use std::ops::Range;

use roundtable_domain::{Endpoint, WireApi};

use crate::dialect::dialect_of;

/// The bounds of one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Limits {
    /// Texts.
    pub texts: usize,
    /// Bytes of all texts together. Providers count tokens, of which a text has at most as many as bytes.
    pub bytes: usize,
    /// Whether numbers may be asked for in base64, which is a quarter as long. Not every server knows the field.
    pub base64: bool,
    /// The name of the field for the length of the vectors.
    pub dimensions: &'static str,
}

/// What is assumed of a server nobody has described.
const UNKNOWN: Limits = Limits { texts: 64, bytes: 100_000, base64: false, dimensions: "dimensions" };

/// 2,048 texts and 300,000 tokens (<https://platform.openai.com/docs/api-reference/embeddings/create>); fewer texts keep an
/// answer at some ten megabytes.
const OPENAI: Limits = Limits { texts: 512, bytes: 300_000, base64: true, dimensions: "dimensions" };

/// 100 requests in a batch (<https://ai.google.dev/api/embeddings>).
const GEMINI: Limits =
    Limits { texts: 100, bytes: 200_000, base64: false, dimensions: "outputDimensionality" };

/// A machine of one's own: small batches, so that a stop is heeded soon.
const LOCAL: Limits = Limits { texts: 32, bytes: 100_000, base64: false, dimensions: "dimensions" };

/// By dialect. Sources: each provider's reference of its embeddings.
const ROWS: &[(&str, Limits)] = &[
    ("openai", OPENAI),
    ("azure", OPENAI),
    // 16,384 tokens in a batch.
    ("mistral", Limits { texts: 128, bytes: 16_000, base64: false, dimensions: "output_dimension" }),
    // DashScope: ten texts since text-embedding-v3.
    ("qwen", Limits { texts: 10, ..UNKNOWN }),
    ("zai", Limits { texts: 64, ..UNKNOWN }),
    ("cohere", Limits { texts: 96, ..UNKNOWN }),
    ("openrouter", Limits { texts: 128, ..UNKNOWN }),
    ("lmstudio", LOCAL),
    ("llamacpp", LOCAL),
    ("vllm", LOCAL),
    ("sglang", LOCAL),
    ("ollama-openai", LOCAL),
];

/// The limits of an endpoint.
pub(super) fn limits_of(endpoint: &Endpoint) -> Limits {
    match endpoint.api {
        WireApi::Gemini => GEMINI,
        WireApi::Ollama => LOCAL,
        _ => {
            let id = dialect_of(endpoint).id;
            ROWS.iter().find(|(dialect, _)| *dialect == id).map_or(UNKNOWN, |row| row.1)
        }
    }
}

impl Limits {
    pub fn plan(self, texts: &[String]) -> Vec<Range<usize>> {
        let mut batches = Vec::new();
        let (mut start, mut bytes) = (0, 0usize);
        for (place, text) in texts.iter().enumerate() {
            let full = place - start >= self.texts || bytes.saturating_add(text.len()) > self.bytes;
            if full && place > start {
                batches.push(start..place);
                (start, bytes) = (place, 0);
            }
            bytes = bytes.saturating_add(text.len());
        }
        if start < texts.len() {
            batches.push(start..texts.len());
        }
        batches
    }
}
