//! The bar of a batch on standard error: how far it is, what it has cost so far, what failed.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use roundtable_engine::BatchProgress;

use super::words;
use crate::output;

/// A bar where somebody looks on, and nothing else.
pub(super) struct Bar(ProgressBar);

impl Bar {
    pub(super) fn new(json: bool, questions: u64) -> Self {
        if json {
            return Self(ProgressBar::hidden());
        }
        let bar = ProgressBar::new(questions);
        if let Ok(style) =
            ProgressStyle::with_template("{bar:24} {pos}/{len} · {msg} · {elapsed}, {eta} left")
        {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(250));
        Self(bar)
    }

    pub(super) fn show(&self, progress: &BatchProgress) {
        self.0.set_position(progress.done);
        self.0.set_message(words::progress(progress));
    }

    /// Says something above the bar.
    pub(super) fn say(&self, text: &str) {
        self.0.suspend(|| output::note(text));
    }

    pub(super) fn clear(&self) {
        self.0.finish_and_clear();
    }
}
