//! Simple prompts: what they have cost, and what the same tokens come to with who would answer them for less.

use roundtable_domain::{ModelRef, WireApi};
use roundtable_ledger::{CostQuery, PriceSource, compute_cost};
use serde_json::json;

use super::super::advice::{Advice, simple};
use super::super::facts::{Facts, Paid};
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
        let rules = self.editable_file(None).await.filter(|_| !has_frugal_rule(&around.rules));
        for (target, seen) in &facts.models {
            if let (Some(file), Some((input, output))) = (&rules, typical(&seen.simple_auto)) {
                let cheaper: Vec<ModelRef> = self.frugal_choice(input, output).await?.into_iter().collect();
                let told =
                    advise_on_simple(facts, around, target, &seen.simple_auto, &cheaper, Some(file.clone()));
                advice.extend(told);
            }
            if typical(&seen.simple_named).is_some() {
                let cheaper = self.advised_for_simple().await?;
                advice.extend(advise_on_simple(facts, around, target, &seen.simple_named, &cheaper, None));
            }
        }
        Ok(advice)
    }
}

/// The one among these at whose price the same tokens come to least.
fn advise_on_simple(
    facts: &Facts,
    around: &Surroundings,
    target: &str,
    paid: &[Paid],
    cheaper: &[ModelRef],
    rules: Option<String>,
) -> Option<Advice> {
    let others = cheaper.iter().filter(|model| model.to_string() != target);
    let (replayed, cheaper) = others
        .filter_map(|model| Some((replay(around, model, paid)?, model.to_string())))
        .min_by(|(a, _), (b, _)| a.cmp(b))?;
    let cost: i128 = paid.iter().map(|one| one.cost).sum();
    simple::advise(&simple::SimpleFacts {
        model: target.to_owned(),
        label: around.labels.of(StatisticsOf::Model, target),
        cheaper_label: around.labels.of(StatisticsOf::Model, &cheaper),
        answers: facts.models.get(target)?.answered,
        simple: u64::try_from(paid.len()).ok()?,
        cost,
        replayed,
        saves: facts.in_30_days(cost - replayed, around.until),
        rules,
    })
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
