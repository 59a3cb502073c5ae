//! What a failure is called on screen: what happened, whose doing, whether it was charged, what to do next.

use roundtable_domain::{ErrorCategory, ProviderError};

use crate::view::{Charged, FaultView, NextStep, Saying};

/// The fault of a failed run. `charged` is what the books know of it.
pub(crate) fn fault_of(error: &ProviderError, provider_name: &str, charged: Charged) -> FaultView {
    FaultView {
        category: error.category,
        message: message(error, provider_name),
        saying: saying(error, provider_name),
        detail: detail(error),
        status: error.status,
        request_id: error.request_id.clone(),
        retry_after_ms: error.retry_after_ms,
        charged,
        next_steps: next_steps(error.category).to_vec(),
    }
}

/// One or two sentences. Errors of our own making already say what to do; the provider's words go to the fold-out.
fn message(error: &ProviderError, provider: &str) -> String {
    if is_ours(error) {
        return error.message.clone();
    }
    match error.category {
        ErrorCategory::RateLimited => match error.retry_after_ms {
            Some(wait_ms) => format!(
                "{provider} limits how often you may ask. It asks to wait {}.",
                words_of_wait(wait_ms)
            ),
            None => format!("{provider} limits how often you may ask. Wait a little, then retry."),
        },
        ErrorCategory::QuotaExceeded => {
            format!(
                "Your account at {provider} is out of credit or over its quota. Add credit there, or use another model."
            )
        }
        ErrorCategory::Authentication => {
            format!("{provider} does not accept the key. Check it or replace it.")
        }
        ErrorCategory::Permission => {
            format!("Your key at {provider} may not do this. Ask for access there, or use another model.")
        }
        ErrorCategory::ModelNotFound => format!("{provider} does not know this model. Choose another."),
        // Our own words, with the address, or with the numbers.
        ErrorCategory::WrongAddress | ErrorCategory::OverBudget => error.message.clone(),
        ErrorCategory::InvalidRequest => {
            format!("{provider} refused the request: {}", first_sentence(&error.message))
        }
        ErrorCategory::ContextLength => {
            "The conversation is longer than this model can read. Shorten the prompt, start a new \
             conversation, or choose a model with a larger context."
                .to_owned()
        }
        ErrorCategory::ContentFilter => format!("{provider}'s content filter stopped this."),
        ErrorCategory::Unavailable => {
            format!("{provider} has a fault or is overloaded. Retry, or use another model.")
        }
        ErrorCategory::Network => {
            format!("The connection to {provider} broke. Check the network, then retry.")
        }
        ErrorCategory::Timeout => format!("{provider} took too long."),
        ErrorCategory::Truncated => {
            format!("{provider} ended the answer before it was finished. What came is kept.")
        }
        ErrorCategory::Cancelled => "Stopped.".to_owned(),
    }
}

/// [`message`] for other languages: its word is the category's. None for what each place words by itself, except where the
/// general words say the same.
fn saying(error: &ProviderError, provider: &str) -> Option<Saying> {
    let category = error.category;
    let is_general =
        matches!(category, ErrorCategory::Timeout | ErrorCategory::Truncated | ErrorCategory::Cancelled);
    let is_own = is_ours(error) && !is_general;
    if is_own || matches!(category, ErrorCategory::WrongAddress | ErrorCategory::OverBudget) {
        return None;
    }
    let word = category.as_str();
    let saying = match (category, error.retry_after_ms) {
        (ErrorCategory::RateLimited, Some(wait_ms)) => {
            Saying::new(format!("{word}_wait")).with("wait_ms", wait_ms.to_string())
        }
        (ErrorCategory::InvalidRequest, _) => {
            Saying::new(word).with("reason", first_sentence(&error.message))
        }
        _ => Saying::new(word),
    };
    Some(saying.with("provider", provider))
}

/// Whether the words are our own: nothing was answered, or what came with a 200 was no reply of this API at all.
fn is_ours(error: &ProviderError) -> bool {
    error.status.is_none() || (error.status == Some(200) && error.kind.is_none() && error.code.is_none())
}

