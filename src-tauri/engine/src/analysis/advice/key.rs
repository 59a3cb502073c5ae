//! A key that is refused.

use roundtable_domain::ErrorCategory;

use super::super::sayings::said;
use super::{Advice, Says};
use crate::view::{Priority, RecommendationKind};

/// Fewer refusals in a row may be a provider's mistake.
const FEWEST: u64 = 3;

/// A key, and what was seen of it since it last worked.
#[derive(Clone, Debug)]
pub(in super::super) struct KeyFacts {
    /// Its name in calls.
    pub(in super::super) key: String,
    /// What people call it, and its provider.
    pub(in super::super) label: String,
    pub(in super::super) provider: String,
    pub(in super::super) refusals: u64,
    pub(in super::super) category: Option<ErrorCategory>,
}

/// Look at it. Keys are never changed by advice.
pub(in super::super) fn advise(facts: &KeyFacts) -> Option<Advice> {
    if facts.refusals < FEWEST {
        return None;
    }
    let (key, provider) = (facts.label.as_str(), facts.provider.as_str());
    let values = [("key", key), ("provider", provider)];
    let title = if facts.category == Some(ErrorCategory::QuotaExceeded) {
        said("advice_key_credit", &values, format!("The key {key} of {provider} is out of credit"))
    } else {
        said("advice_key_refused", &values, format!("{provider} refuses the key {key}"))
    };
    let refusals = facts.refusals.to_string();
    let advice = Says {
        kind: RecommendationKind::CheckKey,
        about: facts.key.clone(),
        subject: facts.key.clone(),
        priority: Priority::High,
        title,
        evidence: vec![said(
            "advice_key_refusals",
            &[("refusals", &refusals)],
            format!("{refusals} calls in a row were refused; none has worked since."),
        )],
        effect: said(
            "advice_key_effect",
            &[("provider", provider)],
            format!("With a key that works, or with credit, models of {provider} answer again."),
        ),
        saves: None,
    };
    Some(advice.with(None, false))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_is_refused_again_and_again_is_to_be_looked_at() {
        let told = |refusals, category| {
            let facts = KeyFacts {
                key: "env:OPENAI_API_KEY".into(),
                label: "OPENAI_API_KEY".into(),
                provider: "OpenAI".into(),
                refusals,
                category: Some(category),
            };
            advise(&facts).map(|advice| advice.shown.title.saying.code)
        };
        assert_eq!(told(2, ErrorCategory::Authentication), None);
        assert_eq!(told(3, ErrorCategory::Authentication).as_deref(), Some("advice_key_refused"));
        assert_eq!(told(3, ErrorCategory::QuotaExceeded).as_deref(), Some("advice_key_credit"));
    }
}
