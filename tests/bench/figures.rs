//! Quantiles, and lines for people.

use std::time::Duration;

/// Durations of one kind of step.
#[derive(Clone, Default)]
pub(crate) struct Samples(Vec<Duration>);

impl Samples {
    pub(crate) fn push(&mut self, sample: Duration) {
        self.0.push(sample);
    }

    /// The value that this share of the samples does not exceed, in microseconds.
    pub(crate) fn quantile_us(&self, share: f64) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        let place = (sorted.len().saturating_sub(1) as f64 * share).round() as usize;
        sorted.get(place).map_or(f64::NAN, |sample| micros(*sample))
    }

    pub(crate) fn p50(&self) -> f64 {
        self.quantile_us(0.5)
    }

    pub(crate) fn p99(&self) -> f64 {
        self.quantile_us(0.99)
    }

    pub(crate) fn mean_us(&self) -> f64 {
        micros(self.0.iter().sum()) / self.0.len().max(1) as f64
    }
}

pub(crate) fn micros(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e6
}

pub(crate) fn title(text: &str) {
    println!("\n{text}");
}

pub(crate) fn line(name: &str, figures: &str) {
    println!("  {name:<46} {figures}");
}

/// A median and a 99th percentile, in milliseconds.
pub(crate) fn pair_ms(p50_us: f64, p99_us: f64) -> String {
    format!("p50 {:>8.3} ms   p99 {:>8.3} ms", p50_us / 1e3, p99_us / 1e3)
}

/// Whether what was aimed at is reached.
pub(crate) fn aim(met: bool, aim: &str) -> String {
    format!("(aim {aim}: {})", if met { "met" } else { "MISSED" })
}
