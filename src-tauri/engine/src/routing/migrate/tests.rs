//! An old file taken over on a real folder.

use super::super::desk::{Desk, refusal};
use super::*;

const OLD: &str = "default_model: demo/scholar\nfallback_models: [demo/swift]\nmax_retries: 2\n";

fn options() -> MigrationOptions {
    MigrationOptions { name: None, backup: true, validate_only: false }
}

struct Old {
    desk: Desk,
    folder: tempfile::TempDir,
    path: PathBuf,
}

async fn old(text: &str) -> Old {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("llm.yaml");
    std::fs::write(&path, text).unwrap();
    Old { desk: Desk::new(&[]).await, folder, path }
}

impl Old {
    async fn migrate(&self, options: &MigrationOptions) -> ConfigMigration {
        self.desk.engine.migrate_config(&self.path, options).await.unwrap()
    }

    fn beside(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.folder.path()).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

fn changes(migration: &ConfigMigration) -> Vec<FileChange> {
    migration.files.iter().map(|file| file.change).collect()
}

#[tokio::test]
async fn an_old_file_becomes_a_group_and_a_pool_once() {
    let old = old(OLD).await;
    let looked = old.migrate(&MigrationOptions { validate_only: true, ..options() }).await;
    assert_eq!(changes(&looked), [FileChange::New, FileChange::New]);
    assert!(!old.desk.config.exists() && old.beside() == ["llm.yaml"], "only looked at");
    let first = old.migrate(&options()).await;
    assert_eq!(first.backups, [old.folder.path().join("llm.yaml.backup")]);
    assert_eq!(
        (old.desk.names("groups"), old.desk.names("pools")),
        (vec!["llm.yaml".to_owned()], vec!["llm-pool.yaml".to_owned()])
    );
    let routes = old.desk.engine.routes().await.unwrap();
    assert_eq!((routes.groups[0].echelons.len(), routes.mistakes), (2, vec![]));
    let again = old.migrate(&options()).await;
    assert_eq!((changes(&again), again.backups), (vec![FileChange::None; 2], vec![]));
    assert_eq!(old.beside(), ["llm.yaml", "llm.yaml.backup"]);
}

#[tokio::test]
async fn what_is_replaced_is_kept_beside_it_unless_nobody_wants_that() {
    let old = old(OLD).await;
    old.migrate(&options()).await;
    let before = old.desk.text("groups/llm.yaml");
    old.desk.write("groups/llm.yaml", "# mine\nechelon1: {models: [demo/poet]}\n");
    old.desk.engine.inner.config.reread().await;
    let again = old.migrate(&options()).await;
    assert_eq!(changes(&again), [FileChange::Replaced, FileChange::None]);
    assert_eq!(old.desk.text("groups/llm.yaml"), before);
    assert!(old.desk.text("groups/llm.yaml.backup").contains("# mine"));
    let other = MigrationOptions { name: Some("other".into()), backup: false, ..options() };
    assert_eq!(old.migrate(&other).await.backups, [] as [PathBuf; 0]);
    assert_eq!(old.desk.names("groups"), ["llm.yaml", "llm.yaml.backup", "other.yaml"]);
}

#[tokio::test]
async fn what_is_not_understood_is_refused_with_its_line_and_nothing_is_written() {
    let old = old("default_model: demo/scholar\nfallbacks: [demo/swift]\n").await;
    let migration = old.migrate(&options()).await;
    let said: Vec<_> =
        migration.mistakes.iter().map(|wrong| (wrong.file.as_str(), wrong.line, wrong.warning)).collect();
    assert_eq!(said, [("llm.yaml", 2, false)]);
    assert!(migration.files.is_empty() && !old.desk.config.exists() && old.beside() == ["llm.yaml"]);
    let gone = old.folder.path().join("gone.yaml");
    assert_eq!(refusal(old.desk.engine.migrate_config(&gone, &options()).await).0, "bad_file");
}
