//! What a Gemini model takes, by its name.

/// The family of a model, as far as requests to it differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    /// 2.5: flash and flash-lite, which think within a budget.
    Budget,
    /// 2.5 pro, which cannot stop thinking.
    BudgetPro,
    /// From 3 on: thinking has a level, calls have ids, and signatures are insisted on.
    Level(Levels),
    /// Everything else. Thinking models among them take a budget, the newer ones too.
    Other,
}

/// Which levels a model takes besides `low` and `high`; any other is answered with a 400
/// (<https://docs.cloud.google.com/vertex-ai/generative-ai/docs/thinking>).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Levels {
    pub(super) minimal: bool,
    pub(super) medium: bool,
}

impl Family {
    pub(super) fn of(model: &str) -> Self {
        let name = model.rsplit('/').next().unwrap_or(model);
        let special = ["image", "tts", "live", "audio", "embedding", "robotics", "computer-use"];
        let Some(version) = name.strip_prefix("gemini-") else { return Self::Other };
        if special.iter().any(|word| name.contains(word)) {
            return Self::Other;
        }
        let pro = name.contains("pro");
        let major = version.split(['.', '-']).next().and_then(|word| word.parse::<u32>().ok());
        match major {
            Some(2) if version.starts_with("2.5") && pro => Self::BudgetPro,
            Some(2) if version.starts_with("2.5") => Self::Budget,
            Some(3..) => Self::Level(Levels {
                minimal: version.contains("flash"),
                medium: !version.starts_with("3-pro"),
            }),
            _ => Self::Other,
        }
    }

    /// Whether the model gives its calls ids, wants calls signed, and takes a schema beside tools
    /// (<https://ai.google.dev/gemini-api/docs/gemini-3>).
    pub(super) fn is_third(self) -> bool {
        matches!(self, Self::Level(_))
    }
}
