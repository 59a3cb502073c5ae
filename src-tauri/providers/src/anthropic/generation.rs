//! What a Claude model takes, by its generation. A model that is no Claude, behind a server that imitates the API, is
//! treated as the oldest form, which everybody imitates.

/// Major and minor version of a Claude model; (0, 0) for anything else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Generation(pub(crate) u32, pub(crate) u32);

impl Generation {
    /// Reads `claude-3-7-sonnet-20250219`, `claude-opus-4-1`, `anthropic/claude-opus-4.7`, `claude-sonnet-5`.
    pub(crate) fn of(model: &str) -> Self {
        let Some((_, name)) = model.rsplit_once("claude-") else { return Self(0, 0) };
        if name.starts_with("mythos-preview") {
            // Came after 4.6, without a number.
            return Self(4, 7);
        }
        // A date has more digits than a version.
        let words = name.split(['-', '.', '@', ':']).filter(|word| word.len() <= 2);
        let mut numbers = words.map(str::parse::<u32>).skip_while(Result::is_err).map_while(Result::ok);
        let major = numbers.next().unwrap_or(0);
        Self(major, numbers.next().unwrap_or(0))
    }
}

/// How a model is made to think.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Thinks {
    /// Not at all: the field is refused.
    Never,
    /// When it is given a budget of tokens.
    WithBudget,
    /// When asked to, by itself as much as is needed, more or less with the effort.
    WhenAsked {
        /// Whether a budget is still taken (4.6, where it is deprecated).
        takes_budget: bool,
    },
    /// Unless told not to, with this word for `thinking.type`.
    UnlessToldNotTo(&'static str),
    /// Always.
    Always,
}

/// What a model takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "a row of a table: each column is a question of its own")]
pub(super) struct Traits {
    pub(super) thinks: Thinks,
    /// Whether `temperature`, `top_p` and `top_k` are taken at all, when it does not think.
    pub(super) sampling: bool,
    /// Whether `temperature` and `top_p` may both be there.
    pub(super) both_sampling: bool,
    /// Whether a tool can be forced on it.
    pub(super) forced_tools: bool,
    /// Whether `output_config.format` holds the answer to a schema.
    pub(super) output_format: bool,
    /// Whether thinking is bound to the exact messages before it, so that a history someone trimmed makes it invalid.
    pub(super) binds_thinking: bool,
    /// The longest `max_tokens` it takes, as far as it matters for lengths we choose ourselves.
    pub(super) longest: u32,
    /// Whether it is a Claude at all.
    pub(super) is_claude: bool,
}

/// The traits of a model, newest first. Thinking and effort: <https://platform.claude.com/docs/en/build-with-claude/effort>
/// and `.../adaptive-thinking`; 5 and 5.5: the migration guides under <https://platform.claude.com/docs/en/models>;
/// structured outputs: <https://platform.claude.com/docs/en/build-with-claude/structured-outputs>.
pub(super) fn traits(model: &str) -> Traits {
    let generation = Generation::of(model);
    let is = |family: &str| model.contains(family);
    let always = is("fable") || is("mythos") || (is("opus") && generation >= Generation(5, 5));
    let newest = generation >= Generation(5, 1);
    let thinks = match generation {
        _ if always => Thinks::Always,
        Generation(5.., _) if is("sonnet") && newest => Thinks::UnlessToldNotTo("between_tools"),
        Generation(5.., _) => Thinks::UnlessToldNotTo("disabled"),
        Generation(4, minor) if minor >= 6 => Thinks::WhenAsked { takes_budget: minor == 6 },
        Generation(1..=3, minor) if generation < Generation(3, 7) || minor == 0 => Thinks::Never,
        _ => Thinks::WithBudget,
    };
    Traits {
        thinks,
        sampling: generation < Generation(4, 7),
        both_sampling: !(Generation(4, 1)..Generation(4, 7)).contains(&generation),
        forced_tools: !(newest && (always || is("sonnet"))),
        output_format: generation >= Generation(4, 5),
        binds_thinking: newest,
        longest: longest(model, generation),
        is_claude: generation != Generation(0, 0),
    }
}

fn longest(model: &str, generation: Generation) -> u32 {
    match generation {
        Generation(1..=3, 0) => 4096,
        Generation(1..=3, 5) => 8192,
        Generation(4, 0 | 1) if model.contains("opus") => 32_000,
        _ => 64_000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_generation_of_every_way_to_name_a_model() {
        for (model, expected) in [
            ("claude-3-opus-20240229", (3, 0)),
            ("claude-3-7-sonnet-20250219", (3, 7)),
            ("claude-3-5-haiku-latest", (3, 5)),
            ("claude-opus-4-20250514", (4, 0)),
            ("claude-sonnet-4-5-20250929", (4, 5)),
            ("claude-opus-4-6", (4, 6)),
            ("anthropic/claude-opus-4.7", (4, 7)),
            ("us.anthropic.claude-sonnet-4-6-v1:0", (4, 6)),
            ("claude-sonnet-5", (5, 0)),
            ("claude-fable-5-1", (5, 1)),
            ("claude-mythos-preview", (4, 7)),
            ("qwen3-4b", (0, 0)),
        ] {
            assert_eq!(Generation::of(model), Generation(expected.0, expected.1), "{model}");
        }
    }

    #[test]
    fn every_generation_is_asked_to_think_in_its_own_way() {
        for (model, expected) in [
            ("claude-3-5-sonnet-20241022", Thinks::Never),
            ("claude-3-7-sonnet-20250219", Thinks::WithBudget),
            ("claude-haiku-4-5", Thinks::WithBudget),
            ("some-server-s-model", Thinks::WithBudget),
            ("claude-sonnet-4-6", Thinks::WhenAsked { takes_budget: true }),
            ("claude-opus-4-8", Thinks::WhenAsked { takes_budget: false }),
            ("claude-opus-5", Thinks::UnlessToldNotTo("disabled")),
            ("claude-sonnet-5-5", Thinks::UnlessToldNotTo("between_tools")),
            ("claude-opus-5-5", Thinks::Always),
            ("claude-fable-5", Thinks::Always),
        ] {
            assert_eq!(traits(model).thinks, expected, "{model}");
        }
    }

    #[test]
    fn what_the_newest_refuse_is_known() {
        assert!(traits("claude-opus-5").forced_tools && !traits("claude-sonnet-5-5").forced_tools);
        assert!(!traits("claude-opus-4-1").output_format && traits("claude-haiku-4-5").output_format);
        assert!(traits("claude-haiku-4-5").sampling && !traits("claude-opus-4-7").sampling);
        assert!(traits("claude-opus-4-20250514").both_sampling && !traits("claude-opus-4-1").both_sampling);
        assert!(traits("qwen3-4b").both_sampling && !traits("qwen3-4b").is_claude);
    }
}
