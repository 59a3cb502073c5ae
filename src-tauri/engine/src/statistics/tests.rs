use std::collections::HashMap;
use std::path::Path;

use roundtable_domain::{AttemptId, UnixMs};
use roundtable_store::{Call, CountedCall, OpenOptions, Store};
use uuid::Uuid;

use super::HOUR_MS;
use super::tally::tests::call;
use crate::clock::{Clock, SystemClock};
use crate::data_dir::DataDir;
use crate::engine::{Engine, Options, Process};
use crate::view::StatisticsOf;

/// A call of some hours ago: 100 tokens in one second after half of one.
fn ago(hours: i64) -> Call {
    let CountedCall { source, kind, provider, model, state, ttft_ms, total_ms, .. } = call(0);
    let CountedCall { input_tokens, output_tokens, cost, requested, .. } = call(0);
    Call {
        id: AttemptId::from_uuid(Uuid::now_v7()),
        run_id: None,
        at: UnixMs(SystemClock.now().0 - hours * HOUR_MS),
        source,
        kind,
        provider,
        model,
        model_served: None,
        key: None,
        group: None,
        echelon: None,
        pool: None,
        state,
        category: None,
        wait_ms: 0,
        ttft_ms,
        total_ms,
        input_tokens,
        output_tokens,
        cost,
        saved: None,
        response: None,
        requested,
        simulated: false,
    }
}

/// What an earlier process has left.
async fn left(folder: &Path, calls: &[Call]) {
    let data_dir = DataDir::choose(Some(folder)).unwrap();
    data_dir.create().unwrap();
    let options = OpenOptions { now: UnixMs(1), backup_dir: data_dir.backups() };
    let store = Store::open(&data_dir.database(), options).await.unwrap();
    for call in calls {
        store.calls().add(call).await.unwrap();
    }
    store.close().await;
}

/// An engine that has read what it reads behind its start.
async fn engine(folder: &Path) -> Engine {
    let options = Options {
        keyring: false.into(),
        environment: HashMap::new(),
        logging: false,
        ..Options::new(DataDir::choose(Some(folder)).unwrap(), Process::CommandLine)
    };
    let engine = Engine::open(options).await.unwrap();
    engine.load_statistics().await.unwrap();
    engine
}

fn remembered(engine: &Engine) -> f64 {
    engine.model_stats(&"openai/gpt-4o".parse().unwrap()).good
}

#[tokio::test]
async fn what_is_remembered_survives_a_restart_and_what_is_too_old_goes() {
    let folder = tempfile::tempdir().unwrap();
    left(folder.path(), &[ago(91 * 24), ago(8 * 24), ago(6), ago(0)]).await;
    let opened = engine(folder.path()).await;
    // A call of six hours ago counts half of one of now.
    assert!((remembered(&opened) - 1.5).abs() < 0.01, "{}", remembered(&opened));
    opened.load_statistics().await.unwrap();
    assert!((remembered(&opened) - 1.5).abs() < 0.01, "it is read once");
    let rows = opened.statistics(90 * 24).await.unwrap().rows;
    let requests = |of| rows.iter().find(|row| row.of == of).map(|row| row.requests);
    assert_eq!(requests(StatisticsOf::Model), Some(3), "ninety days are kept");
    opened.attempt_ended(&ago(0));
    assert!((remembered(&opened) - 2.5).abs() < 0.01, "and what ends is added");
    opened.shutdown().await;
}

#[tokio::test]
async fn a_reset_holds_for_choosing_too_and_over_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    left(folder.path(), &[ago(1), ago(2)]).await;
    let before = engine(folder.path()).await;
    assert!(remembered(&before) > 1.0);
    before.reset_statistics().await.unwrap();
    assert!(remembered(&before).abs() < f64::EPSILON);
    before.shutdown().await;
    let after = engine(folder.path()).await;
    assert!(remembered(&after).abs() < f64::EPSILON, "nothing comes back");
    after.shutdown().await;
}

#[tokio::test]
async fn every_call_counts_for_its_model_provider_key_group_and_pool_and_invented_ones_apart() {
    let folder = tempfile::tempdir().unwrap();
    let routed = Call {
        key: Some("env:OPENAI_API_KEY".to_owned()),
        group: Some("daily".to_owned()),
        pool: Some("ring".to_owned()),
        ..ago(1)
    };
    let invented =
        Call { simulated: true, key: Some("demo".to_owned()), group: Some("daily".to_owned()), ..ago(1) };
    left(folder.path(), &[routed, invented]).await;
    let opened = engine(folder.path()).await;
    let rows = opened.statistics(24).await.unwrap().rows;
    let seen: Vec<_> =
        rows.iter().map(|row| (row.of, row.name.as_str(), row.label.as_str(), row.simulated)).collect();
    let expected = [
        (StatisticsOf::Model, "openai/gpt-4o", false),
        (StatisticsOf::Model, "openai/gpt-4o", true),
        (StatisticsOf::Provider, "openai", false),
        (StatisticsOf::Provider, "openai", true),
        (StatisticsOf::Key, "env:OPENAI_API_KEY", false),
        (StatisticsOf::Group, "daily", false),
        (StatisticsOf::Group, "daily", true),
        (StatisticsOf::Pool, "ring", false),
    ];
    assert_eq!(seen.len(), expected.len(), "{seen:?}");
    for (of, name, simulated) in expected {
        let rows = seen.iter().filter(|row| (row.0, row.1, row.3) == (of, name, simulated));
        assert_eq!(rows.count(), 1, "{name}");
    }
    let label = |of| seen.iter().find(|row| row.0 == of).map(|row| row.2);
    assert_eq!(label(StatisticsOf::Provider), Some("OpenAI"));
    assert_eq!(label(StatisticsOf::Key), Some("OPENAI_API_KEY"));
    opened.shutdown().await;
}
