//! Why an answer came from whom, and whom a prompt would go to, for the window and the command line. Nothing is sent here.

use roundtable_domain::RunId;
use roundtable_router::choose::{Candidate, Reason, Score, Weights};
use roundtable_router::trace::{self, RouteTrace, TracedAttempt};
use roundtable_store::Key;

use super::facts::PromptFacts;
use super::views::words;
use crate::engine::Engine;
use crate::error::EngineError;
use crate::view::{
    AnswerSource, AppError, ScoreView, TraceAttempt, TraceCandidate, TraceEndView, TraceView, WeightsView,
};

impl Engine {
    /// Why a run was answered by whom; `None` for runs from before there were traces.
    pub async fn explain_run(&self, run_id: RunId) -> Result<Option<TraceView>, AppError> {
        // A run that is not there is another thing than one without a trace.
        self.inner.store.runs().get(run_id).await.map_err(EngineError::from)?;
        let Some(trace) = self.run_trace(run_id).await? else { return Ok(None) };
        let keys = self.inner.store.keys().list(None).await.map_err(EngineError::from)?;
        Ok(Some(trace_view(&trace, &keys)))
    }

    /// The answer that was begun last in any conversation; `None` where there is none.
    pub async fn latest_run(&self) -> Result<Option<RunId>, AppError> {
        Ok(self.inner.store.runs().latest().await.map_err(EngineError::from)?)
    }

    /// What a target (a model, a group, `group.echelon`, a pool, an alias or `auto`) would do with a prompt at this moment.
    /// Nothing is sent, and no pool's turn goes on.
    pub async fn simulate_route(&self, target: &str, prompt: &str) -> Result<TraceView, AppError> {
        let directory = self.directory().await?;
        let facts = PromptFacts::of_text(prompt, Vec::new());
        let trace = self
            .look_at_route(&directory, target, &facts)
            .await
            .map_err(|refused| EngineError::Provider(refused.error))?;
        Ok(trace_view(&trace, &[]))
    }
}

/// A trace as the window sees it. `keys` give names to the keys it was made with.
fn trace_view(trace: &RouteTrace, keys: &[Key]) -> TraceView {
    let situation = &trace.situation;
    let explanation = trace.explain();
    let mut told = vec![explanation.chosen];
    told.extend(explanation.runner_up);
    told.extend(explanation.attempts);
    told.extend(explanation.end);
    let (sentences, sayings) = told.into_iter().map(|told| (told.text, told.saying)).unzip();
    TraceView {
        asked: trace.asked.clone(),
        revision: trace.config_revision.clone(),
        at: situation.at,
        seed: format!("{:016x}", situation.seed),
        task: situation.reading.task.as_str().to_owned(),
        complexity: situation.reading.complexity.as_str().to_owned(),
        language: situation.reading.language.and_then(|language| words(&[language]).pop()),
        input_tokens: situation.needs.input_tokens,
        strategy: situation.strategy.as_str().to_owned(),
        priority: situation.priority.as_str().to_owned(),
        weights: weights_view(trace.choice.weights),
        rules: trace.rules.clone(),
        sentences,
        sayings,
        candidates: candidates(trace),
        attempts: trace.attempts.iter().map(|attempt| attempt_view(attempt, keys)).collect(),
        end: trace.end.as_ref().map(|end| TraceEndView {
            state: end.state,
            source: source_view(end.source),
            served: end.served.as_ref().map(ToString::to_string),
        }),
        replays: trace.replay().map(|replay| replay.is_same),
    }
}

/// Those who can answer in the order in which they are asked, then those who cannot.
fn candidates(trace: &RouteTrace) -> Vec<TraceCandidate> {
    let ranked = trace.choice.ranked.iter().map(|ranked| (ranked.candidate, Some(ranked.score), None));
    let excluded = trace.choice.excluded.iter().map(|out| (out.candidate, None, Some(&out.reason)));
    ranked
        .chain(excluded)
        .filter_map(|(index, score, reason)| {
            Some(candidate_view(trace, trace.candidates.get(index)?, score, reason))
        })
        .collect()
}

fn candidate_view(
    trace: &RouteTrace,
    candidate: &Candidate,
    score: Option<Score>,
    reason: Option<&Reason>,
) -> TraceCandidate {
    let situation = &trace.situation;
    TraceCandidate {
        target: candidate.model.to_string(),
        route: candidate.route.clone(),
        rank: candidate.rank,
        score: score.map(score_view),
        excluded: reason.map(|reason| reason.code().to_owned()),
        excluded_reason: reason.map(Reason::in_words),
        excluded_saying: reason.cloned(),
        usd: candidate.cost.as_ref().map(|cost| cost.at(situation.at).to_string()),
        ttft_ms: candidate.stats.ttft_ms,
        tokens_per_second: candidate.stats.tokens_per_second,
        reliability: rounded(candidate.stats.reliability(situation.at, situation.tuning.half_life_ms)),
        compared: u32::try_from(candidate.picks.shown).unwrap_or(u32::MAX),
        picked: u32::try_from(candidate.picks.picked).unwrap_or(u32::MAX),
    }
}

fn score_view(score: Score) -> ScoreView {
    ScoreView {
        total: score.total,
        performance: rounded(score.performance.value),
        cost: rounded(score.cost.value),
        load: rounded(score.load.value),
        capability: rounded(score.capability.value),
    }
}

pub(super) fn weights_view(weights: Weights) -> WeightsView {
    let Weights { performance, cost, load, capability } = weights;
    WeightsView {
        performance: rounded(performance),
        cost: rounded(cost),
        load: rounded(load),
        capability: rounded(capability),
    }
}

/// To six decimals, as a score's sum is.
fn rounded(part: f64) -> f64 {
    (part * 1e6).round() / 1e6
}

fn attempt_view(attempt: &TracedAttempt, keys: &[Key]) -> TraceAttempt {
    TraceAttempt {
        target: attempt.model.to_string(),
        key: attempt.key.as_deref().map(|id| key_name(id, keys)),
        kind: words(&[attempt.kind]).pop().unwrap_or_default(),
        waited_ms: attempt.waited_ms,
        took_ms: attempt.took_ms,
        ttft_ms: attempt.ttft_ms,
        failure: attempt.failure,
        retry_after_ms: attempt.retry_after_ms,
        usd: attempt.usd.map(|usd| usd.to_string()),
    }
}

/// What the user calls a key, else its mask; the variable of one from the environment.
fn key_name(id: &str, keys: &[Key]) -> String {
    if let Some(variable) = id.strip_prefix("env:") {
        return variable.to_owned();
    }
    match keys.iter().find(|key| key.id.to_string() == id) {
        Some(key) if !key.label.trim().is_empty() => key.label.clone(),
        Some(key) => key.mask.clone(),
        None => id.to_owned(),
    }
}

fn source_view(source: trace::AnswerSource) -> Option<AnswerSource> {
    match source {
        trace::AnswerSource::Model => Some(AnswerSource::Model),
        trace::AnswerSource::Cache => Some(AnswerSource::Cache),
        trace::AnswerSource::Shared => Some(AnswerSource::Shared),
        trace::AnswerSource::LastResort => Some(AnswerSource::LastResort),
        trace::AnswerSource::Nothing => None,
    }
}

#[cfg(test)]
mod tests;
