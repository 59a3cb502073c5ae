//! The rows. The first that is about a parameter of a model counts, so exceptions stand before the rule.

use roundtable_domain::WireApi;

use crate::anthropic::Generation;

/// Which values are taken, both ends included.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Rule {
    /// From, to.
    Between(f64, f64),
    /// From, with no end that anybody names.
    AtLeast(f64),
    /// The model answers the parameter with an error, or pays no attention to it.
    Refused,
}
use Rule::{AtLeast, Between, Refused};

/// What one row says of one parameter.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    name: &'static str,
    pub(super) rule: Rule,
    /// Ids of the dialect table; any when empty.
    dialects: &'static [&'static str],
    /// Any when empty.
    apis: &'static [WireApi],
    /// Beginnings of names of models; any when empty.
    models: &'static [&'static str],
    /// The Claude generation from which on it is so.
    since: Option<Generation>,
}

impl Row {
    const fn new(name: &'static str, rule: Rule) -> Self {
        Self { name, rule, dialects: &[], apis: &[], models: &[], since: None }
    }

    const fn at(self, dialects: &'static [&'static str]) -> Self {
        Self { dialects, ..self }
    }

    const fn of(self, models: &'static [&'static str]) -> Self {
        Self { models, ..self }
    }

    const fn over(self, apis: &'static [WireApi]) -> Self {
        Self { apis, ..self }
    }

    const fn since(self, generation: Generation) -> Self {
        Self { since: Some(generation), ..self }
    }

    pub(super) fn is_about(&self, dialect: &str, api: WireApi, model: &str, name: &str) -> bool {
        let model = model.rsplit('/').next().unwrap_or(model);
        self.name == name
            && (self.dialects.is_empty() || self.dialects.contains(&dialect))
            && (self.apis.is_empty() || self.apis.contains(&api))
            && (self.models.is_empty() || self.models.iter().any(|start| model.starts_with(start)))
            && self.since.is_none_or(|generation| Generation::of(model) >= generation)
    }

    /// The ids this row names, for the check that they exist.
    #[cfg(test)]
    pub(super) fn dialects(&self) -> &'static [&'static str] {
        self.dialects
    }
}

/// `OpenAI`'s own endpoints, under both of its hosts.
const OPENAI: &[&str] = &["openai", "azure"];
const ANTHROPIC: &[WireApi] = &[WireApi::AnthropicMessages];
const GEMINI: &[WireApi] = &[WireApi::Gemini];
const OLLAMA: &[WireApi] = &[WireApi::Ollama];
/// Servers on one's own machine: samplers without an upper end.
const LOCAL: &[&str] = &["ollama", "ollama-openai", "lmstudio", "llamacpp", "vllm", "sglang"];

/// Reasoning models that sample in their own way: any other value is a 400 `unsupported_value`
/// (<https://platform.openai.com/docs/guides/reasoning>). From GPT-5.1 on the models that do not reason unless asked take
/// sampling parameters again (<https://platform.openai.com/docs/guides/latest-model>).
const REASONERS: &[&str] = &["o1", "o3", "o4", "gpt-5", "codex"];
const REASONERS_THAT_SAMPLE: &[&str] =
    &["gpt-5-chat", "gpt-5.1-chat", "gpt-5.2-chat", "gpt-5.3-chat", "gpt-5.1-2025", "gpt-5.2-2025"];
/// Kimi models from 2.5 on, whose sampling is fixed (<https://platform.moonshot.ai/docs/api/chat>).
const FIXED_KIMI: &[&str] = &["kimi-k2.5", "kimi-k2.6", "kimi-k2.7", "kimi-k3"];
/// Grok models that reason always (<https://docs.x.ai/docs/guides/reasoning>).
const GROK_REASONERS: &[&str] = &["grok-4", "grok-3-mini", "grok-5"];

