//! Counters and histograms, and their text form.

use std::fmt;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use crate::facts::{CallFacts, Charge};

/// Which model, and whether it is real.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Whom {
    provider: String,
    model: String,
    simulated: &'static str,
}

/// The same, and how it ended: `complete`, or the category of its failure, or its state.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Ended {
    provider: String,
    model: String,
    simulated: &'static str,
    outcome: &'static str,
    kind: String,
    operation: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Tokens {
    provider: String,
    model: String,
    simulated: &'static str,
    direction: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Without {
    source: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Budget {
    budget: String,
    simulated: &'static str,
}

/// A budget as it stands, in pico-dollars.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BudgetFacts {
    /// Its id: a name is what somebody wrote.
    pub id: String,
    /// How much it is.
    pub limit_pico: i64,
    /// Booked in its period.
    pub spent_pico: i64,
    /// Set aside for calls under way.
    pub reserved_pico: i64,
    /// Invented money.
    pub simulated: bool,
}

/// Seconds, from a cached first token to the longest answer.
const SECONDS: [f64; 14] = [0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 51.2, 102.4, 204.8, 409.6];

fn seconds() -> Histogram {
    Histogram::new(SECONDS)
}

/// What has been counted since the program started.
pub struct Metrics {
    registry: Registry,
    calls: Family<Ended, Counter>,
    tokens: Family<Tokens, Counter>,
    cost: Family<Whom, Counter>,
    unpriced: Family<Whom, Counter>,
    call_seconds: Family<Whom, Histogram, fn() -> Histogram>,
    first_token_seconds: Family<Whom, Histogram, fn() -> Histogram>,
    without_call: Family<Without, Counter>,
    budget_limit: Family<Budget, Gauge>,
    budget_spent: Family<Budget, Gauge>,
    budget_reserved: Family<Budget, Gauge>,
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}

impl Default for Metrics {
    fn default() -> Self {
        let metrics = Self {
            registry: Registry::with_prefix("roundtable"),
            calls: Family::default(),
            tokens: Family::default(),
            cost: Family::default(),
            unpriced: Family::default(),
            call_seconds: Family::new_with_constructor(seconds),
            first_token_seconds: Family::new_with_constructor(seconds),
            without_call: Family::default(),
            budget_limit: Family::default(),
            budget_spent: Family::default(),
            budget_reserved: Family::default(),
        };
        metrics.registered()
    }
}

impl Metrics {
    fn registered(mut self) -> Self {
        let registry = &mut self.registry;
        registry.register("calls", "Calls that have ended", self.calls.clone());
        registry.register("tokens", "Tokens of calls that have ended", self.tokens.clone());
        registry.register(
            "cost_picodollars",
            "What calls have cost, in 10^-12 US dollars, where it is known",
            self.cost.clone(),
        );
        registry.register(
            "unpriced_calls",
            "Calls that were charged for and whose cost is not known",
            self.unpriced.clone(),
        );
        registry.register("call_seconds", "From sending to the end", self.call_seconds.clone());
        registry.register(
            "first_token_seconds",
            "From sending to the first word",
            self.first_token_seconds.clone(),
        );
        registry.register(
            "answers_without_call",
            "Answers that were kept or shared",
            self.without_call.clone(),
        );
        registry.register("budget_limit_picodollars", "How much a budget is", self.budget_limit.clone());
        registry.register("budget_spent_picodollars", "Booked in its period", self.budget_spent.clone());
        registry.register(
            "budget_reserved_picodollars",
            "Set aside for calls under way",
            self.budget_reserved.clone(),
        );
        self
    }

    /// Counts a call that has ended.
    pub fn record(&self, call: &CallFacts) {
        if !call.is_call() {
            self.without_call.get_or_create(&Without { source: call.came_from.clone() }).inc();
            return;
        }
        let simulated = word(call.simulated);
        let whom = Whom { provider: call.server.slug.clone(), model: call.model.clone(), simulated };
        let outcome = call.category.map_or(call.state.as_str(), |category| category.as_str());
        self.calls
            .get_or_create(&Ended {
                operation: call.operation.as_str(),
                provider: call.server.slug.clone(),
                model: call.model.clone(),
                simulated,
                outcome,
                kind: call.kind.clone(),
            })
            .inc();
        for (direction, count) in [("input", call.usage.input), ("output", call.usage.output)] {
            let Some(count) = count else { continue };
            let Whom { provider, model, .. } = whom.clone();
            self.tokens.get_or_create(&Tokens { provider, model, simulated, direction }).inc_by(count);
        }
        match call.charge {
            Charge::Known(cost) => {
                // A counter cannot go down; no call has cost less than nothing yet.
                if let Ok(pico) = u64::try_from(cost.as_pico()) {
                    self.cost.get_or_create(&whom).inc_by(pico);
                }
            }
            Charge::Unknown => {
                self.unpriced.get_or_create(&whom).inc();
            }
            Charge::Nothing => {}
        }
        if let Some(ms) = call.total_ms {
            self.call_seconds.get_or_create(&whom).observe(in_seconds(ms));
        }
        if let Some(ms) = call.ttft_ms {
            self.first_token_seconds.get_or_create(&whom).observe(in_seconds(ms));
        }
    }

    /// Shows budgets as they stand now, and none that are gone.
    pub fn show_budgets(&self, budgets: &[BudgetFacts]) {
        for family in [&self.budget_limit, &self.budget_spent, &self.budget_reserved] {
            family.clear();
        }
        for budget in budgets {
            let label = Budget { budget: budget.id.clone(), simulated: word(budget.simulated) };
            self.budget_limit.get_or_create(&label).set(budget.limit_pico);
            self.budget_spent.get_or_create(&label).set(budget.spent_pico);
            self.budget_reserved.get_or_create(&label).set(budget.reserved_pico);
        }
    }

    /// The text form.
    pub fn text(&self) -> String {
        let mut text = String::new();
        // Writing into a string does not fail.
        if encode(&mut text, &self.registry).is_err() {
            tracing::warn!("metrics could not be written");
        }
        text
    }
}

const fn word(flag: bool) -> &'static str {
    if flag { "true" } else { "false" }
}

/// Milliseconds as the seconds that metrics are kept in.
pub(crate) fn in_seconds(ms: u64) -> f64 {
    std::time::Duration::from_millis(ms).as_secs_f64()
}

#[cfg(test)]
mod tests;
