//! Groups, pools, aliases and rules; what they would do, and why an answer came from whom.

use roundtable_domain::RunId;
use roundtable_engine::view::{
    AdviceView, AliasView, AppError, ChoiceView, DryRunView, GroupView, PoolView, RoutesView,
    RoutingFileOutcome, RoutingFileView, RoutingState, RuleView, TraceView,
};
use tauri::{State, command};

use crate::shell::Shell;

#[command]
pub(crate) async fn routes(shell: State<'_, Shell>) -> Result<RoutesView, AppError> {
    shell.engine().await?.routes().await
}

#[command]
pub(crate) async fn save_group(
    shell: State<'_, Shell>,
    group: GroupView,
    old_name: Option<String>,
) -> Result<RoutesView, AppError> {
    shell.engine().await?.save_group(group, old_name).await
}

#[command]
pub(crate) async fn remove_group(shell: State<'_, Shell>, name: String) -> Result<RoutesView, AppError> {
    shell.engine().await?.remove_group(&name).await
}

#[command]
pub(crate) async fn save_pool(
    shell: State<'_, Shell>,
    pool: PoolView,
    old_name: Option<String>,
) -> Result<RoutesView, AppError> {
    shell.engine().await?.save_pool(pool, old_name).await
}

#[command]
pub(crate) async fn remove_pool(shell: State<'_, Shell>, name: String) -> Result<RoutesView, AppError> {
    shell.engine().await?.remove_pool(&name).await
}

#[command]
pub(crate) async fn save_aliases(
    shell: State<'_, Shell>,
    aliases: Vec<AliasView>,
) -> Result<RoutesView, AppError> {
    shell.engine().await?.save_aliases(aliases).await
}

#[command]
pub(crate) async fn save_choice(shell: State<'_, Shell>, choice: ChoiceView) -> Result<RoutesView, AppError> {
    shell.engine().await?.save_choice(choice).await
}

#[command]
pub(crate) async fn save_rules(
    shell: State<'_, Shell>,
    rules: Vec<RuleView>,
) -> Result<RoutesView, AppError> {
    shell.engine().await?.save_rules(rules).await
}

#[command]
pub(crate) async fn read_routing_file(
    shell: State<'_, Shell>,
    name: String,
) -> Result<RoutingFileView, AppError> {
    shell.engine().await?.read_routing_file(&name).await
}

#[command]
pub(crate) async fn save_routing_file(
    shell: State<'_, Shell>,
    name: String,
    text: String,
    before: String,
) -> Result<RoutingFileOutcome, AppError> {
    shell.engine().await?.save_routing_file(&name, &text, &before).await
}

#[command]
pub(crate) async fn dry_run_rules(
    shell: State<'_, Shell>,
    rules: Vec<RuleView>,
) -> Result<DryRunView, AppError> {
    shell.engine().await?.dry_run_rules(rules).await
}

#[command]
pub(crate) async fn simulate_route(
    shell: State<'_, Shell>,
    target: String,
    prompt: String,
) -> Result<TraceView, AppError> {
    shell.engine().await?.simulate_route(&target, &prompt).await
}

#[command]
pub(crate) async fn run_trace(shell: State<'_, Shell>, run_id: RunId) -> Result<Option<TraceView>, AppError> {
    shell.engine().await?.explain_run(run_id).await
}

#[command]
pub(crate) async fn guide(shell: State<'_, Shell>) -> Result<Vec<AdviceView>, AppError> {
    shell.engine().await?.guide().await
}

#[command]
pub(crate) async fn routing_state(shell: State<'_, Shell>) -> Result<RoutingState, AppError> {
    shell.engine().await?.routing_state().await
}
