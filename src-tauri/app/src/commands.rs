//! The window's calls, one thin function each: take the arguments, call the engine, give back its view.
//!
//! A call must stand in `build.rs`, in `capabilities/window.json`, here, and in `ui/src/backend/backend.ts`; a test below
//! keeps the first three the same.

mod alerts;
mod analysis;
mod budgets;
mod catalogue;
mod conversations;
mod embeddings;
mod faults;
mod files;
mod invoices;
mod providers;
mod routing;
mod settings;
mod spend;
mod startup;
mod statistics;
mod turns;

use roundtable_engine::TurnSink;
use roundtable_engine::view::TurnBatch;
use tauri::ipc::{Channel, Invoke};

/// The handler of all calls.
#[expect(clippy::too_many_lines, reason = "one line for each command")]
pub(crate) fn handler() -> impl Fn(Invoke) -> bool + Send + Sync + 'static {
    tauri::generate_handler![
        startup::startup,
        startup::set_database_aside,
        startup::save_settings,
        startup::telemetry_status,
        startup::open_link,
        faults::report_fault,
        conversations::list_conversations,
        conversations::create_conversation,
        conversations::open_conversation,
        conversations::rename_conversation,
        conversations::pin_conversation,
        conversations::set_conversation_folder,
        conversations::rename_folder,
        conversations::set_conversation_tags,
        conversations::delete_conversation,
        conversations::save_draft,
        conversations::add_lane,
        conversations::remove_lane,
        conversations::set_lane_target,
        conversations::set_lane_params,
        conversations::move_lane,
        files::add_attachment,
        files::read_attachment,
        turns::preview_turn,
        turns::start_turn,
        turns::watch_turn,
        turns::retry_run,
        turns::retry_turn,
        turns::resume_run,
        turns::stop_run,
        turns::stop_turn,
        turns::run_version,
        turns::pick_run,
        providers::list_models,
        providers::list_providers,
        providers::list_dialects,
        providers::save_provider,
        providers::remove_provider,
        providers::set_key,
        providers::remove_key,
        providers::add_key,
        providers::remove_one_key,
        providers::check_key,
        providers::detect_local_servers,
        settings::provider_settings,
        settings::save_provider_settings,
        settings::model_params,
        settings::save_model_params,
        settings::effective_values,
        settings::model_values,
        catalogue::catalogue_status,
        catalogue::update_catalogue,
        catalogue::accept_prices,
        catalogue::dismiss_prices,
        catalogue::set_own_price,
        alerts::list_alerts,
        alerts::see_alerts,
        alerts::watch_alerts,
        alerts::word_alert,
        alerts::notifications_are_shown,
        invoices::import_invoice,
        invoices::list_invoices,
        invoices::invoice,
        invoices::remove_invoice,
        invoices::adjust_to_invoice,
        invoices::take_back_invoice,
        routing::routes,
        routing::save_group,
        routing::remove_group,
        routing::save_pool,
        routing::remove_pool,
        routing::save_aliases,
        routing::save_choice,
        routing::save_rules,
        routing::read_routing_file,
        routing::save_routing_file,
        routing::dry_run_rules,
        routing::simulate_route,
        routing::routing_state,
        routing::run_trace,
        routing::guide,
        settings::list_profiles,
        settings::save_profile,
        settings::remove_profile,
        embeddings::embedding_stats,
        embeddings::clear_embeddings,
        spend::spend,
        spend::spend_choices,
        spend::spend_entries,
        spend::ledger_entry,
        spend::spend_csv,
        spend::replay_cost,
        spend::folder_spend,
        spend::turn_spend,
        spend::save_export,
        analysis::analysis,
        analysis::analysis_csv,
        analysis::failed_calls,
        analysis::apply_recommendation,
        analysis::dismiss_recommendation,
        analysis::undo_change,
        analysis::set_automatic,
        statistics::statistics,
        statistics::reset_statistics,
        statistics::response_cache,
        statistics::set_response_cache,
        statistics::clear_responses,
        statistics::forget_response,
        budgets::list_budgets,
        budgets::save_budget,
        budgets::pause_budget,
        budgets::remove_budget,
        budgets::list_budget_overrides,
        providers::start_demo,
    ]
}

/// A turn's channel as the engine wants it: false once the window is gone.
fn sink(channel: Channel<TurnBatch>) -> TurnSink {
    Box::new(move |batch| channel.send(batch).is_ok())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    fn words<'a>(text: &'a str, start: &str, end: &str) -> BTreeSet<&'a str> {
        let (_, rest) = text.split_once(start).expect("the list has begun");
        let (list, _) = rest.split_once(end).expect("the list ends");
        list.split([',', '"', '\n', '[', ']']).map(str::trim).filter(|word| !word.is_empty()).collect()
    }

    #[test]
    fn every_call_is_listed_granted_and_handled() {
        let listed = words(include_str!("../build.rs"), "const COMMANDS: &[&str] = &[", "];");
        let source = include_str!("commands.rs");
        let handled = words(source, "tauri::generate_handler![", "\n    ]");
        let handled: BTreeSet<&str> = handled.iter().filter_map(|path| path.rsplit("::").next()).collect();
        let granted = words(include_str!("../capabilities/window.json"), "\"permissions\":", "]");
        let granted: BTreeSet<String> = granted
            .iter()
            .filter_map(|word| word.strip_prefix("allow-"))
            .map(|word| word.replace('-', "_"))
            .collect();
        assert_eq!(listed, handled);
        assert_eq!(listed, granted.iter().map(String::as_str).collect());
    }
}
