//! The triggers that keep the sums, and the migrations that fill them from books that were there before: whatever happens, the sums
//! are those of the entries.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use roundtable_domain::UnixMs;
use sqlx::migrate::Migrator;
use sqlx::sqlite::SqliteConnection;

use crate::Store;
use crate::ledger::spend_sums;
use crate::open::{MIGRATOR, OpenOptions};

/// The last schema without sums.
const BEFORE_SUMS: i64 = 7;
/// The first one with them, and with triggers of its own.
const WITH_SUMS: i64 = 8;

const DAY_MS: i64 = 86_400_000;

/// Names the database to the child that is killed.
const CHILD: &str = "ROUNDTABLE_TEST_SPEND";

/// The program of an earlier day.
fn until(version: i64) -> Migrator {
    Migrator::with_migrations(MIGRATOR.iter().filter(|known| known.version <= version).cloned().collect())
}

async fn open(folder: &Path, migrator: &Migrator) -> Store {
    let options = OpenOptions { now: UnixMs(1), backup_dir: folder.join("backups") };
    Store::open_with(&folder.join("roundtable.db"), &options, migrator).await.unwrap()
}

async fn run(connection: &mut SqliteConnection, sql: String) {
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(connection).await.unwrap();
}

/// Conversations, filed and not, with turns that were answered twice or three times over.
fn conversations() -> String {
    let filed = [(0, "'Papers'", r#"["a","b"]"#), (1, "NULL", "[]"), (2, "'家里'", r#"["b"]"#)];
    let one = |(number, folder, tags): (u8, &str, &str)| {
        format!(
            "INSERT INTO conversations (id, created_at, updated_at, folder, tags) VALUES ('c{number}', 1, 1, {folder}, '{tags}');
             INSERT INTO lanes (id, conversation_id, position, target, created_at)
                 VALUES ('l{number}', 'c{number}', 0, 'x', 1), ('m{number}', 'c{number}', 1, 'x', 1);"
        )
    };
    filed.map(one).concat()
}

/// A run with its entry and its calls, each time another of the kinds that are summed differently.
fn step(number: i64) -> String {
    let conversation = number % 4;
    let at = number * 7_654_321 % (9 * DAY_MS);
    let cost = ["NULL", "0", "-40", "1200000000", "77"][usize::try_from(number % 5).unwrap()];
    let (provider, key) =
        [("openai", "'k1'"), ("house", "NULL"), ("demo", "'k2'")][usize::try_from(number % 3).unwrap()];
    let sources = ["chat", "batch", "cli", "embedding"];
    let source = if number % 22 == 0 { "invoice" } else { sources[usize::try_from(number / 2 % 4).unwrap()] };
    let served = ["NULL", "'m'", "'m-2026'"][usize::try_from(number % 7 % 3).unwrap()];
    let at_least = i64::from(number % 13 == 5);
    let kind = if number % 11 == 0 { "adjustment" } else { "call" };
    let provenance = ["'estimated'", "'computed'"][usize::try_from(number % 2).unwrap()];
    let lines = if number % 6 == 0 {
        r#"[{"component":"input","tokens":9,"usd_per_mtok":"2.5"},{"component":"cache_read","tokens":40,"usd_per_mtok":"0.125"}]"#
    } else {
        "[]"
    };
    let (state, saved) = [
        ("complete", "NULL"),
        ("truncated", "NULL"),
        ("failed", "NULL"),
        ("cancelled", "NULL"),
        ("complete", "55"),
    ][usize::try_from(number % 5).unwrap()];
    let origin = if saved == "NULL" { "model" } else { "cache" };
    let simulated = i64::from(provider == "demo");
    let (turn, lane) = (number / 2, if number % 2 == 0 { "l" } else { "m" });
    let conversation_of_run = number / 2 % 3;
    format!(
        "INSERT OR IGNORE INTO turns (id, conversation_id, text, created_at) VALUES ('t{turn}', 'c{conversation_of_run}', 'x', {at});
         INSERT INTO runs (id, turn_id, lane_id, version, lease_id, target, state, provider, model_requested, simulated, spend_source,
                           started_at)
             VALUES ('r{number}', 't{turn}', '{lane}{conversation_of_run}', 1, 'l', 'x', 'complete', '{provider}', 'm', {simulated},
                     '{source}', {at});
         INSERT INTO ledger_entries (id, attempt_id, kind, at, source, conversation_id, run_id, provider, model_requested,
                                     model_served, key_id, usage_input, usage_cached, usage_output, cost_pico, cost_at_least, cost_lines,
                                     provenance, simulated, folder, tags)
             SELECT 'e{number}', 'a{number}', '{kind}', {at}, '{source}', 'c{conversation}', 'r{number}', '{provider}', 'm', {served}, {key},
                    100 + {number}, 40, NULL, {cost}, {at_least}, '{lines}', {provenance}, {simulated}, f.folder,
                    coalesce(f.tags, '[]')
             FROM (SELECT 1) LEFT JOIN conversations f ON f.id = 'c{conversation}';
         INSERT INTO calls (id, run_id, at, source, kind, provider, model, key_name, state, total_ms, cost_pico, saved_pico, simulated)
             VALUES ('a{number}', 'r{number}', {at}, '{origin}', 'first', '{provider}', 'm', {key}, '{state}', 900 + {number},
                     {cost}, {saved}, {simulated});
         INSERT INTO calls (id, run_id, at, source, kind, provider, model, key_name, state, total_ms, simulated)
             SELECT 'b{number}', 'r{number}', {at} + {DAY_MS}, 'model',
                    CASE {number} % 7 WHEN 0 THEN 'continue' ELSE 'fallback' END, 'other', 'm', 'env:KEY', 'complete', 5, {simulated}
             WHERE '{state}' <> 'complete';
         UPDATE runs SET picked_at = {at} WHERE id = 'r{number}' AND {number} % 6 = 3;
         UPDATE runs SET picked_at = NULL WHERE id = 'r{number}' AND {number} % 18 = 9;"
    )
}

const SUMS: &str = "cost_pico, estimated_pico, entries, requests, unpriced, input, cached, output, cache_saved_pico, ended, completed,
                    timed, total_ms, kept_saved_pico, wasted_pico";
const CONVERSATION_SUMS: &str = "cost_pico, estimated_pico, requests, unpriced, input, cached, output";
const SUBJECT: &str = "s.provider, s.model, s.key_id, s.source, s.folder, s.tags, s.simulated";

/// All that is kept of the books, subjects by what they are instead of by their numbers.
async fn kept(store: &Store) -> Vec<String> {
    rows(store, &format!(
        "SELECT json_array('subject', {SUBJECT}, s.booked) AS row FROM spend_subjects s
         UNION ALL SELECT json_array('quarter', d.quarter, {SUBJECT}, {SUMS}) FROM spend_quarters d JOIN spend_subjects s ON s.id = d.subject_id
         UNION ALL SELECT json_array('day', d.day, {SUBJECT}, {SUMS}) FROM spend_days d JOIN spend_subjects s ON s.id = d.subject_id
         UNION ALL SELECT json_array('conversation', d.day, d.conversation_id, {SUBJECT}, {CONVERSATION_SUMS})
             FROM spend_conversations d JOIN spend_subjects s ON s.id = d.subject_id
         UNION ALL SELECT json_array('vote', turn_id, provider, model, simulated, at, picked) FROM turn_votes
         UNION ALL SELECT json_array('total', conversation_id, real_pico, simulated_pico, calls, simulated_calls, unpriced_calls,
                                     estimated, at_least) FROM conversation_totals
         UNION ALL SELECT json_array('booked', provider, day, model, requested, usd_pico, corrected_pico, corrections, requests,
                                     unpriced, estimated, input_tokens, output_tokens, last_call_at) FROM booked_days
         ORDER BY row"
    )).await
}

/// The same, counted from entries, calls and picks.
async fn counted(store: &Store) -> Vec<String> {
    let added: Vec<String> = SUMS.split(',').map(|name| format!("sum({0}) AS {0}", name.trim())).collect();
    let added = added.join(", ");
    let of_conversations: Vec<String> =
        CONVERSATION_SUMS.split(',').map(|name| format!("sum({0}) AS {0}", name.trim())).collect();
    let of_conversations = of_conversations.join(", ");
    rows(store, &format!(
        "WITH part AS (
             SELECT quarter, day, subject_id, cost_pico, estimated_pico, 1 AS entries, requests, unpriced, input, cached, output,
                    cache_saved_pico, 0 AS ended, 0 AS completed, 0 AS timed, 0 AS total_ms, 0 AS kept_saved_pico, 0 AS wasted_pico
             FROM spend_entries
             UNION ALL
             SELECT quarter, day, subject_id, 0, 0, 0, 0, 0, 0, 0, 0, 0, ended, completed, timed, total_ms, kept_saved_pico, 0
             FROM spend_calls
             UNION ALL
             SELECT quarter, day, subject_id, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, p.cost_pico
             FROM spend_calls p WHERE p.state <> 'complete' AND p.cost_pico > 0 AND EXISTS (
                 SELECT 1 FROM calls a WHERE a.run_id = p.run_id AND a.source = 'model' AND a.state = 'complete'
                                         AND a.kind <> 'continue'))
         SELECT json_array('subject', {SUBJECT}, s.id IN (SELECT subject_id FROM spend_entries)) AS row
             FROM spend_subjects s WHERE s.id IN (SELECT subject_id FROM part)
         UNION ALL SELECT json_array('quarter', d.quarter, {SUBJECT}, {SUMS})
             FROM (SELECT quarter, subject_id, {added} FROM part GROUP BY quarter, subject_id) d JOIN spend_subjects s ON s.id = d.subject_id
         UNION ALL SELECT json_array('day', d.day, {SUBJECT}, {SUMS})
             FROM (SELECT day, subject_id, {added} FROM part GROUP BY day, subject_id) d JOIN spend_subjects s ON s.id = d.subject_id
         UNION ALL SELECT json_array('conversation', d.day, d.conversation, {SUBJECT}, {CONVERSATION_SUMS})
             FROM (SELECT day, conversation, subject_id, {of_conversations} FROM spend_entries GROUP BY day, conversation, subject_id) d
             JOIN spend_subjects s ON s.id = d.subject_id
         UNION ALL SELECT json_array('vote', turn_id, provider, model, max(simulated), min(at), max(picked)) FROM compared_runs c
             WHERE EXISTS (SELECT 1 FROM runs p WHERE p.turn_id = c.turn_id AND p.picked_at IS NOT NULL)
               AND (SELECT count(DISTINCT o.provider || '/' || o.model) FROM compared_runs o WHERE o.turn_id = c.turn_id) > 1
             GROUP BY turn_id, provider, model
         UNION ALL SELECT json_array('total', t.id, t.real_pico, t.simulated_pico, t.calls, t.simulated_calls, t.unpriced_calls,
                                     t.estimated, t.at_least)
             FROM (SELECT c.id, {} FROM conversations c JOIN ledger_entries e ON e.conversation_id = c.id GROUP BY c.id) t
         UNION ALL SELECT json_array('booked', provider, at / 86400000, coalesce(model_served, model_requested), model_requested,
                 coalesce(sum(cost_pico), 0), sum(cost_pico) FILTER (WHERE kind = 'adjustment' AND source = 'invoice'),
                 count(*) FILTER (WHERE kind = 'adjustment' AND source = 'invoice'), count(*) FILTER (WHERE kind = 'call'),
                 count(*) FILTER (WHERE kind = 'call' AND cost_pico IS NULL), coalesce(max(provenance = 'estimated'), 0),
                 coalesce(sum(usage_input), 0), coalesce(sum(usage_output), 0), max(at) FILTER (WHERE kind = 'call'))
             FROM ledger_entries WHERE simulated = 0
             GROUP BY provider, at / 86400000, coalesce(model_served, model_requested), model_requested
         ORDER BY row",
        spend_sums!()
    )).await
}

async fn rows(store: &Store, sql: &str) -> Vec<String> {
    sqlx::query_scalar(sqlx::AssertSqlSafe(sql.to_owned())).fetch_all(&store.readers).await.unwrap()
}

/// Books written by a program without sums are summed when a newer one opens them, as if the sums had been kept all along; by
/// each program in between as well.
#[tokio::test]
async fn books_from_before_the_sums_come_to_the_same_sums() {
    let all_along = tempfile::tempdir().unwrap();
    let expected = open(all_along.path(), &MIGRATOR).await;
    let books: String = std::iter::once(conversations()).chain((0..120).map(step)).collect();
    let later: String = (120..140).map(step).collect();
    run(&mut expected.writer.acquire().await.unwrap(), books.clone()).await;
    assert_eq!(kept(&expected).await, counted(&expected).await);
    run(&mut expected.writer.acquire().await.unwrap(), later.clone()).await;
    let expected = kept(&expected).await;
    for table in ["subject", "quarter", "day", "conversation", "vote", "booked"] {
        let some = expected.iter().filter(|row| row.contains(&format!("\"{table}\""))).count();
        assert!(some > 10, "{some} of {table}: the books are too plain to show anything");
    }

    for version in [BEFORE_SUMS, WITH_SUMS] {
        let folder = tempfile::tempdir().unwrap();
        let earlier = open(folder.path(), &until(version)).await;
        run(&mut earlier.writer.acquire().await.unwrap(), books.clone()).await;
        earlier.close().await;
        let store = open(folder.path(), &MIGRATOR).await;
        assert_eq!(kept(&store).await, counted(&store).await, "from {version}");
        run(&mut store.writer.acquire().await.unwrap(), later.clone()).await;
        assert_eq!(kept(&store).await, expected, "from {version}, and gone on with");
        store.close().await;
    }
}

/// What a transaction has booked that is then given up is in no sum, wherever it is given up; and what is refused in the middle of
/// one leaves the rest of it as it is.
#[tokio::test]
async fn what_is_rolled_back_is_in_no_sum() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path(), &MIGRATOR).await;
    let begun: String = std::iter::once(conversations()).chain((0..20).map(step)).collect();
    run(&mut store.writer.acquire().await.unwrap(), begun).await;
    let before = kept(&store).await;
    for number in [20, 23, 31, 44, 59] {
        let mut tx = store.begin().await.unwrap();
        run(&mut tx, (20..=number).map(step).collect()).await;
        drop(tx);
        assert_eq!(kept(&store).await, before, "{number}");
    }
    let mut tx = store.begin().await.unwrap();
    run(&mut tx, "SAVEPOINT here;".to_owned()).await;
    run(&mut tx, (20..40).map(step).collect()).await;
    run(&mut tx, "ROLLBACK TO here; RELEASE here;".to_owned()).await;
    run(&mut tx, (40..60).map(step).collect()).await;
    let twice = "INSERT INTO ledger_entries (id, attempt_id, kind, at, source, provider, model_requested, cost_pico)
                 VALUES ('new', 'new', 'call', 5, 'chat', 'openai', 'm', 99), ('e3', 'taken', 'call', 5, 'chat', 'openai', 'm', 99)";
    let refused = sqlx::query(twice).execute(&mut *tx).await;
    assert!(
        refused.unwrap_err().to_string().contains("append-only"),
        "the second id is taken: neither is booked"
    );
    run(&mut tx, (60..80).map(step).collect()).await;
    tx.commit().await.unwrap();
    assert_eq!(kept(&store).await, counted(&store).await);
    assert_ne!(kept(&store).await, before);
    let booked =
        rows(&store, "SELECT id FROM ledger_entries WHERE id IN ('e30', 'e50', 'e70', 'new') ORDER BY id")
            .await;
    assert_eq!(booked, ["e50", "e70"]);
}