fn next_steps(category: ErrorCategory) -> &'static [NextStep] {
    match category {
        ErrorCategory::RateLimited
        | ErrorCategory::Unavailable
        | ErrorCategory::Timeout
        | ErrorCategory::Truncated => &[NextStep::Retry, NextStep::SwapModel],
        ErrorCategory::Network => &[NextStep::Retry, NextStep::CheckNetwork, NextStep::EditProvider],
        ErrorCategory::QuotaExceeded | ErrorCategory::Permission => &[NextStep::SwapModel, NextStep::EditKey],
        ErrorCategory::Authentication => &[NextStep::EditKey, NextStep::SwapModel],
        ErrorCategory::ModelNotFound | ErrorCategory::InvalidRequest => {
            &[NextStep::SwapModel, NextStep::EditProvider]
        }
        ErrorCategory::WrongAddress => &[NextStep::EditProvider, NextStep::SwapModel],
        ErrorCategory::ContextLength => &[NextStep::ShortenPrompt, NextStep::SwapModel],
        ErrorCategory::ContentFilter => &[NextStep::SwapModel],
        ErrorCategory::OverBudget => &[NextStep::EditBudget, NextStep::SwapModel, NextStep::Retry],
        ErrorCategory::Cancelled => &[NextStep::Retry],
    }
}

/// The provider's own words with type and code, for a fold-out; nothing when the message already holds them all.
fn detail(error: &ProviderError) -> Option<String> {
    error.status?;
    let mut facts = Vec::new();
    facts.extend(error.status.map(|status| format!("HTTP {status}")));
    facts.extend(error.kind.clone());
    facts.extend(
        error.code.as_ref().map(|code| code.as_str().map_or_else(|| code.to_string(), str::to_owned)),
    );
    Some(format!("{}\n{}", facts.join(" · "), error.message))
}

fn first_sentence(text: &str) -> &str {
    let line = text.lines().next().unwrap_or_default();
    line.split_inclusive(". ").next().unwrap_or(line).trim_end()
}

fn words_of_wait(wait_ms: u64) -> String {
    let seconds = wait_ms.div_ceil(1000);
    match seconds {
        0 | 1 => "a second".to_owned(),
        2..=119 => format!("{seconds} seconds"),
        120..=7_199 => format!("{} minutes", seconds.div_ceil(60)),
        _ => format!("{} hours", seconds.div_ceil(3_600)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(category: ErrorCategory) -> ProviderError {
        ProviderError {
            status: Some(429),
            ..ProviderError::local(category, "openai", "Rate limit reached. Try again.")
        }
    }

    const CATEGORIES: [ErrorCategory; 15] = [
        ErrorCategory::RateLimited,
        ErrorCategory::QuotaExceeded,
        ErrorCategory::Authentication,
        ErrorCategory::Permission,
        ErrorCategory::ModelNotFound,
        ErrorCategory::WrongAddress,
        ErrorCategory::InvalidRequest,
        ErrorCategory::ContextLength,
        ErrorCategory::ContentFilter,
        ErrorCategory::Unavailable,
        ErrorCategory::Network,
        ErrorCategory::Timeout,
        ErrorCategory::Truncated,
        ErrorCategory::OverBudget,
        ErrorCategory::Cancelled,
    ];

    #[test]
    fn every_fault_says_what_to_do_next() {
        for category in CATEGORIES {
            let fault = fault_of(&refused(category), "OpenAI", Charged::No);
            assert!(!fault.message.is_empty() && !fault.next_steps.is_empty(), "{category:?}");
        }
    }

    #[test]
    fn every_saying_is_in_the_windows_catalogue() {
        let catalogue = include_str!("../../../ui/src/shared/i18n/messages/sayings.ts");
        let said = CATEGORIES.into_iter().filter_map(|category| saying(&refused(category), "OpenAI"));
        let waited = ProviderError { retry_after_ms: Some(1), ..refused(ErrorCategory::RateLimited) };
        for saying in said.chain(saying(&waited, "OpenAI")) {
            assert!(catalogue.contains(&format!("\n  {}: (", saying.code)), "nobody says {}", saying.code);
            for value in saying.values.keys() {
                assert!(catalogue.contains(&format!("value(\"{value}\")")), "nobody reads {value}");
            }
        }
    }

    #[test]
    fn a_wait_is_told_in_words_and_the_provider_is_quoted_below() {
        let error = ProviderError { retry_after_ms: Some(12_000), ..refused(ErrorCategory::RateLimited) };
        let fault = fault_of(&error, "OpenAI", Charged::No);
        assert_eq!(fault.message, "OpenAI limits how often you may ask. It asks to wait 12 seconds.");
        assert_eq!(fault.detail.as_deref(), Some("HTTP 429\nRate limit reached. Try again."));
        assert_eq!(words_of_wait(86_400_000), "24 hours");
    }
}
