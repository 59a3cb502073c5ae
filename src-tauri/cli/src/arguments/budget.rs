//! The words of `budget`, and what `ask` says about money.

use clap::{Args, Subcommand, ValueEnum};
use roundtable_domain::BudgetId;
use roundtable_engine::view::{BudgetPeriod, BudgetScope, BudgetScopeKind, MoneyChoice, OnLimit};

/// How rows are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Columns for people
    #[default]
    Table,
    /// Comma-separated values, a heading first
    Csv,
    /// One JSON object a line
    Json,
}

#[derive(Debug, Args)]
pub(crate) struct Budget {
    #[command(subcommand)]
    pub(crate) action: Option<BudgetAction>,

    /// How budgets are printed; --json is short for json
    #[arg(long, global = true, value_enum, default_value_t)]
    pub(crate) format: Format,
}

#[derive(Debug, Subcommand)]
pub(crate) enum BudgetAction {
    /// Show budgets as they stand (the default)
    List,
    /// Make a budget, or change one: what is not named stays as it is
    Set(Box<SetBudget>),
    /// Put a budget out of force; it goes on counting
    Pause {
        /// Its id or its name
        budget: String,
    },
    /// Put it in force again
    Resume {
        /// Its id or its name
        budget: String,
    },
    /// Show what was sent against a budget because somebody said so
    Overrides {
        /// Its id or its name
        budget: String,
    },
    /// Remove a budget; what it counted stays in the books
    Remove {
        /// Its id or its name
        budget: String,
    },
    /// Add up the books for every budget, and look for money set aside that nobody will settle
    Check,
}

#[derive(Debug, Args)]
pub(crate) struct SetBudget {
    /// How much, in dollars; a new budget needs it
    #[arg(long, value_name = "USD")]
    pub(crate) limit: Option<String>,

    /// For how long: day, week, month, rolling:DAYS or total; a new budget needs it
    #[arg(long, value_name = "PERIOD", value_parser = period)]
    pub(crate) period: Option<BudgetPeriod>,

    /// What happens at the end: warn, ask, cheaper or stop [of a new one: stop]
    #[arg(long, value_name = "WHAT", value_parser = on_limit)]
    pub(crate) on_limit: Option<OnLimit>,

    /// What it counts: everything, provider:NAME, model:PROVIDER/MODEL, key:ID (env:VARIABLE for one from the environment), conversation:ID, folder:NAME, tag:NAME or source:NAME [of a new one: everything]
    #[arg(long, value_name = "SCOPE", value_parser = scope)]
    pub(crate) scope: Option<BudgetScope>,

    /// Its name; made of scope and period by default
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,

    /// Change this one, by its id or name; else the one of this name, scope and period is changed, or made
    #[arg(long, value_name = "BUDGET")]
    pub(crate) budget: Option<String>,

    /// At how many per cent there is an alert, or none [of a new one: 50,80,100]
    #[arg(long, value_name = "PERCENTS", value_parser = steps)]
    pub(crate) alerts: Option<Steps>,

    /// Where cheaper goes, best first; repeatable; none: the cheapest that can do the task, which is also the default
    #[arg(long = "cheaper-to", value_name = "MODEL")]
    pub(crate) cheaper_to: Vec<String>,

    /// A model without a price that may be asked under it; repeatable; none takes all back
    #[arg(long = "unpriced", value_name = "MODEL")]
    pub(crate) unpriced: Vec<String>,

    /// Count the invented money of demo models, and nothing else; --simulated=false: real money
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "YES")]
    pub(crate) simulated: Option<bool>,

    /// Out of force; it goes on counting; --paused=false: in force again
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "YES")]
    pub(crate) paused: Option<bool>,

    /// Count from now on; also opens a period again that a wrong clock has closed
    #[arg(long)]
    pub(crate) begin_anew: bool,
}

/// Steps of an alert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Steps(pub(crate) Vec<u16>);

/// The word for an empty list.
pub(crate) const NONE: &str = "none";

/// What is decided about the money of a question.
#[derive(Debug, Args)]
pub(crate) struct Money {
    /// The longest answers, in tokens: what is asked for and what is set aside
    #[arg(long, value_name = "TOKENS", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) cap_tokens: Option<u32>,