/// A process that is killed while it books leaves sums that are those of the entries that survive it.
#[tokio::test]
async fn sums_and_entries_survive_kill_9_together() {
    if let Some(folder) = std::env::var_os(CHILD) {
        return book_until_killed(folder.as_ref()).await;
    }
    for steps in [1, 23, 150] {
        let folder = tempfile::tempdir().unwrap();
        let name = "spend::tests::sums_and_entries_survive_kill_9_together";
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", name, "--nocapture"])
            .env(CHILD, folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut said = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let seen = said.by_ref().filter(|line| line.contains("booked ")).take(steps).count();
        // SIGKILL, in the middle of whatever it is writing.
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(seen, steps, "it ended before it was killed");
        let store = open(folder.path(), &MIGRATOR).await;
        assert_eq!(kept(&store).await, counted(&store).await, "killed after {steps}");
        let entries = rows(&store, "SELECT id FROM ledger_entries").await.len();
        assert!(entries >= steps, "{entries} of at least {steps}");
        run(&mut store.writer.acquire().await.unwrap(), (900_000..900_010).map(step).collect()).await;
        assert_eq!(kept(&store).await, counted(&store).await, "and it goes on");
    }
}

/// The life of the child: books, a run in a transaction, and says when it is safe.
async fn book_until_killed(folder: &Path) {
    let store = open(folder, &MIGRATOR).await;
    run(&mut store.writer.acquire().await.unwrap(), conversations()).await;
    for number in 0..800_000 {
        let mut tx = store.begin().await.unwrap();
        run(&mut tx, step(number)).await;
        tx.commit().await.unwrap();
        println!("booked {number}");
    }
}
