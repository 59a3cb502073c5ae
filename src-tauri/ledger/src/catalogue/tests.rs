//! What the embedded catalogue must hold, and how names are found in it.

use std::collections::HashSet;

use super::*;

#[test]
fn every_line_reads_and_no_model_stands_twice() {
    let catalogue = Catalogue::parse(BUILTIN).unwrap();
    assert_eq!(catalogue.models().len(), catalogue.by_name.len(), "two lines have the same name");
    assert!(catalogue.models().len() >= 507, "502 facts and five demo models");
    for facts in catalogue.models() {
        assert!(!facts.model.is_empty() && !facts.name.is_empty(), "{facts:?}");
        assert!(facts.context_window.is_none_or(|window| window >= 1000), "{facts:?}");
    }
}

#[test]
fn prices_are_plausible_and_dated() {
    for facts in Catalogue::builtin().models() {
        let Some(price) = &facts.price else { continue };
        let name = format!("{}/{}", facts.provider, facts.model);
        let dated = price.date.parse::<jiff::civil::Date>();
        assert!(dated.is_ok_and(|date| date.year() >= 2025), "{name} has no date");
        assert_eq!(price.simulated, facts.provider == "demo", "{name}");
        assert!(price.input <= price.output, "{name}");
        let read = price.cache_read.unwrap_or_default();
        assert!(read <= price.input, "{name}");
        for tier in &price.tiers {
            assert!(
                tier.rates.input >= Some(price.input) && tier.rates.output >= Some(price.output),
                "{name}"
            );
        }
        for pair in price.tier_ranges.windows(2) {
            assert!(pair[0].range[1] == pair[1].range[0], "{name} has a gap between ranges");
        }
        let mut windows = price.off_peak.iter().flat_map(|off_peak| &off_peak.windows);
        assert!(windows.all(crate::price::Window::is_readable), "{name}");
    }
}

#[test]
fn a_model_is_found_under_all_its_names() {
    let found = |provider, model| {
        Catalogue::builtin().find(provider, model).map(|facts| format!("{}/{}", facts.provider, facts.model))
    };
    for (provider, asked, stands_as) in [
        ("openai", "gpt-4o", "openai/gpt-4o"),
        ("openai", "gpt-4o-2024-08-06", "openai/gpt-4o-2024-08-06"),
        ("openai", "gpt-4.1-2031-01-01", "openai/gpt-4.1"),
        ("anthropic", "claude-sonnet-4-6-20260217", "anthropic/claude-sonnet-4-6"),
        ("anthropic", "claude-3-5-sonnet-latest", "anthropic/claude-3-5-sonnet-20241022"),
        ("gemini", "models/gemini-2.5-pro", "gemini/gemini-2.5-pro"),
        ("google", "gemini-2.5-flash", "gemini/gemini-2.5-flash"),
        ("gemini", "gemini-2.0-flash-001", "gemini/gemini-2.0-flash"),
        ("minimax", "minimax-m2.5", "minimax/MiniMax-M2.5"),
        ("amazon-nova", "eu.amazon.nova-pro-v1:0", "amazon-nova/amazon.nova-pro-v1:0"),
        ("demo", "scholar", "demo/scholar"),
    ] {
        assert_eq!(found(provider, asked).as_deref(), Some(stands_as), "{provider} {asked}");
    }
    assert_eq!(found("openrouter", "minimax/minimax-m2:free"), None, "a variant has its own price");
    assert_eq!(found("openai", "llama3"), None);
}

#[test]
fn the_exact_snapshot_goes_before_its_family() {
    let input = |model| Catalogue::builtin().price("openai", model).unwrap().input.usd_per_mtok();
    assert_eq!(input("gpt-4o-2024-05-13"), "5");
    assert_eq!(input("gpt-4o"), "2.5");
}

#[test]
fn a_local_model_costs_nothing_and_an_unknown_one_is_unpriced() {
    assert_eq!(Catalogue::builtin().price("ollama", "qwen3:4b"), Some(&PriceList::free()));
    assert_eq!(Catalogue::builtin().price("llamacpp", "tiny"), None);
    assert_eq!(Catalogue::builtin().price("openai", "no-such-model"), None);
}

#[test]
fn demo_models_are_simulated_and_scholar_is_the_dearest() {
    let demo: Vec<_> = Catalogue::builtin().models_of("demo").collect();
    let names: HashSet<_> = demo.iter().map(|facts| facts.model.as_str()).collect();
    assert_eq!(names, HashSet::from(["swift", "scholar", "poet", "critic", "coder"]));
    let dearest = demo.iter().max_by_key(|facts| facts.price.as_ref().map(|price| price.output)).unwrap();
    assert_eq!(dearest.model, "scholar");
}

#[test]
fn an_answer_is_priced_at_the_model_that_served_it() {
    let catalogue = Catalogue::builtin();
    let output =
        |served| catalogue.price_served("openai", "gpt-4o", served).map(|price| price.output.usd_per_mtok());
    assert_eq!(output(None).as_deref(), Some("10"));
    assert_eq!(output(Some("gpt-4o-2024-05-13")).as_deref(), Some("15"), "the snapshot has its own price");
    assert_eq!(output(Some("gpt-4o-mini")).as_deref(), Some("0.6"), "a substitute has its own price");
    assert_eq!(output(Some("some-substitute")), None, "never the price of the model that did not answer");
}
