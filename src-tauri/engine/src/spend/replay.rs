//! What recorded usage would have cost with other models. An estimate: other models count tokens in other ways, and answer at other
//! lengths. Each call is priced by itself, because a long prompt may have another price; what a cache had is taken to have been
//! cached there too.

use roundtable_domain::{TokenUsage, WireApi};
use roundtable_ledger::{CostQuery, PriceList, PriceSource, compute_cost};
use roundtable_store::RecordedUsage;
use serde_json::{Value, json};

use super::gather::query_of;
use super::sums::usd;
use crate::directory::Setup;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::view::{AppError, ReplayView, SpendFilter};

/// One model that is priced at.
struct Candidate {
    target: String,
    priced: Option<(Setup, PriceList)>,
    /// Pico-dollars; `None` once a call could not be priced.
    sum: Option<i128>,
}

impl Engine {
    /// What the calls of a filter would have cost with each of these models, `provider/model`. Calls whose usage or cost is not known are
    /// left out on both sides.
    pub async fn replay_cost(
        &self,
        filter: &SpendFilter,
        targets: &[String],
    ) -> Result<Vec<ReplayView>, AppError> {
        let query = query_of(&self.inner.store, filter, &self.spend_moment().await?).await?;
        let names = self.spend_names().await?;
        let mut candidates: Vec<Candidate> = targets
            .iter()
            .map(|target| {
                let resolved = names.directory().resolve(target).ok();
                let priced = resolved.and_then(|(setup, model)| {
                    let price = setup.catalogue.price(setup.listed_at(), &model.model)?.clone();
                    Some((setup, price))
                });
                Candidate { sum: priced.is_some().then_some(0), target: target.clone(), priced }
            })
            .collect();
        let (mut actual, mut requests, mut left_out) = (0_i128, 0_u64, 0_u64);
        let see = |call: &RecordedUsage| {
            let (Some(cost), Some(usage)) = (call.cost, usage_object(call.usage)) else {
                left_out += 1;
                return;
            };
            requests += 1;
            actual += i128::from(cost.as_pico());
            for candidate in &mut candidates {
                candidate.add(call, &usage);
            }
        };
        self.inner.store.spend().each_usage(&query, see).await.map_err(EngineError::from)?;
        Ok(candidates
            .into_iter()
            .map(|candidate| ReplayView {
                of: names.model(&candidate.target),
                usd: candidate.sum.map(usd),
                actual_usd: usd(actual),
                requests,
                left_out,
            })
            .collect())
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
fn usage_object(usage: TokenUsage) -> Option<Value> {
    let (input, output) = (usage.input?, usage.output?);
    Some(json!({
        "prompt_tokens": input,
        "completion_tokens": output,
        "prompt_tokens_details": {
            "cached_tokens": usage.cached_input.unwrap_or(0).min(input),
            "cache_write_tokens": usage.cache_write.unwrap_or(0),
        },
    }))
}
