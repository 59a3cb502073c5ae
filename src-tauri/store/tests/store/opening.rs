//! What is refused at the door, and what several processes may do at once.

use std::path::Path;

use roundtable_domain::UnixMs;
use roundtable_store::{Store, StoreError, backups, restore_backup, set_aside_corrupt};
use serde_json::json;

use crate::support::{Room, open, options};

async fn refused(path: &Path) -> StoreError {
    Store::open(path, options(path)).await.unwrap_err()
}

#[tokio::test]
async fn makes_the_folder_and_an_empty_file_is_a_new_database() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("deep/er/roundtable.db");
    open(&path).await.close().await;
    let empty = folder.path().join("empty.db");
    std::fs::write(&empty, "").unwrap();
    open(&empty).await.settings().list().await.unwrap();
}

#[tokio::test]
async fn what_is_no_database_is_corrupt_and_stays_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("roundtable.db");
    for content in ["<html>not a database</html>", "SQLite format 3\0 but not really"] {
        std::fs::write(&path, content).unwrap();
        let error = refused(&path).await;
        assert!(matches!(&error, StoreError::Corrupt { path: named, .. } if *named == path), "{error:?}");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), content);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "no companion files");
    }
}

#[tokio::test]
async fn a_damaged_page_is_found_at_the_door() {
    let room = Room::new().await;
    for number in 0..200 {
        room.store
            .settings()
            .set(&format!("key {number}"), &json!("x".repeat(200)), UnixMs(1))
            .await
            .unwrap();
    }
    room.store.verify().await.unwrap();
    room.store.close().await;
    let mut bytes = std::fs::read(room.file()).unwrap();
    let half = bytes.len() / 2;
    bytes[half..].fill(0x5a);
    std::fs::write(room.file(), bytes).unwrap();
    let error = refused(&room.file()).await;
    assert!(matches!(error, StoreError::Corrupt { .. }), "{error:?}");
}

#[tokio::test]
async fn a_corrupt_file_is_set_aside_whole_and_never_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("roundtable.db");
    let mut asides = Vec::new();
    for content in ["first", "second"] {
        std::fs::write(&path, content).unwrap();
        std::fs::write(folder.path().join("roundtable.db-wal"), format!("{content} wal")).unwrap();
        let aside = set_aside_corrupt(&path, UnixMs(5)).unwrap();
        assert_eq!(std::fs::read_to_string(&aside).unwrap(), content);
        let wal = std::fs::read_to_string(format!("{}-wal", aside.display())).unwrap();
        assert_eq!(wal, format!("{content} wal"));
        asides.push(aside);
    }
    assert_ne!(asides[0], asides[1]);
    open(&path).await;
}

#[tokio::test]
async fn a_backup_is_restored_only_where_nothing_is() {
    let room = Room::new().await;
    room.store.settings().set("a", &json!(1), UnixMs(1)).await.unwrap();
    room.store.close().await;
    let backup = room.folder.path().join("copy.db");
    std::fs::copy(room.file(), &backup).unwrap();
    assert!(restore_backup(&backup, &room.file()).is_err(), "there is a database already");

    set_aside_corrupt(&room.file(), UnixMs(2)).unwrap();
    restore_backup(&backup, &room.file()).unwrap();
    assert_eq!(open(&room.file()).await.settings().get("a").await.unwrap(), Some(json!(1)));
    assert!(backups(&room.folder.path().join("no such folder")).unwrap().is_empty());
}

#[tokio::test]
async fn the_database_of_another_program_is_left_alone() {
    use sqlx::ConnectOptions as _;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("photos.db");
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&path).create_if_missing(true);
    let mut other = options.connect().await.unwrap();
    sqlx::query("CREATE TABLE photos (id)").execute(&mut other).await.unwrap();
    sqlx::Connection::close(other).await.unwrap();
    let before = std::fs::read(&path).unwrap();
    assert!(matches!(refused(&path).await, StoreError::Foreign { .. }));
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[tokio::test]
async fn a_folder_that_cannot_be_made_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a file");
    std::fs::write(&file, "").unwrap();
    let error = refused(&file.join("sub/roundtable.db")).await;
    assert!(
        matches!(&error, StoreError::ReadOnly { path: Some(path) } if path.starts_with(&file)),
        "{error:?}"
    );
    assert!(error.to_string().contains("--data-dir"), "says what to do next: {error}");
}

/// Permissions do not stop root, so the tests of a read-only folder run as nobody when they are run by root.
#[cfg(unix)]
#[test]
fn a_read_only_folder_is_named_with_and_without_a_database() {
    use std::os::unix::fs::PermissionsExt;
    for with_database in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("roundtable.db");
        if with_database {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async { open(&path).await.close().await });
            std::fs::set_permissions(&path, PermissionsExt::from_mode(0o444)).unwrap();
        }
        std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o555)).unwrap();
        let probe = folder.path().join("probe");
        let is_root = std::fs::write(&probe, "").is_ok();
        // Nobody may be shut out of the folder this program was built in.
        let open_to_all = tempfile::tempdir().unwrap();
        let mut program = std::env::current_exe().unwrap();
        if is_root {
            std::fs::remove_file(probe).unwrap();
            std::fs::set_permissions(open_to_all.path(), PermissionsExt::from_mode(0o755)).unwrap();
            program = open_to_all.path().join("tests");
            std::fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
        }
        let mut again = std::process::Command::new(program);
        again.args(["--exact", "opening::inside_a_read_only_folder", "--ignored"]);
        again.env("ROUNDTABLE_TEST_DATABASE", &path);
        if is_root {
            std::os::unix::process::CommandExt::uid(&mut again, 65_534);
        }
        let output = again.output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o755)).unwrap();
        assert!(
            output.status.success() && said.contains("1 passed"),
            "with a database: {with_database}\n{said}"
        );
    }
}

#[tokio::test]
#[ignore = "run by a_read_only_folder_is_named_with_and_without_a_database"]
async fn inside_a_read_only_folder() {
    let path = std::path::PathBuf::from(std::env::var_os("ROUNDTABLE_TEST_DATABASE").unwrap());
    let error = refused(&path).await;
    assert!(matches!(&error, StoreError::ReadOnly { path: Some(named) } if *named == path), "{error:?}");
}

#[tokio::test]
async fn two_stores_write_one_file_at_once() {
    let room = Room::new().await;
    let other = open(&room.file()).await;
    let write = async |store: &Store, name: &str| {
        for number in 0..60 {
            store
                .settings()
                .set(&format!("{name} {number:02}"), &json!(number), UnixMs(number))
                .await
                .unwrap();
        }
    };
    tokio::join!(write(&room.store, "one"), write(&other, "two"));
    for store in [&room.store, &other] {
        assert_eq!(store.settings().list().await.unwrap().len(), 120, "each sees what the other wrote");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn those_who_make_a_database_at_once_wait_for_each_other() {
    for round in 0..10 {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("roundtable.db");
        let opening: Vec<_> = (0..4)
            .map(|_| {
                let path = path.clone();
                tokio::spawn(async move { Store::open(&path, options(&path)).await })
            })
            .collect();
        for store in opening {
            let store = store.await.unwrap();
            store.unwrap_or_else(|error| panic!("round {round}: {error}")).close().await;
        }
    }
}