pub(super) const ROWS: &[Row] = &[
    // Anthropic: <https://docs.anthropic.com/en/api/messages>. From 4.7 on a value other than the default is a 400, also on
    // other hosts (<https://platform.claude.com/docs/en/models/sonnet-5/migration-guide>).
    Row::new("temperature", Refused).over(ANTHROPIC).since(Generation(4, 7)),
    Row::new("top_p", Refused).over(ANTHROPIC).since(Generation(4, 7)),
    Row::new("top_k", Refused).over(ANTHROPIC).since(Generation(4, 7)),
    // Thinking has an effort there instead of a budget.
    Row::new("reasoning_tokens", Refused).over(ANTHROPIC).since(Generation(4, 7)),
    Row::new("temperature", Between(0.0, 1.0)).over(ANTHROPIC),
    Row::new("top_p", Between(0.0, 1.0)).over(ANTHROPIC),
    Row::new("top_k", AtLeast(1.0)).over(ANTHROPIC),
    // <https://docs.anthropic.com/en/docs/build-with-claude/extended-thinking>
    Row::new("reasoning_tokens", AtLeast(1024.0)).over(ANTHROPIC),
    Row::new("stop", AtLeast(0.0)).over(ANTHROPIC),
    Row::new("presence_penalty", Refused).over(ANTHROPIC),
    Row::new("frequency_penalty", Refused).over(ANTHROPIC),
    Row::new("seed", Refused).over(ANTHROPIC),
    // Gemini: <https://ai.google.dev/api/generate-content#generationconfig>, thinking budgets by model:
    // <https://ai.google.dev/gemini-api/docs/thinking>. The penalties end just below 2.
    Row::new("temperature", Between(0.0, 2.0)).over(GEMINI),
    Row::new("top_p", Between(0.0, 1.0)).over(GEMINI),
    Row::new("top_k", AtLeast(1.0)).over(GEMINI),
    Row::new("presence_penalty", Between(-2.0, 1.99)).over(GEMINI),
    Row::new("frequency_penalty", Between(-2.0, 1.99)).over(GEMINI),
    Row::new("stop", Between(0.0, 5.0)).over(GEMINI),
    Row::new("seed", Between(-2_147_483_648.0, 2_147_483_647.0)).over(GEMINI),
    Row::new("reasoning_tokens", Between(128.0, 32_768.0)).over(GEMINI).of(&["gemini-2.5-pro"]),
    Row::new("reasoning_tokens", Between(0.0, 24_576.0)).over(GEMINI).of(&["gemini-2.5-flash"]),
    Row::new("reasoning_tokens", Refused).over(GEMINI).of(&["gemini-3"]),
    // Ollama: <https://docs.ollama.com/modelfile>.
    Row::new("temperature", AtLeast(0.0)).over(OLLAMA),
    Row::new("top_p", Between(0.0, 1.0)).over(OLLAMA),
    Row::new("top_k", AtLeast(1.0)).over(OLLAMA),
    // OpenAI: <https://platform.openai.com/docs/api-reference/chat/create>.
    Row::new("temperature", Between(0.0, 2.0)).at(OPENAI).of(REASONERS_THAT_SAMPLE),
    Row::new("temperature", Between(1.0, 1.0)).at(OPENAI).of(REASONERS),
    Row::new("top_p", Between(0.0, 1.0)).at(OPENAI).of(REASONERS_THAT_SAMPLE),
    Row::new("top_p", Between(1.0, 1.0)).at(OPENAI).of(REASONERS),
    Row::new("presence_penalty", Refused).at(OPENAI).of(REASONERS),
    Row::new("frequency_penalty", Refused).at(OPENAI).of(REASONERS),
    Row::new("stop", Refused).at(OPENAI).of(REASONERS),
    Row::new("stop", Between(0.0, 4.0)).at(OPENAI),
    Row::new("top_k", Refused).at(OPENAI),
    Row::new("reasoning_tokens", Refused).at(OPENAI),
    // Mistral: <https://docs.mistral.ai/api/#tag/chat>.
    Row::new("temperature", Between(0.0, 1.5)).at(&["mistral"]),
    Row::new("seed", AtLeast(0.0)).at(&["mistral"]),
    Row::new("top_k", Refused).at(&["mistral"]),
    // Moonshot: <https://platform.moonshot.ai/docs/api/chat>.
    Row::new("temperature", Between(1.0, 1.0)).at(&["moonshot"]).of(FIXED_KIMI),
    Row::new("top_p", Between(0.95, 0.95)).at(&["moonshot"]).of(FIXED_KIMI),
    Row::new("presence_penalty", Refused).at(&["moonshot"]).of(FIXED_KIMI),
    Row::new("frequency_penalty", Refused).at(&["moonshot"]).of(FIXED_KIMI),
    Row::new("temperature", Between(0.0, 1.0)).at(&["moonshot"]),
    Row::new("stop", Between(0.0, 5.0)).at(&["moonshot"]),
    // xAI: <https://docs.x.ai/docs/guides/reasoning>.
    Row::new("presence_penalty", Refused).at(&["xai"]).of(GROK_REASONERS),
    Row::new("frequency_penalty", Refused).at(&["xai"]).of(GROK_REASONERS),
    Row::new("stop", Refused).at(&["xai"]).of(GROK_REASONERS),
    Row::new("stop", Between(0.0, 4.0)).at(&["xai"]),
    // DeepSeek: <https://api-docs.deepseek.com/api/create-chat-completion>.
    Row::new("stop", Between(0.0, 16.0)).at(&["deepseek"]),
    // Groq: <https://console.groq.com/docs/api-reference>: no model has the penalties yet.
    Row::new("presence_penalty", Refused).at(&["groq"]),
    Row::new("frequency_penalty", Refused).at(&["groq"]),
    Row::new("stop", Between(0.0, 4.0)).at(&["groq"]),
    // Z.ai: <https://docs.z.ai/api-reference/llm/chat-completion>.
    Row::new("temperature", Between(0.0, 1.0)).at(&["zai"]),
    Row::new("top_p", Between(0.01, 1.0)).at(&["zai"]),
    Row::new("stop", Between(0.0, 1.0)).at(&["zai"]),
    // Cerebras: <https://inference-docs.cerebras.ai/api-reference/chat-completions>.
    Row::new("temperature", Between(0.0, 1.5)).at(&["cerebras"]),
    Row::new("stop", Between(0.0, 4.0)).at(&["cerebras"]),
    // DashScope: <https://www.alibabacloud.com/help/en/model-studio/qwen-api-reference>; 2 itself is out.
    Row::new("temperature", Between(0.0, 1.99)).at(&["qwen"]),
    Row::new("seed", Between(0.0, 2_147_483_647.0)).at(&["qwen"]),
    // Perplexity: <https://docs.perplexity.ai/api-reference/chat-completions-post>; 2 itself is out.
    Row::new("temperature", Between(0.0, 1.99)).at(&["perplexity"]),
    Row::new("top_k", Between(0.0, 2048.0)).at(&["perplexity"]),
    // Fireworks: <https://docs.fireworks.ai/api-reference/post-chatcompletions>.
    Row::new("top_k", Between(0.0, 100.0)).at(&["fireworks"]),
    Row::new("stop", Between(0.0, 4.0)).at(&["fireworks"]),
    // OpenRouter: <https://openrouter.ai/docs/api/reference/parameters>.
    Row::new("stop", Between(0.0, 4.0)).at(&["openrouter"]),
    Row::new("temperature", AtLeast(0.0)).at(LOCAL),
    // Everybody else: the common form of OpenAI's API.
    Row::new("temperature", Between(0.0, 2.0)),
    Row::new("top_p", Between(0.0, 1.0)),
    Row::new("top_k", AtLeast(1.0)),
    Row::new("presence_penalty", Between(-2.0, 2.0)),
    Row::new("frequency_penalty", Between(-2.0, 2.0)),
    Row::new("reasoning_tokens", AtLeast(1.0)),
];
