//! Simple prompts: what they have cost, and what the same tokens come to with who would answer them for less.

use roundtable_domain::{ModelRef, WireApi};
use roundtable_ledger::{CostQuery, PriceSource, compute_cost};
use serde_json::json;

use super::super::advice::{Advice, simple};
use super::super::facts::{Facts, Model, Paid};
use super::Surroundings;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::view::{RuleView, StatisticsOf};

impl Engine {
    pub(super) async fn advise_simple(
        &self,
        facts: &Facts,
        around: &Surroundings,
    ) -> Result<Vec<Advice>, EngineError> {
        let mut advice = Vec::new();
        advice.extend(self.advise_simple_of_auto(facts, around).await?);
        for (target, seen) in &facts.models {
            if !seen.simple_named.is_empty() {
                let cheaper = self.advised_for_simple().await?;
                advice.extend(advise_simple_of_model(facts, around, target, &cheaper));
            }
        }
        Ok(advice)
    }

    /// Of all lanes that leave the choice to the rules together: whoever has answered them, the same rule is advised.
    async fn advise_simple_of_auto(
        &self,
        facts: &Facts,
        around: &Surroundings,
    ) -> Result<Option<Advice>, EngineError> {
        let file = self.editable_file(None).await.filter(|_| !has_frugal_rule(&around.rules));
        let all: Vec<Paid> =
            facts.models.values().flat_map(|seen| seen.simple_auto.iter().copied()).collect();
        let (Some(file), Some((input, output))) = (file, typical(&all)) else { return Ok(None) };
        let Some(cheaper) = self.frugal_choice(input, output).await? else { return Ok(None) };
        // What the cheaper one has answered it would go on answering.
        let mut others: Vec<(i128, &String, &Model)> = facts
            .models
            .iter()
            .filter(|(target, seen)| !seen.simple_auto.is_empty() && **target != cheaper.to_string())
            .map(|(target, seen)| (cost_of(&seen.simple_auto), target, seen))
            .collect();
        others.sort_by(|(a, one, _), (b, other, _)| b.cmp(a).then_with(|| one.cmp(other)));
        let paid: Vec<Paid> =
            others.iter().flat_map(|(_, _, seen)| seen.simple_auto.iter().copied()).collect();
        let Some(replayed) = replay(around, &cheaper, &paid) else { return Ok(None) };
        let label = |target: &str| around.labels.of(StatisticsOf::Model, target);
        let labels = others.iter().map(|(_, target, _)| label(target)).collect();
        let cost = cost_of(&paid);
        Ok(simple::advise(&simple::SimpleFacts {
            of: simple::Lanes::Auto { file, labels },
            cheaper_label: label(&cheaper.to_string()),
            answers: facts.models.values().map(|seen| seen.auto_answered).sum(),
            simple: paid.len() as u64,
            cost,
            replayed,
            saves: facts.in_30_days(cost - replayed, around.until),
        }))
    }
}

/// The one among these at whose price the same tokens come to least.
fn advise_simple_of_model(
    facts: &Facts,
    around: &Surroundings,
    target: &str,
    cheaper: &[ModelRef],
) -> Option<Advice> {
    let seen = facts.models.get(target)?;
    let paid = &seen.simple_named;
    let others = cheaper.iter().filter(|model| model.to_string() != target);
    let (replayed, cheaper) = others
        .filter_map(|model| Some((replay(around, model, paid)?, model.to_string())))
        .min_by(|(a, _), (b, _)| a.cmp(b))?;
    let cost = cost_of(paid);
    let label = around.labels.of(StatisticsOf::Model, target);
    simple::advise(&simple::SimpleFacts {
        of: simple::Lanes::Named { model: target.to_owned(), label },
        cheaper_label: around.labels.of(StatisticsOf::Model, &cheaper),
        answers: seen.answered,
        simple: paid.len() as u64,
        cost,
        replayed,
        saves: facts.in_30_days(cost - replayed, around.until),
    })
}

fn cost_of(paid: &[Paid]) -> i128 {
    paid.iter().map(|one| one.cost).sum()
}

/// What the same tokens come to at a model's price, in pico-dollars. Nothing is taken to be cached there.
fn replay(around: &Surroundings, model: &ModelRef, paid: &[Paid]) -> Option<i128> {
    let (setup, _) = around.directory.resolve(&model.to_string()).ok()?;
    // Invented prices say nothing about real money, nor the other way round.
    if setup.is_demo() != around.demo {
        return None;
    }
    let price = setup.catalogue.price(setup.listed_at(), &model.model)?;
    paid.iter().try_fold(0_i128, |sum, one| {
        let usage = json!({ "prompt_tokens": one.input, "completion_tokens": one.output });
        let cost = compute_cost(&CostQuery {
            api: WireApi::OpenaiChat,
            usage_raw: Some(&usage),
            price: Some(price),
            at: one.at,
            source: PriceSource { catalogue: &setup.catalogue, slug: &setup.id },
            ..CostQuery::default()
        });
        Some(sum + i128::from(cost.usd?.as_pico()))
    })
}

/// Tokens of a mean prompt and a mean answer; `None`: there are none.
fn typical(paid: &[Paid]) -> Option<(u64, u64)> {
    let count = u64::try_from(paid.len()).ok()?;
    let sum = |of: fn(&Paid) -> u64| paid.iter().map(of).fold(0, u64::saturating_add);
    Some((sum(|one| one.input).checked_div(count)?, sum(|one| one.output).checked_div(count)?))
}

/// Somebody has a rule for simple prompts already, ours or their own.
fn has_frugal_rule(rules: &[RuleView]) -> bool {
    rules.iter().any(|rule| {
        let is_for_simple = rule.when.complexity.iter().any(|complexity| complexity == "simple");
        rule.name == simple::RULE || (rule.enabled && is_for_simple)
    })
}
