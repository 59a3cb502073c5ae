//! Rules tried on the prompts of the past. Nothing is sent and nothing is kept.

use roundtable_domain::UnixMs;
use roundtable_router::choose::{AttachmentKind, Prompt, RuleBook, Spent, read_prompt};
use roundtable_store::{LedgerFilter, PastPrompt};

use super::facts::{beginnings, file_kind, local_time};
use super::views::mistake_view;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::tokens::estimate_text;
use crate::view::{AppError, DryRunExample, DryRunRuleView, DryRunView, RuleView};

/// So many of the latest prompts are looked at.
const PROMPTS: u32 = 500;

/// So many of those a rule held for are shown.
const EXAMPLES: usize = 50;

/// The longest beginning of a prompt that is shown, in characters.
const LONGEST_BEGINNING: usize = 160;

impl Engine {
    /// What rules would have done with the latest 500 prompts. With a mistake in one of them none is tried.
    ///
    /// Length and files are those of the prompt as it was sent, times and spending those of its moment; tags those its
    /// conversation has now.
    pub async fn dry_run_rules(&self, rules: Vec<RuleView>) -> Result<DryRunView, AppError> {
        let config = self.with_rules(&rules).await.map_err(EngineError::from)?;
        let of_rules = |file: &str| file.strip_suffix(".yml").or(file.strip_suffix(".yaml")) == Some("rules");
        let wrong = config.mistakes.iter().filter(|mistake| of_rules(&mistake.file));
        let mistakes: Vec<_> = wrong.map(mistake_view).collect();
        if mistakes.iter().any(|mistake| !mistake.warning) {
            return Ok(DryRunView { mistakes, ..DryRunView::default() });
        }
        let past = self.inner.store.turns().latest(PROMPTS).await.map_err(EngineError::from)?;
        let asks_for_spending =
            rules.iter().any(|rule| rule.when.cost_so_far.is_some() || rule.unless.cost_so_far.is_some());
        let mut spent = vec![Spent::default(); past.len()];
        if asks_for_spending {
            for (spent, prompt) in spent.iter_mut().zip(&past) {
                *spent = self.spent_before(prompt).await?;
            }
        }
        // Half a thousand prompts are read in milliseconds, but not on a thread that answers come through.
        let view = tokio::task::spawn_blocking(move || try_on(&config.rules, &past, &spent)).await;
        let view = view.map_err(|_| EngineError::Closed)?;
        Ok(DryRunView { mistakes, ..view })
    }

    /// What had been spent when a prompt was sent.
    async fn spent_before(&self, prompt: &PastPrompt) -> Result<Spent, EngineError> {
        let (day, month) = beginnings(prompt.created_at);
        let filter = |since: Option<UnixMs>| LedgerFilter {
            since,
            until: Some(prompt.created_at),
            simulated: Some(false),
            ..LedgerFilter::default()
        };
        let of_conversation = LedgerFilter { conversation: Some(prompt.conversation_id), ..filter(None) };
        Ok(Spent {
            conversation: Some(self.ledger_totals(&of_conversation).await?.real),
            day: Some(self.ledger_totals(&filter(Some(day))).await?.real),
            month: Some(self.ledger_totals(&filter(Some(month))).await?.real),
        })
    }
}

fn try_on(rules: &RuleBook, past: &[PastPrompt], spent: &[Spent]) -> DryRunView {
    let files: Vec<Vec<AttachmentKind>> = past
        .iter()
        .map(|prompt| prompt.media_types.iter().map(|media_type| file_kind(media_type)).collect())
        .collect();
    let prompts: Vec<Prompt<'_>> = past
        .iter()
        .zip(&files)
        .zip(spent)
        .map(|((prompt, files), spent)| {
            let tokens = prompt.tokens.unwrap_or_else(|| estimate_text(&prompt.text));
            Prompt {
                text: &prompt.text,
                reading: read_prompt(&prompt.text, tokens, files),
                tokens,
                attachments: files,
                tags: &prompt.tags,
                local_time: local_time(prompt.created_at),
                spent: *spent,
            }
        })
        .collect();
    let outcome = rules.dry_run(&prompts);
    let held = past.iter().zip(outcome.verdicts).filter(|(_, verdict)| !verdict.rules.is_empty());
    DryRunView {
        prompts: count(past.len()),
        untouched: count(outcome.untouched),
        rules: outcome
            .rows
            .into_iter()
            .map(|row| DryRunRuleView { name: row.name, held: count(row.held), hidden: count(row.hidden) })
            .collect(),
        examples: held
            .take(EXAMPLES)
            .map(|(prompt, verdict)| DryRunExample {
                prompt: beginning(&prompt.text),
                at: prompt.created_at,
                rules: verdict.rules,
                to: verdict.to,
            })
            .collect(),
        mistakes: Vec::new(),
    }
}

/// A prompt's beginning in one line.
fn beginning(text: &str) -> String {
    let mut words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some((end, _)) = words.char_indices().nth(LONGEST_BEGINNING) {
        words.truncate(end);
        words.push('…');
    }
    words
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
