//! Embeds the window's files and grants its commands one by one.

use std::fs;
use std::path::Path;

/// Every command of the window. One that is missing here cannot be called; see also `capabilities/window.json`.
const COMMANDS: &[&str] = &[
    "startup",
    "set_database_aside",
    "list_conversations",
    "create_conversation",
    "open_conversation",
    "rename_conversation",
    "pin_conversation",
    "set_conversation_folder",
    "rename_folder",
    "set_conversation_tags",
    "delete_conversation",
    "save_draft",
    "add_lane",
    "remove_lane",
    "set_lane_target",
    "set_lane_params",
    "move_lane",
    "add_attachment",
    "read_attachment",
    "preview_turn",
    "start_turn",
    "watch_turn",
    "retry_run",
    "retry_turn",
    "resume_run",
    "stop_run",
    "stop_turn",
    "run_version",
    "pick_run",
    "list_alerts",
    "see_alerts",
    "watch_alerts",
    "word_alert",
    "notifications_are_shown",
    "import_invoice",
    "list_invoices",
    "invoice",
    "remove_invoice",
    "adjust_to_invoice",
    "take_back_invoice",
    "list_models",
    "list_providers",
    "list_dialects",
    "save_provider",
    "remove_provider",
    "set_key",
    "remove_key",
    "add_key",
    "remove_one_key",
    "check_key",
    "detect_local_servers",
    "provider_settings",
    "save_provider_settings",
    "model_params",
    "save_model_params",
    "effective_values",
    "model_values",
    "catalogue_status",
    "update_catalogue",
    "accept_prices",
    "dismiss_prices",
    "set_own_price",
    "routes",
    "save_group",
    "remove_group",
    "save_pool",
    "remove_pool",
    "save_aliases",
    "save_choice",
    "save_rules",
    "read_routing_file",
    "save_routing_file",
    "dry_run_rules",
    "simulate_route",
    "routing_state",
    "run_trace",
    "guide",
    "list_profiles",
    "save_profile",
    "remove_profile",
    "embedding_stats",
    "clear_embeddings",
    "spend",
    "spend_choices",
    "spend_entries",
    "ledger_entry",
    "spend_csv",
    "replay_cost",
    "folder_spend",
    "turn_spend",
    "save_export",
    "analysis",
    "analysis_csv",
    "failed_calls",
    "apply_recommendation",
    "dismiss_recommendation",
    "undo_change",
    "set_automatic",
    "statistics",
    "reset_statistics",
    "response_cache",
    "set_response_cache",
    "clear_responses",
    "forget_response",
    "list_budgets",
    "save_budget",
    "pause_budget",
    "remove_budget",
    "list_budget_overrides",
    "start_demo",
    "save_settings",
    "telemetry_status",
    "open_link",
    "report_fault",
];

/// Stands in for the built window, so that the backend compiles without Node.
const PLACEHOLDER: &str =
    "<!doctype html><title>Roundtable</title><p>The window is not built: run scripts/run.</p>";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    for watched in ["src-tauri/app/capabilities", "ui/dist", "tauri.conf.json", "migrations"] {
        println!("cargo:rerun-if-changed={watched}");
    }
    let page = Path::new("ui/dist/index.html");
    if !page.exists() {
        fs::create_dir_all("ui/dist")?;
        fs::write(page, PLACEHOLDER)?;
    }
    tauri_build::try_build(
        tauri_build::Attributes::new()
            .capabilities_path_pattern("src-tauri/app/capabilities/*.json")
            .app_manifest(tauri_build::AppManifest::new().commands(COMMANDS)),
    )?;
    Ok(())
}
