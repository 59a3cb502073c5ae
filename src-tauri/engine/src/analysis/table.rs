//! The models of an analysis as a file: every figure to its last digit, the same for the window and the command line.

use crate::csv_text::CsvText;
use crate::engine::Engine;
use crate::view::{AppError, ModelAnalysis};

const COLUMNS: [&str; 24] = [
    "model",
    "name",
    "simulated",
    "calls",
    "succeeded",
    "cancelled",
    "success_rate",
    "success_least",
    "success_most",
    "success_verdict",
    "average_ms",
    "p50_ms",
    "p95_ms",
    "p99_ms",
    "first_token_p50_ms",
    "trend",
    "trend_percent",
    "usd",
    "unpriced_answers",
    "usd_per_call",
    "usd_per_1k_answer_tokens",
    "answers_per_usd",
    "tokens_per_second",
    "errors",
];

impl Engine {
    /// How every model did over the last days (1 to 90), as comma-separated values with a heading. What is not known is empty, never 0.
    pub async fn analysis_csv(&self, days: u32) -> Result<String, AppError> {
        Ok(csv_of(&self.analysis(days).await?.models))
    }
}

fn csv_of(models: &[ModelAnalysis]) -> String {
    let mut file = CsvText::new();
    file.row(&COLUMNS);
    for model in models {
        file.row(&row(model));
    }
    file.finish()
}

fn row(model: &ModelAnalysis) -> Vec<String> {
    let times = model.latency;
    vec![
        model.target.clone(),
        model.label.clone(),
        model.simulated.to_string(),
        model.requests.to_string(),
        model.succeeded.to_string(),
        model.cancelled.to_string(),
        shown(model.success.rate),
        shown(model.success.least),
        shown(model.success.most),
        model.success.verdict.as_str().to_owned(),
        shown(times.map(|times| times.average_ms)),
        shown(times.map(|times| times.p50_ms)),
        shown(times.map(|times| times.p95_ms)),
        shown(times.map(|times| times.p99_ms)),
        shown(model.ttft.map(|times| times.p50_ms)),
        model.trend.direction.as_str().to_owned(),
        shown(model.trend.change_percent),
        shown(model.usd.as_ref()),
        model.unpriced.to_string(),
        shown(model.usd_per_request.as_ref()),
        shown(model.usd_per_1k_answer_tokens.as_ref()),
        shown(model.answers_per_usd),
        shown(model.tokens_per_second),
        errors(model),
    ]
}

fn shown(value: Option<impl ToString>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

fn errors(model: &ModelAnalysis) -> String {
    let errors = model.errors.iter().map(|error| format!("{} {}", error.category.as_str(), error.count));
    errors.collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::models::success;
    use crate::view::{LatencyTrend, TrendDirection};

    #[test]
    fn what_is_not_known_is_empty_and_no_digit_is_lost() {
        let model = ModelAnalysis {
            target: "lab/new".into(),
            label: "=New".into(),
            simulated: false,
            requests: 20_000,
            succeeded: 19_999,
            cancelled: 0,
            latency: None,
            ttft: None,
            trend: LatencyTrend { direction: TrendDirection::Unknown, change_percent: None },
            success: success(19_999, 20_000),
            usd: None,
            unpriced: 19_999,
            usd_per_request: None,
            usd_per_1k_answer_tokens: None,
            answers_per_usd: None,
            tokens_per_second: None,
            errors: Vec::new(),
            steps: Vec::new(),
        };
        let text = csv_of(&[model]);
        let line: Vec<&str> = text.lines().nth(1).unwrap().split(',').collect();
        let cell = |name: &str| line[COLUMNS.iter().position(|column| *column == name).unwrap()];
        assert_eq!([cell("usd"), cell("usd_per_call"), cell("p95_ms")], ["", "", ""]);
        assert_eq!(cell("success_rate"), "0.99995", "it is not all of them");
        assert_eq!(cell("name"), "'=New", "no formula");
    }
}
