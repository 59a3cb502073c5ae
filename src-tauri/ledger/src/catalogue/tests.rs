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

#[test]
fn at_least_300_priced_models_of_16_providers_are_built_in() {
    let priced = || {
        Catalogue::builtin()
            .models()
            .iter()
            .filter(|facts| facts.price.as_ref().is_some_and(|price| !price.simulated))
    };
    let providers: HashSet<&str> = priced().map(|facts| facts.provider.as_str()).collect();
    assert!(priced().count() >= 300, "{}", priced().count());
    assert!(providers.len() >= 16, "{providers:?}");
    let retiring = priced().filter_map(|facts| facts.retirement_date.as_deref());
    assert!(retiring.clone().count() >= 20, "announced days of retirement are carried");
    assert!(retiring.clone().all(|day| day.parse::<jiff::civil::Date>().is_ok()));
}

fn rates(input: &str, output: &str, cache_read: Option<&str>) -> OwnRates {
    OwnRates::parse(input, output, cache_read, Some(" "), "2026-11-21").unwrap()
}

#[test]
fn the_users_price_goes_before_every_list_at_the_provider_it_was_set_for() {
    let update = Catalogue::builtin().listed("openai", "gpt-5.5").cloned().unwrap();
    let mut update = ModelFacts { name: "Updated".into(), ..update };
    update.price.as_mut().unwrap().input = "4".parse().unwrap();
    let mine = ListedAt { slug: "work", dialect: "openai" };
    let catalogue = Catalogue::clone(Catalogue::builtin())
        .with_updates([update])
        .with_own(mine, "gpt-5.5", &rates("$ 1", "2", None))
        .with_own(mine, "in-house", &rates("0", "0", Some("0")));

    let own = catalogue.find(mine, "gpt-5.5-2026-04-23").unwrap();
    assert_eq!((own.layer, own.name.as_str()), (FactsLayer::Own, "Updated"), "a snapshot too");
    let price = own.price.as_ref().unwrap();
    assert_eq!((price.input.usd_per_mtok().as_str(), price.date.as_str()), ("1", "2026-11-21"));
    assert_eq!(price.cache_read.unwrap().usd_per_mtok(), "0.5", "what was left open is as the list has it");
    assert!(!price.is_tiered() && price.service_tiers.is_empty(), "what somebody typed is what they pay");

    let listed = catalogue.find("openai", "gpt-5.5").unwrap();
    assert_eq!(
        (listed.layer, listed.price.as_ref().unwrap().input.usd_per_mtok().as_str()),
        (FactsLayer::Update, "4")
    );
    assert!(catalogue.price(mine, "in-house").is_some() && catalogue.price("openai", "in-house").is_none());
    assert_eq!(
        catalogue.price_served(mine, "in-house", Some("something-else")),
        None,
        "a substitute is not in-house"
    );
    let electricity = catalogue.clone().with_own("ollama".into(), "qwen3:4b", &rates("0.1", "0.1", None));
    assert_eq!(electricity.price("ollama", "qwen3:4b").unwrap().input.usd_per_mtok(), "0.1");
    assert_eq!(catalogue.price("ollama", "qwen3:4b"), Some(&PriceList::free()));
    assert_eq!((catalogue.own_prices(), Catalogue::builtin().own_prices()), (2, 0));
}

#[test]
fn a_price_nobody_can_pay_is_not_set() {
    for (input, words) in [
        ("-1", "negative"),
        ("NaN", "not a price"),
        ("0.0000001", "six decimals"),
        ("1e9", "not a price"),
        ("2000000", "million dollars"),
    ] {
        let error = OwnRates::parse(input, "1", None, None, "2026-11-21").unwrap_err().to_string();
        assert!(error.contains(words), "{input}: {error}");
    }
}

#[test]
fn prices_age_by_the_day_and_demo_prices_do_not_keep_a_list_fresh() {
    let newest = Catalogue::builtin().newest_price_day().unwrap();
    let at =
        |text: &str| roundtable_domain::UnixMs(text.parse::<jiff::Timestamp>().unwrap().as_millisecond());
    assert!(newest < "2026-11-01", "{newest}: the demo's day is later");
    assert_eq!(age_days("2026-08-21", at("2026-11-21T23:59:59Z")), Some(92));
    assert_eq!(age_days("2026-08-21", at("2026-08-21T00:00:00Z")), Some(0));
    assert_eq!(age_days("2026-08-21", at("2020-01-01T00:00:00Z")), Some(0), "a clock that is wrong");
    assert_eq!(age_days("soon", at("2026-11-21T00:00:00Z")), None);
    assert_eq!(day_of(at("2026-11-21T23:59:59Z")), "2026-11-21");
}
