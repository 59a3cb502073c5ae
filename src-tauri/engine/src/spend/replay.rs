//! What recorded usage would have cost with other models. An estimate: other models count tokens in other ways, and answer at other
//! lengths. Each call is priced by itself, because a long prompt may have another price; what a cache had is taken to have been
//! cached there too, and what was heard and spoken to be priced as such where the other model has a price for it. What belongs to no
//! call (an invoice's corrections) is on neither side.

use roundtable_domain::WireApi;
use roundtable_ledger::{CostQuery, PriceList, PriceSource, compute_cost};
use roundtable_store::{EntryQuery, RecordedUsage, UsageOf};
use serde_json::{Value, json};

use super::gather::query_of;
use super::names::{Names, model_of};
use super::sums::usd;
use crate::directory::Setup;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::view::{AppError, ReplayModel, ReplayOf, ReplayView};

/// One model that is priced at.
struct Candidate {
    target: String,
    unknown: bool,
    priced: Option<(Setup, PriceList)>,
    /// Pico-dollars; `None` once a call could not be priced.
    sum: Option<i128>,
}

/// What the calls have cost.
#[derive(Default)]
struct Actual {
    sum: i128,
    requests: u64,
    left_out: u64,
    at_least: bool,
}

impl Engine {
    /// What calls would have cost with each of these models, `provider/model`, beside what they did cost. Calls whose usage or cost is
    /// not known are left out on both sides.
    pub async fn replay_cost(&self, of: &ReplayOf, targets: &[String]) -> Result<ReplayView, AppError> {
        let room = self.inner.store.spend();
        let query = match of {
            ReplayOf::Filter { filter } => {
                query_of(&self.inner.store, filter, &self.spend_moment().await?).await?
            }
            ReplayOf::Turn { .. } | ReplayOf::Run { .. } => EntryQuery::default(),
        };
        let usage_of = match *of {
            ReplayOf::Filter { .. } => UsageOf::Entries(&query),
            ReplayOf::Turn { turn_id, simulated } => UsageOf::Turn { id: turn_id, simulated },
            ReplayOf::Run { run_id, simulated } => UsageOf::Run { id: run_id, simulated },
        };
        let names = self.spend_names().await?;
        let mut candidates = self.replay_candidates(&names, targets).await?;
        let mut actual = Actual::default();
        let see = |call: &RecordedUsage| {
            let (Some(cost), Some(usage)) = (call.cost, usage_object(call)) else {
                actual.left_out += 1;
                return;
            };
            actual.requests += 1;
            actual.sum += i128::from(cost.as_pico());
            actual.at_least |= call.at_least;
            for candidate in &mut candidates {
                candidate.add(call, &usage);
            }
        };
        room.each_usage(usage_of, see).await.map_err(EngineError::from)?;
        // Of a turn or an answer the query is of no time at all.
        let corrections = room.corrections_of_no_call(&query).await.map_err(EngineError::from)?;
        let view = |candidate: Candidate| ReplayModel {
            of: names.model(&candidate.target),
            usd: candidate.sum.map(usd),
            unknown: candidate.unknown,
        };
        Ok(ReplayView {
            actual_usd: usd(actual.sum),
            at_least: actual.at_least,
            corrections_usd: corrections.to_string(),
            requests: actual.requests,
            left_out: actual.left_out,
            models: candidates.into_iter().map(view).collect(),
        })
    }
    async fn replay_candidates(
        &self,
        names: &Names,
        targets: &[String],
    ) -> Result<Vec<Candidate>, EngineError> {
        let subjects = self.inner.store.spend().subjects().await?;
        let mut candidates = Vec::new();
        for target in targets {
            let resolved = names.directory().resolve(target).ok();
            let mut unknown = !subjects.iter().any(|subject| model_of(subject) == *target);
            let mut priced = None;
            if let Some((setup, model)) = resolved {
                let price = setup.catalogue.price(setup.listed_at(), &model.model).cloned();
                let listed = self.inner.store.models().get(&setup.id, &model.model).await?.is_some();
                unknown &= price.is_none() && !listed && setup.facts(&model.model).is_none();
                priced = price.map(|price| (setup, price));
            }
            let sum = priced.is_some().then_some(0);
            candidates.push(Candidate { target: target.clone(), unknown, priced, sum });
        }
        Ok(candidates)
    }
}

impl Candidate {
    fn add(&mut self, call: &RecordedUsage, usage: &Value) {
        let (Some(sum), Some((setup, price))) = (self.sum, &self.priced) else { return };
        let cost = compute_cost(&CostQuery {
            api: WireApi::OpenaiChat,
            usage_raw: Some(usage),
            price: Some(price),
            at: call.at,
            source: PriceSource { catalogue: &setup.catalogue, slug: &setup.id },
            ..CostQuery::default()
        });
        self.sum = cost.usd.map(|usd| sum + i128::from(usd.as_pico()));
    }
}

/// Counts in the plainest form there is; `None`: they were not reported.
fn usage_object(call: &RecordedUsage) -> Option<Value> {
    let usage = call.usage;
    let (input, output) = (usage.input?, usage.output?);
    Some(json!({
        "prompt_tokens": input,
        "completion_tokens": output,
        "prompt_tokens_details": {
            "cached_tokens": usage.cached_input.unwrap_or(0).min(input),
            "cache_write_tokens": usage.cache_write.unwrap_or(0),
            "audio_tokens": call.audio_input,
            "cache_creation": { "ephemeral_1h_input_tokens": call.written_1h },
        },
        "completion_tokens_details": { "audio_tokens": call.audio_output },
    }))
}

#[cfg(test)]
mod tests {
    use roundtable_domain::{TokenUsage, UnixMs};

    use super::*;

    #[test]
    fn sound_and_hours_in_a_cache_are_priced_as_such() {
        let usage = TokenUsage {
            input: Some(1_000),
            output: Some(100),
            cache_write: Some(300),
            ..TokenUsage::default()
        };
        let call = RecordedUsage {
            at: UnixMs(0),
            usage,
            audio_input: 200,
            audio_output: 50,
            written_1h: 100,
            ..RecordedUsage::default()
        };
        let price: PriceList = serde_json::from_value(json!({
            "input": "1", "output": "2", "audio_input": "10", "audio_output": "20",
            "cache_write_5m": "1.25", "cache_write_1h": "2",
        }))
        .unwrap();
        let cost = compute_cost(&CostQuery {
            api: WireApi::OpenaiChat,
            usage_raw: usage_object(&call).as_ref(),
            price: Some(&price),
            ..CostQuery::default()
        });
        let parts: Vec<_> = cost.lines.iter().map(|line| (line.component.as_str(), line.tokens)).collect();
        for part in [
            ("input", Some(500)),
            ("audio_input", Some(200)),
            ("cache_write_5m", Some(200)),
            ("cache_write_1h", Some(100)),
            ("output", Some(50)),
            ("audio_output", Some(50)),
        ] {
            assert!(parts.contains(&part), "{part:?} of {parts:?}");
        }
    }
}
