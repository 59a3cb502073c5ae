//! The vault without a keyring, and against a real one: gnome-keyring-daemon on a bus of its own.
//!
//! The tests of the real keyring run this very binary again inside `dbus-run-session`; the ignored tests below are what runs
//! there. Without the two programs they print that they are skipped.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test that cannot go on stops; one that skips says so"
)]

use std::collections::HashMap;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use roundtable_domain::{KeyId, Origin};
use roundtable_vault::{
    KeySlot, KeyringStatus, KeyringUse, Place, SlowKeyring, Vault, VaultError, VaultOptions,
};
use secrecy::{ExposeSecret as _, SecretString};

const SECRET: &str = "sk-test-0123456789abcdef-only-for-tests";

async fn vault(keyring: bool) -> Vault {
    let environment = HashMap::from([
        ("OPENAI_API_KEY".to_owned(), format!(" {SECRET}\n")),
        ("EMPTY_KEY".to_owned(), "  ".to_owned()),
    ]);
    Vault::open(VaultOptions { service: "roundtable-test".into(), keyring: keyring.into(), environment })
        .await
}

fn slot(origin: &str) -> KeySlot {
    KeySlot {
        provider: "openai".into(),
        key_id: KeyId::from_uuid(uuid::Uuid::from_u128(7)),
        origin: Origin::of(&url::Url::parse(origin).unwrap()),
    }
}

fn secret() -> SecretString {
    SecretString::from(SECRET)
}

async fn find(vault: &Vault, origin: &str) -> Option<(String, Place)> {
    let found = vault.get(&slot(origin)).await.unwrap();
    found.map(|(secret, place)| (secret.expose_secret().to_owned(), place))
}

#[tokio::test]
async fn without_a_keyring_keys_live_in_this_session() {
    let vault = vault(false).await;
    assert!(matches!(vault.keyring_status(), KeyringStatus::Absent { .. }));
    assert_eq!(vault.set(&slot("https://a.example"), secret()).await, Ok(Place::Session));
    assert_eq!(find(&vault.clone(), "https://a.example").await, Some((SECRET.into(), Place::Session)));
    assert_eq!(find(&vault, "https://b.example").await, None, "a key is bound to its origin");
    assert_eq!(find(&vault, "https://a.example:8443").await, None, "the port is part of the origin");
    assert_eq!(find(&vault, "http://a.example").await, None, "the scheme is part of the origin");
    vault.delete(&slot("https://b.example")).await.unwrap();
    assert!(find(&vault, "https://a.example").await.is_some(), "deleting for another origin deletes nothing");
    vault.delete(&slot("https://a.example")).await.unwrap();
    assert_eq!(find(&vault, "https://a.example").await, None);
}

#[tokio::test]
async fn the_environment_is_read_and_never_stored() {
    let vault = vault(false).await;
    let (name, value) = vault.from_environment(&["NOT_SET", "EMPTY_KEY", "OPENAI_API_KEY"]).unwrap();
    assert_eq!((name.as_str(), value.expose_secret()), ("OPENAI_API_KEY", SECRET));
    assert!(vault.from_environment(&["EMPTY_KEY"]).is_none());
    assert_eq!(find(&vault, "https://a.example").await, None);
}

#[tokio::test]
async fn no_debug_text_shows_a_key() {
    let options = VaultOptions {
        service: "roundtable".into(),
        keyring: KeyringUse::Off,
        environment: HashMap::from([("OPENAI_API_KEY".to_owned(), SECRET.to_owned())]),
    };
    assert!(!format!("{options:?}").contains(SECRET));
    let vault = Vault::open(options).await;
    vault.set(&slot("https://a.example"), secret()).await.unwrap();
    assert!(
        !format!("{vault:?} {vault:#?} {:?}", vault.get(&slot("https://a.example")).await).contains(SECRET)
    );
}

#[tokio::test]
async fn whether_a_key_is_there_is_read_once_and_forgotten_when_it_changes() {
    let keyring = SlowKeyring::new(Duration::ZERO).unwrap();
    let open = async || {
        let keyring = KeyringUse::Rehearsal(keyring.clone());
        let options = VaultOptions { service: "roundtable".into(), keyring, environment: HashMap::new() };
        Vault::open(options).await
    };
    let (vault, here) = (open().await, slot("https://a.example"));
    let looks = async |vault: &Vault, times: usize| {
        let before = keyring.asked();
        let mut found = None;
        for _ in 0..times {
            found = vault.look(&here).await.unwrap();
        }
        (found, keyring.asked() - before)
    };
    assert_eq!(
        looks(&vault, 3).await,
        (None, 1),
        "what is missing is looked for once, and nothing is written"
    );
    assert_eq!(vault.set(&here, secret()).await, Ok(Place::Keyring));
    let there = Some((vault.mark(&secret()), Place::Keyring));
    assert_eq!(looks(&vault, 3).await, (there, 0));
    assert_ne!(vault.mark(&SecretString::from("another")), vault.mark(&secret()));
    let other = open().await;
    let there = Some((other.mark(&secret()), Place::Keyring));
    assert_eq!(looks(&other, 3).await, (there, 1), "another process reads it once");
    vault.delete(&here).await.unwrap();
    assert_eq!(looks(&vault, 1).await, (None, 1));
    assert!(other.get(&here).await.unwrap().is_none(), "reading it finds out that it is gone");
    assert_eq!(looks(&other, 1).await, (None, 0));
    other.recheck().await;
    assert_eq!(looks(&other, 1).await, (None, 1), "who unlocks the keyring is not told what was");
}

