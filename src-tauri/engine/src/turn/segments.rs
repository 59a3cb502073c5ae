//! Who wrote which part of an answer. Nothing is spliced silently: where another model goes on,
//! a segment of its own begins.

use roundtable_domain::{Answer, TokenUsage};
use roundtable_router::attempt;
use roundtable_store::Run;

use super::course::{Course, NextCall};
use super::prompt::Partial;
use super::record::Ended;
use super::run::Task;
use crate::view::SegmentView;

impl Task {
    /// Who wrote what is there before the latest call.
    pub(super) fn segments_before(&self) -> Vec<SegmentView> {
        self.course.partial.as_ref().map(|partial| partial.segments.clone()).unwrap_or_default()
    }

    /// Who wrote which part, the latest call's answer included; empty when one model wrote it all.
    pub(super) fn segments(&self, ended: Option<&Ended>) -> Vec<SegmentView> {
        let mut segments = self.segments_before();
        if let (Some(partial), Some(ended)) = (&self.course.partial, ended)
            && ended.attempted.answer.has_content()
        {
            segments.push(segment(ended, &partial.text, &partial.reasoning));
        }
        segments
    }

    /// Everything there is, with who wrote it: what another model is to go on from.
    pub(super) fn everything(&self, ended: &Ended) -> Partial {
        let answer = &ended.attempted.answer;
        let before = self.course.partial.clone().unwrap_or_default();
        let mut segments = before.segments;
        if answer.has_content() {
            segments.push(segment(ended, &before.text, &before.reasoning));
        }
        Partial {
            text: before.text + &answer.text,
            reasoning: before.reasoning + &answer.reasoning,
            segments,
        }
    }

    /// The answer goes on with another model, in this run.
    pub(super) fn go_on_with(&mut self, candidate: usize) {
        let Some(ended) = &self.progress.ended else { return };
        let partial = self.everything(ended);
        self.progress.usage = sum(self.progress.usage, ended.attempted.answer.usage);
        // What the next call is checkpointed with is its own.
        self.live.update(self.run_id, |run| run.view().usage = None);
        self.course.resume(attempt::Resume::Continue, candidate, Some(partial));
    }

    /// Shows whom a call goes to, and that a segment of its own begins.
    pub(super) fn show_call(&self, next: &NextCall) {
        let asked = &next.ready.asked;
        let route = self.course.in_short(next.leave.candidate);
        let segments = self.course.segments_with(next);
        let simulated = next.ready.is_simulated();
        self.live.update(self.run_id, |run| {
            if run.peek().usage.is_some() {
                // It was reported by a call that has failed since.
                run.view().usage = None;
            }
            let known = run.peek();
            let is_same = known.provider == asked.setup.id
                && known.model_requested == asked.model
                && known.segments == segments
                && known.notices == next.ready.notices
                && known.waiting.is_none();
            if is_same {
                return;
            }
            let view = run.view();
            view.provider.clone_from(&asked.setup.id);
            view.provider_name.clone_from(&asked.setup.name);
            view.model_requested.clone_from(&asked.model);
            view.model_served = None;
            view.notices.clone_from(&next.ready.notices);
            view.simulated = simulated;
            view.segments = segments;
            view.route = route;
            view.waiting = None;
            run.restate();
        });
    }
}

impl Course {
    /// Who wrote what is there, and who begins to write now; empty when one model writes it all. It stands in the row before the
    /// call is made, so that what a killed process leaves can be told apart.
    pub(super) fn segments_with(&self, next: &NextCall) -> Vec<SegmentView> {
        let Some(partial) = &self.partial else { return Vec::new() };
        let asked = &next.ready.asked;
        let mut segments = partial.segments.clone();
        segments.push(SegmentView {
            provider: asked.setup.id.clone(),
            provider_name: asked.setup.name.clone(),
            model: asked.model.clone(),
            text_start: utf16(&partial.text),
            reasoning_start: utf16(&partial.reasoning),
            usd: None,
        });
        segments
    }
}

/// The text that the latest of several wrote: all of it where nobody went on.
pub(super) fn latest_part(run: &Run) -> (&str, &str) {
    let segments: Vec<SegmentView> = serde_json::from_value(run.segments.clone()).unwrap_or_default();
    let Some(latest) = segments.last() else { return (&run.text, &run.reasoning) };
    (behind(&run.text, latest.text_start), behind(&run.reasoning, latest.reasoning_start))
}

/// What stands behind so many UTF-16 code units.
fn behind(text: &str, units: u32) -> &str {
    let mut seen = 0;
    for (at, letter) in text.char_indices() {
        if seen >= units {
            return text.get(at..).unwrap_or_default();
        }
        seen += u32::try_from(letter.len_utf16()).unwrap_or(2);
    }
    ""
}

/// The part a call wrote, which begins behind these.
fn segment(ended: &Ended, text: &str, reasoning: &str) -> SegmentView {
    let asked = &ended.ready.asked;
    SegmentView {
        provider: asked.setup.id.clone(),
        provider_name: asked.setup.name.clone(),
        model: ended.attempted.answer.model_served.clone().unwrap_or_else(|| asked.model.clone()),
        text_start: utf16(text),
        reasoning_start: utf16(reasoning),
        usd: ended.cost().map(|cost| cost.to_string()),
    }
}

/// A length in UTF-16 code units, JavaScript's.
pub(super) fn utf16(text: &str) -> u32 {
    u32::try_from(text.encode_utf16().count()).unwrap_or(u32::MAX)
}

/// Tokens of two parts. Unknown is not nothing.
pub(super) fn sum(one: Option<TokenUsage>, other: Option<TokenUsage>) -> Option<TokenUsage> {
    let (Some(one), Some(other)) = (one, other) else { return one.or(other) };
    let add = |one: Option<u64>, other: Option<u64>| match (one, other) {
        (Some(one), Some(other)) => Some(one.saturating_add(other)),
        (known, None) | (None, known) => known,
    };
    Some(TokenUsage {
        input: add(one.input, other.input),
        output: add(one.output, other.output),
        cached_input: add(one.cached_input, other.cached_input),
        cache_write: add(one.cache_write, other.cache_write),
        reasoning: add(one.reasoning, other.reasoning),
    })
}

/// An answer behind the part it goes on from.
pub(super) fn joined(partial: Partial, answer: Answer) -> Answer {
    Answer {
        text: partial.text + &answer.text,
        reasoning: partial.reasoning + &answer.reasoning,
        // What one model signed cannot be told from where the other began.
        layout: roundtable_domain::Layout::default(),
        ..answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_of_two_parts_add_up_and_unknown_is_not_nothing() {
        let usage = |input, output| TokenUsage { input, output, ..TokenUsage::default() };
        assert_eq!(sum(None, Some(usage(Some(1), None))), Some(usage(Some(1), None)));
        let both = sum(Some(usage(Some(1), None)), Some(usage(Some(2), Some(5))));
        assert_eq!(both, Some(usage(Some(3), Some(5))));
    }

    #[test]
    fn where_a_part_begins_is_counted_as_javascript_counts() {
        assert_eq!(utf16("né👩"), 4);
        assert_eq!((behind("né👩x", 2), behind("né👩x", 4), behind("né👩x", 9)), ("👩x", "x", ""));
    }
}
