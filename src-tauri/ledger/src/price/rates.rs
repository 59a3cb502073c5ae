//! Which prices of a list a request is charged at.

use roundtable_domain::UnixMs;
use serde::{Deserialize, Serialize};

use super::{PriceList, RateSet, TokenPrice};

/// What a price depends on beside the counts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Occasion<'a> {
    /// Prompt size for long-context tiers and ranges, in tokens.
    pub(crate) prompt: u64,
    /// The service tier the provider returned, in lower case.
    pub(crate) service_tier: Option<&'a str>,
    /// When the request was made.
    pub(crate) at: UnixMs,
    /// A surcharge on every token, in percent of the list price; 100 is none.
    pub(crate) percent: u64,
    /// One-hour cache writes without a price of their own cost twice the input (Anthropic's rule).
    pub(crate) long_writes_cost_double: bool,
}

/// Which of a list's special prices a request is charged at.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PriceConditions {
    /// The prompt is longer than this many tokens, and prompts beyond it have prices of their own.
    pub prompt_above: Option<u64>,
    /// The service tier that has prices of its own, as the provider named it.
    pub service_tier: Option<String>,
    /// It was made in cheaper hours.
    pub off_peak: bool,
}

/// The prices of one request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rates {
    pub(crate) input: TokenPrice,
    pub(crate) cache_read: TokenPrice,
    pub(crate) cache_write_5m: TokenPrice,
    pub(crate) cache_write_1h: TokenPrice,
    pub(crate) audio_input: Option<TokenPrice>,
    pub(crate) output: TokenPrice,
    pub(crate) audio_output: Option<TokenPrice>,
    pub(crate) reasoning_output: Option<TokenPrice>,
}

impl PriceList {
    pub(crate) fn rates(&self, occasion: Occasion<'_>) -> Rates {
        let mut set = self.base();
        if let Some(off_peak) = self.off_peak.as_ref().filter(|off_peak| off_peak.applies(occasion.at)) {
            set.replace(&off_peak.rates);
        }
        let by_length = self.by_length(occasion.prompt);
        match (occasion.service_tier.and_then(|tier| self.service_tier(tier)), by_length) {
            // No list says what a long prompt costs in a service tier; the dearer of the two is the safe reading.
            (Some(tier), Some(long)) => {
                let mut other = set.clone();
                set.replace(tier);
                other.replace(long);
                set.raise(&other);
            }
            (Some(rates), None) | (None, Some(rates)) => set.replace(rates),
            (None, None) => {}
        }
        set.into_rates(occasion)
    }

    /// Which special prices hold for a prompt of so many tokens, in this service tier (lower case), at this time.
    pub(crate) fn conditions(&self, prompt: u64, service_tier: Option<&str>, at: UnixMs) -> PriceConditions {
        let above = self.tiers.iter().map(|tier| tier.prompt_tokens_above);
        let ranges = self.tier_ranges.iter().map(|tier| tier.range[0]).filter(|low| *low > 0);
        PriceConditions {
            prompt_above: above.chain(ranges).filter(|threshold| prompt > *threshold).max(),
            service_tier: service_tier.filter(|tier| self.service_tier(tier).is_some()).map(str::to_owned),
            off_peak: self.off_peak.as_ref().is_some_and(|off_peak| off_peak.applies(at)),
        }
    }

    /// The prices of a request that nothing special holds for.
    pub(crate) fn base(&self) -> RateSet {
        RateSet {
            input: Some(self.input),
            output: Some(self.output),
            cache_read: self.cache_read,
            cache_write_5m: self.cache_write_5m,
            cache_write_1h: self.cache_write_1h,
            audio_input: self.audio_input,
            audio_output: self.audio_output,
            reasoning_output: self.reasoning_output,
        }
    }

    fn by_length(&self, prompt: u64) -> Option<&RateSet> {
        let tier = self.tiers.iter().filter(|tier| prompt > tier.prompt_tokens_above);
        if let Some(tier) = tier.max_by_key(|tier| tier.prompt_tokens_above) {
            return Some(&tier.rates);
        }
        let [ranges @ .., last] = self.tier_ranges.as_slice() else { return None };
        Some(&ranges.iter().find(|tier| prompt <= tier.range[1]).unwrap_or(last).rates)
    }

    fn service_tier(&self, name: &str) -> Option<&RateSet> {
        // Anthropic's fast mode is what others call priority.
        self.service_tiers.get(name).or_else(|| self.service_tiers.get("priority").filter(|_| name == "fast"))
    }
}

impl RateSet {
    /// Every price with its name.
    pub(crate) fn named(&self) -> [(&'static str, Option<TokenPrice>); 8] {
        [
            ("input", self.input),
            ("output", self.output),
            ("cache_read", self.cache_read),
            ("cache_write_5m", self.cache_write_5m),
            ("cache_write_1h", self.cache_write_1h),
            ("audio_input", self.audio_input),
            ("audio_output", self.audio_output),
            ("reasoning_output", self.reasoning_output),
        ]
    }

    /// Every price with its counterpart of another set.
    fn zip<'a>(&'a mut self, other: &'a Self) -> [(&'a mut Option<TokenPrice>, Option<TokenPrice>); 8] {
        [
            (&mut self.input, other.input),
            (&mut self.output, other.output),
            (&mut self.cache_read, other.cache_read),
            (&mut self.cache_write_5m, other.cache_write_5m),
            (&mut self.cache_write_1h, other.cache_write_1h),
            (&mut self.audio_input, other.audio_input),
            (&mut self.audio_output, other.audio_output),
            (&mut self.reasoning_output, other.reasoning_output),
        ]
    }

    fn replace(&mut self, with: &Self) {
        for (mine, theirs) in self.zip(with) {
            *mine = theirs.or(*mine);
        }
    }

    fn raise(&mut self, to: &Self) {
        for (mine, theirs) in self.zip(to) {
            *mine = (*mine).max(theirs);
        }
    }

    fn into_rates(self, occasion: Occasion<'_>) -> Rates {
        let charged = |price: TokenPrice| price.percent(occasion.percent);
        let input = self.input.unwrap_or_default();
        // Where writing has no price of its own it costs nothing extra: the token is still input.
        let cache_write_5m = self.cache_write_5m.unwrap_or(input);
        let long_write = if occasion.long_writes_cost_double { input.percent(200) } else { cache_write_5m };
        Rates {
            input: charged(input),
            cache_read: charged(self.cache_read.unwrap_or(input)),
            cache_write_5m: charged(cache_write_5m),
            cache_write_1h: charged(self.cache_write_1h.unwrap_or(long_write)),
            audio_input: self.audio_input.map(charged),
            output: charged(self.output.unwrap_or_default()),
            audio_output: self.audio_output.map(charged),
            reasoning_output: self.reasoning_output.map(charged),
        }
    }
}