#[test]
fn without_a_bus_the_keyring_is_absent() {
    let home = tempfile::tempdir().unwrap();
    let mut again = Command::new(std::env::current_exe().unwrap());
    again.args(["--exact", "inside::there_is_no_bus", "--ignored"]);
    again.env_clear().env("HOME", home.path()).env("XDG_RUNTIME_DIR", home.path());
    again.env("DBUS_SESSION_BUS_ADDRESS", format!("unix:path={}/bus", home.path().display()));
    assert_one_passed(&mut again);
}

#[test]
fn a_key_in_the_keyring_outlives_the_program_and_is_out_of_reach_while_that_is_locked() {
    let home = tempfile::tempdir().unwrap();
    for (unlocked, test) in [
        (true, "inside::stores_a_key"),
        (true, "inside::finds_the_key_of_before"),
        (false, "inside::is_locked"),
        (true, "inside::finds_the_key_of_before"),
        (true, "inside::deletes_the_key"),
    ] {
        if !run_in_session(home.path(), unlocked, test) {
            return;
        }
    }
}

/// Runs a test of this binary on a bus of its own. `false` when the programs for it are missing.
fn run_in_session(home: &Path, unlocked: bool, test: &str) -> bool {
    const UNLOCKED: &str =
        r#"eval "$(printf 'test\n' | gnome-keyring-daemon --unlock --components=secrets)"; exec "$@""#;
    const LOCKED: &str = r#"eval "$(gnome-keyring-daemon --start --components=secrets)"; exec "$@""#;
    for program in ["dbus-run-session", "gnome-keyring-daemon"] {
        if Command::new(program).arg("--version").output().is_err() {
            println!("SKIPPED: {program} is not installed, so the real keyring is not tested");
            return false;
        }
    }
    let runtime = tempfile::tempdir().unwrap();
    let mut session = Command::new("dbus-run-session");
    session
        .args(["--", "bash", "-c", if unlocked { UNLOCKED } else { LOCKED }, "--"])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", test, "--ignored", "--nocapture"])
        .env("HOME", home)
        .env("XDG_RUNTIME_DIR", runtime.path())
        .env_remove("XDG_DATA_HOME")
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY");
    assert_one_passed(&mut session);
    true
}

/// A filter that matches no test would succeed too.
fn assert_one_passed(tests: &mut Command) {
    let output = tests.output().unwrap();
    let [said, complained] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    assert!(output.status.success() && said.contains("1 passed"), "{said}\n{complained}");
}

mod inside {
    use super::*;

    const HERE: &str = "https://a.example";

    #[tokio::test]
    #[ignore = "run by without_a_bus_the_keyring_is_absent"]
    async fn there_is_no_bus() {
        let vault = vault(true).await;
        let KeyringStatus::Absent { reason } = vault.keyring_status() else { unreachable!("{vault:?}") };
        assert!(!reason.is_empty());
        assert_eq!(vault.set(&slot(HERE), secret()).await, Ok(Place::Session));
        assert_eq!(find(&vault, HERE).await, Some((SECRET.into(), Place::Session)));
        assert_eq!(vault.delete(&slot(HERE)).await, Ok(()));
    }

    #[tokio::test]
    #[ignore = "run inside a session with an unlocked keyring"]
    async fn stores_a_key() {
        let first = vault(true).await;
        assert_eq!(first.keyring_status(), KeyringStatus::Available);
        assert_eq!(first.set(&slot(HERE), SecretString::from("an older key")).await, Ok(Place::Keyring));
        assert_eq!(first.set(&slot(HERE), secret()).await, Ok(Place::Keyring), "replaces it");
        let other = vault(true).await;
        assert_eq!(find(&other, HERE).await, Some((SECRET.into(), Place::Keyring)));
        assert_eq!(find(&other, "https://b.example").await, None, "a key is bound to its origin");
        other.delete(&slot("https://b.example")).await.unwrap();
    }

    #[tokio::test]
    #[ignore = "run inside a session with an unlocked keyring"]
    async fn finds_the_key_of_before() {
        assert_eq!(find(&vault(true).await, HERE).await, Some((SECRET.into(), Place::Keyring)));
    }

    #[tokio::test]
    #[ignore = "run inside a session with a locked keyring"]
    async fn is_locked() {
        let vault = vault(true).await;
        assert_eq!(vault.keyring_status(), KeyringStatus::Locked);
        assert_eq!(find(&vault, HERE).await, None, "out of reach, not gone");
        assert_eq!(vault.delete(&slot(HERE)).await, Err(VaultError::Locked), "it could not be looked for");
        assert_eq!(vault.set(&slot("https://c.example"), secret()).await, Ok(Place::Session));
        assert_eq!(find(&vault, "https://c.example").await, Some((SECRET.into(), Place::Session)));
    }

    #[tokio::test]
    #[ignore = "run inside a session with an unlocked keyring"]
    async fn deletes_the_key() {
        let vault = vault(true).await;
        assert!(find(&vault, HERE).await.is_some());
        vault.delete(&slot(HERE)).await.unwrap();
        assert_eq!(find(&vault, HERE).await, None);
        vault.delete(&slot(HERE)).await.unwrap();
    }
}