    /// Ask a cheaper model that can do it where a budget has no room for the one named
    #[arg(long)]
    pub(crate) cheaper: bool,

    #[command(flatten)]
    pub(crate) consent: Consent,
}

/// What may be sent although a budget is in the way.
#[derive(Debug, Args)]
pub(crate) struct Consent {
    /// Go over this budget, by its id or name, this once; it is written down; repeatable
    #[arg(long = "over-budget", value_name = "BUDGET")]
    pub(crate) over_budget: Vec<String>,

    /// Ask models without a price under a budget this once; it is written down
    #[arg(long)]
    pub(crate) allow_unpriced: bool,
}

impl Money {
    /// The same as the engine takes it.
    pub(crate) fn choice(&self, override_budgets: Vec<BudgetId>) -> MoneyChoice {
        MoneyChoice {
            cap_tokens: self.cap_tokens,
            cheaper: self.cheaper,
            ..self.consent.choice(override_budgets)
        }
    }
}

impl Consent {
    /// The same as the engine takes it.
    pub(crate) fn choice(&self, override_budgets: Vec<BudgetId>) -> MoneyChoice {
        MoneyChoice { override_budgets, allow_unpriced: self.allow_unpriced, ..MoneyChoice::default() }
    }
}

fn steps(words: &str) -> Result<Steps, String> {
    if words == NONE {
        return Ok(Steps(Vec::new()));
    }
    let step = |word: &str| {
        word.trim()
            .parse()
            .map_err(|_| format!("“{word}” is no number of per cent; write 50,80,100, or none"))
    };
    words.split(',').map(step).collect::<Result<_, _>>().map(Steps)
}

fn period(word: &str) -> Result<BudgetPeriod, String> {
    match word.split_once(':') {
        Some(("rolling", days)) => {
            let days = days.parse().map_err(|_| format!("“{days}” is no number of days"))?;
            Ok(BudgetPeriod::Rolling { days })
        }
        None if word == "day" => Ok(BudgetPeriod::Day),
        None if word == "week" => Ok(BudgetPeriod::Week),
        None if word == "month" => Ok(BudgetPeriod::Month),
        None if word == "total" => Ok(BudgetPeriod::Total),
        _ => Err("use day, week, month, rolling:DAYS or total".to_owned()),
    }
}

fn on_limit(word: &str) -> Result<OnLimit, String> {
    match word {
        "warn" => Ok(OnLimit::Warn),
        "ask" => Ok(OnLimit::Ask),
        "cheaper" => Ok(OnLimit::Cheaper),
        "stop" => Ok(OnLimit::Stop),
        _ => Err("use warn, ask, cheaper or stop".to_owned()),
    }
}

fn scope(word: &str) -> Result<BudgetScope, String> {
    let (kind, name) = word.split_once(':').map_or((word, None), |(kind, name)| (kind, Some(name)));
    let kind = match kind {
        "everything" => BudgetScopeKind::Everything,
        "provider" => BudgetScopeKind::Provider,
        "model" => BudgetScopeKind::Model,
        "key" => BudgetScopeKind::Key,
        "conversation" => BudgetScopeKind::Conversation,
        "folder" => BudgetScopeKind::Folder,
        "tag" => BudgetScopeKind::Tag,
        "source" => BudgetScopeKind::Source,
        _ => {
            return Err(
                "use everything, or provider, model, key, conversation, folder, tag or source with a name, for example \
                 provider:openai"
                    .to_owned(),
            );
        }
    };
    Ok(BudgetScope { kind, name: name.map(str::to_owned) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_and_periods_are_said_in_one_word() {
        let model = scope("model:openrouter/openai/gpt-4o:free").unwrap();
        assert_eq!(
            (model.kind, model.name.as_deref()),
            (BudgetScopeKind::Model, Some("openrouter/openai/gpt-4o:free"))
        );
        assert_eq!(scope("everything").unwrap(), BudgetScope::default());
        assert!(scope("lunch:today").is_err());
        assert_eq!(period("rolling:30"), Ok(BudgetPeriod::Rolling { days: 30 }));
        assert!(period("rolling").is_err() && period("year").is_err());
        assert_eq!((steps("50, 90"), steps("none")), (Ok(Steps(vec![50, 90])), Ok(Steps(vec![]))));
        assert!(steps("").is_err() && steps("half").is_err());
    }
}
