//! What was sent against a budget because somebody said so.

use roundtable_domain::{BudgetId, ConversationId, TurnId};
use roundtable_engine::Engine;
use roundtable_engine::view::{BudgetOverrideView, OverrideReason};
use roundtable_ledger::format_usd;
use serde::Serialize;
use serde_json::json;

use super::{csv_line, find};
use crate::arguments::Format;
use crate::failure::Failure;
use crate::output;

/// The columns of `--format csv`, in the words of the JSON object.
const COLUMNS: [&str; 8] =
    ["at", "why", "over_usd", "unpriced_calls", "question", "conversation", "conversation_id", "turn_id"];

/// One line of `budget overrides --json`.
#[derive(Serialize)]
struct Row<'o> {
    #[serde(rename = "type")]
    kind: &'static str,
    at: String,
    why: OverrideReason,
    over_usd: &'o str,
    unpriced_calls: u32,
    question: Option<&'o str>,
    conversation: Option<&'o str>,
    conversation_id: Option<ConversationId>,
    turn_id: Option<TurnId>,
}

impl<'o> Row<'o> {
    fn of(one: &'o BudgetOverrideView) -> Self {
        Self {
            kind: "override",
            at: output::utc(one.at),
            why: one.why,
            over_usd: &one.over_usd,
            unpriced_calls: one.unpriced_calls,
            question: one.question.as_deref(),
            conversation: one.conversation_title.as_deref(),
            conversation_id: one.conversation_id,
            turn_id: one.turn_id,
        }
    }
}

/// Those of a budget by its id or name. The record outlives the budget: one that is gone is named by its id.
pub(super) async fn of(engine: &Engine, word: &str) -> Result<Vec<BudgetOverrideView>, Failure> {
    let known = engine.list_budgets().await?;
    let id = match (find(&known, word), word.parse::<BudgetId>()) {
        (Ok(budget), _) => budget.id,
        (Err(_), Ok(id)) => id,
        (Err(failure), Err(_)) => return Err(failure),
    };
    Ok(engine.list_budget_overrides(id).await?)
}

pub(super) fn show(overrides: &[BudgetOverrideView], format: Format) -> Result<(), Failure> {
    match format {
        Format::Json => overrides.iter().try_for_each(|one| output::object(&Row::of(one))),
        Format::Csv => {
            output::line(&COLUMNS.join(","))?;
            overrides.iter().try_for_each(|one| output::line(&csv_line(&COLUMNS, &json!(Row::of(one)))))
        }
        Format::Table if overrides.is_empty() => output::line("Nothing was sent against this budget."),
        Format::Table => {
            let mut rows = vec![["WHEN", "WHY", "BEYOND", "QUESTION"].map(str::to_owned).to_vec()];
            rows.extend(overrides.iter().map(cells));
            output::table(&rows)
        }
    }
}

fn cells(one: &BudgetOverrideView) -> Vec<String> {
    let (why, beyond) = match one.why {
        OverrideReason::Limit => ("beyond the limit", format_usd(one.over_usd.parse().ok(), None)),
        OverrideReason::Unpriced => ("no price", "unpriced".to_owned()),
    };
    let question = one.question.clone().unwrap_or_else(|| "(gone)".to_owned());
    vec![output::utc(one.at), why.to_owned(), beyond, question]
}
