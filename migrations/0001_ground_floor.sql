-- The ground floor: conversations and their answers, the ledger, providers and settings.
--
-- Conventions: ids are UUIDs as text; times (`*_at`) are milliseconds since 1970 in UTC; money (`*_pico`) is integer
-- pico-dollars; durations are `*_ms`; JSON is text that `json_valid` accepts; enums are the words of the Rust code, and those
-- that are sure to grow (a wire, what a call is for) are not listed here, because a CHECK cannot be changed later.
-- This file is immutable once landed: a change is a new migration.

PRAGMA application_id = 0x526F756E; -- "Roun"

CREATE TABLE conversations (
    id            TEXT    NOT NULL PRIMARY KEY,
    title         TEXT    NOT NULL DEFAULT '',
    title_is_auto INTEGER NOT NULL DEFAULT 1 CHECK (title_is_auto IN (0, 1)),
    context_mode  TEXT    NOT NULL DEFAULT 'lanes' CHECK (context_mode IN ('lanes', 'winner', 'panel')),
    system_prompt TEXT,
    pinned_at     INTEGER,
    archived_at   INTEGER,
    draft         TEXT    NOT NULL DEFAULT '',
    created_at    INTEGER NOT NULL,
    updated_at    INTEGER NOT NULL
) STRICT;

CREATE INDEX conversations_by_update ON conversations (updated_at DESC, id DESC);

CREATE TABLE lanes (
    id              TEXT    NOT NULL PRIMARY KEY,
    conversation_id TEXT    NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    position        INTEGER NOT NULL CHECK (position >= 0),
    target          TEXT    NOT NULL CHECK (target <> ''),
    params          TEXT    NOT NULL DEFAULT '{}' CHECK (json_valid(params)),
    removed_at      INTEGER,
    created_at      INTEGER NOT NULL
) STRICT;

CREATE INDEX lanes_by_conversation ON lanes (conversation_id, position);

CREATE TABLE turns (
    id              TEXT    NOT NULL PRIMARY KEY,
    conversation_id TEXT    NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    parent_turn_id  TEXT    REFERENCES turns (id) ON DELETE CASCADE,
    text            TEXT    NOT NULL,
    parts           TEXT    NOT NULL DEFAULT '[]' CHECK (json_valid(parts)),
    created_at      INTEGER NOT NULL
) STRICT;

CREATE INDEX turns_by_conversation ON turns (conversation_id, created_at, id);
CREATE INDEX turns_by_parent ON turns (parent_turn_id);

-- `lease_id` names the process that writes the run; it points nowhere once that process is gone.
CREATE TABLE runs (
    id                TEXT    NOT NULL PRIMARY KEY,
    turn_id           TEXT    NOT NULL REFERENCES turns (id) ON DELETE CASCADE,
    lane_id           TEXT    NOT NULL REFERENCES lanes (id) ON DELETE CASCADE,
    lane_position     INTEGER NOT NULL DEFAULT 0 CHECK (lane_position >= 0),
    version           INTEGER NOT NULL CHECK (version >= 1),
    lease_id          TEXT    NOT NULL,
    target            TEXT    NOT NULL,
    params            TEXT    NOT NULL DEFAULT '{}' CHECK (json_valid(params)),
    state             TEXT    NOT NULL CHECK (state IN ('connecting', 'preamble', 'committed', 'complete', 'truncated',
                                                        'failed', 'cancelled', 'interrupted')),
    text              TEXT    NOT NULL DEFAULT '',
    reasoning         TEXT    NOT NULL DEFAULT '',
    refusal           TEXT    NOT NULL DEFAULT '',
    tool_calls        TEXT    NOT NULL DEFAULT '[]' CHECK (json_valid(tool_calls)),
    opaque            TEXT    NOT NULL DEFAULT '[]' CHECK (json_valid(opaque)),
    finish_reason     TEXT,
    provider          TEXT,
    model_requested   TEXT,
    model_served      TEXT,
    usage_input       INTEGER CHECK (usage_input >= 0),
    usage_output      INTEGER CHECK (usage_output >= 0),
    usage_cached      INTEGER CHECK (usage_cached >= 0),
    usage_cache_write INTEGER CHECK (usage_cache_write >= 0),
    usage_reasoning   INTEGER CHECK (usage_reasoning >= 0),
    usage_raw         TEXT    CHECK (json_valid(usage_raw)),
    cost_known        INTEGER NOT NULL DEFAULT 0 CHECK (cost_known IN (0, 1)),
    cost_pico         INTEGER,
    cost_exact        TEXT,
    cost_at_least     INTEGER NOT NULL DEFAULT 0 CHECK (cost_at_least IN (0, 1)),
    cost_lines        TEXT    NOT NULL DEFAULT '[]' CHECK (json_valid(cost_lines)),
    provenance        TEXT    CHECK (provenance IN ('reported', 'computed', 'estimated')),
    price_date        TEXT,
    simulated         INTEGER NOT NULL DEFAULT 0 CHECK (simulated IN (0, 1)),
    error             TEXT    CHECK (json_valid(error)),
    ttft_ms           INTEGER,
    total_ms          INTEGER,
    started_at        INTEGER NOT NULL,
    finished_at       INTEGER,
    checkpoint_at     INTEGER,
    picked_at         INTEGER,
    text_bytes        INTEGER NOT NULL DEFAULT 0,
    reasoning_bytes   INTEGER NOT NULL DEFAULT 0,
    UNIQUE (turn_id, lane_id, version)
) STRICT;

CREATE INDEX runs_by_lane ON runs (lane_id);
CREATE INDEX runs_in_flight ON runs (lease_id) WHERE state IN ('connecting', 'preamble', 'committed');
CREATE INDEX runs_unsettled ON runs (id) WHERE state = 'interrupted' AND cost_known = 0;
CREATE UNIQUE INDEX runs_one_pick_per_turn ON runs (turn_id) WHERE picked_at IS NOT NULL;

-- Streamed text between checkpoints: each checkpoint appends what is new, so a long answer is written once, not once per
-- tick. `runs.text_bytes` and `runs.reasoning_bytes` count what is stored here. Finishing a run writes the whole text into
-- `runs` and empties this.
CREATE TABLE run_deltas (
    run_id    TEXT    NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    seq       INTEGER NOT NULL,
    text      TEXT    NOT NULL,
    reasoning TEXT    NOT NULL,
    PRIMARY KEY (run_id, seq)
) STRICT;

-- A run as readers see it: with the text that has been checkpointed so far.
CREATE VIEW answers AS
SELECT r.id, r.turn_id, r.lane_id, r.lane_position, r.version, r.lease_id, r.target, r.params, r.state,
       r.text || coalesce((SELECT group_concat(d.text, '' ORDER BY d.seq) FROM run_deltas d WHERE d.run_id = r.id), '')
           AS text,
       r.reasoning || coalesce(
           (SELECT group_concat(d.reasoning, '' ORDER BY d.seq) FROM run_deltas d WHERE d.run_id = r.id), '')
           AS reasoning,
       r.refusal, r.tool_calls, r.opaque, r.finish_reason, r.provider, r.model_requested, r.model_served,
       r.usage_input, r.usage_output, r.usage_cached, r.usage_cache_write, r.usage_reasoning, r.usage_raw,
       r.cost_known, r.cost_pico, r.cost_exact, r.cost_at_least, r.cost_lines, r.provenance, r.price_date, r.simulated,
       r.error, r.ttft_ms, r.total_ms, r.started_at, r.finished_at, r.checkpoint_at, r.picked_at
FROM runs r;

CREATE TABLE attempts (
    id              TEXT    NOT NULL PRIMARY KEY,
    run_id          TEXT    NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    ordinal         INTEGER NOT NULL CHECK (ordinal >= 1),
    provider        TEXT    NOT NULL,
    model_requested TEXT    NOT NULL,
    model_served    TEXT,
    key_id          TEXT,
    state           TEXT    NOT NULL CHECK (state IN ('connecting', 'preamble', 'committed', 'complete', 'truncated',
                                                      'failed', 'cancelled', 'interrupted')),
    category        TEXT,
    error           TEXT    CHECK (json_valid(error)),
    request_id      TEXT,
    response_id     TEXT,
    wait_ms         INTEGER NOT NULL DEFAULT 0,
    ttft_ms         INTEGER,
    total_ms        INTEGER,
    started_at      INTEGER NOT NULL,
    ended_at        INTEGER,
    UNIQUE (run_id, ordinal)
) STRICT;

-- The books. The columns that name a conversation, turn, run or lane are no foreign keys on purpose: deleting those never
-- deletes spend. `cost_pico` NULL is unknown, which is not zero.
CREATE TABLE ledger_entries (
    id                TEXT    NOT NULL PRIMARY KEY,
    attempt_id        TEXT    NOT NULL,
    kind              TEXT    NOT NULL CHECK (kind <> ''),
    at                INTEGER NOT NULL,
    source            TEXT    NOT NULL CHECK (source <> ''),
    conversation_id   TEXT,
    turn_id           TEXT,
    run_id            TEXT,
    lane_id           TEXT,
    provider          TEXT    NOT NULL,
    model_requested   TEXT    NOT NULL,
    model_served      TEXT,
    key_id            TEXT,
    usage_input       INTEGER CHECK (usage_input >= 0),
    usage_output      INTEGER CHECK (usage_output >= 0),
    usage_cached      INTEGER CHECK (usage_cached >= 0),
    usage_cache_write INTEGER CHECK (usage_cache_write >= 0),
    usage_reasoning   INTEGER CHECK (usage_reasoning >= 0),
    usage_raw         TEXT    CHECK (json_valid(usage_raw)),
    cost_pico         INTEGER,
    cost_exact        TEXT,
    cost_at_least     INTEGER NOT NULL DEFAULT 0 CHECK (cost_at_least IN (0, 1)),
    cost_lines        TEXT    NOT NULL DEFAULT '[]' CHECK (json_valid(cost_lines)),
    provenance        TEXT    CHECK (provenance IN ('reported', 'computed', 'estimated')),
    price_date        TEXT,
    price             TEXT    CHECK (json_valid(price)),
    simulated         INTEGER NOT NULL DEFAULT 0 CHECK (simulated IN (0, 1)),
    UNIQUE (attempt_id, kind)
) STRICT;

CREATE INDEX ledger_entries_by_time ON ledger_entries (at, id);
CREATE INDEX ledger_entries_by_conversation ON ledger_entries (conversation_id) WHERE conversation_id IS NOT NULL;

-- Booking the same call twice keeps the first entry. As a trigger and not as a conflict clause, because `INSERT OR REPLACE`
-- removes the old row without asking the delete trigger.
CREATE TRIGGER ledger_entries_keep_the_first BEFORE INSERT ON ledger_entries
WHEN EXISTS (SELECT 1 FROM ledger_entries WHERE attempt_id = NEW.attempt_id AND kind = NEW.kind)
BEGIN SELECT raise(IGNORE); END;

CREATE TRIGGER ledger_entries_ids_are_unique BEFORE INSERT ON ledger_entries
WHEN EXISTS (SELECT 1 FROM ledger_entries
             WHERE id = NEW.id AND NOT (attempt_id = NEW.attempt_id AND kind = NEW.kind))
BEGIN SELECT raise(ABORT, 'the ledger is append-only: this id is taken'); END;

CREATE TRIGGER ledger_entries_never_change BEFORE UPDATE ON ledger_entries
BEGIN SELECT raise(ABORT, 'the ledger is append-only: entries never change'); END;

CREATE TRIGGER ledger_entries_never_go BEFORE DELETE ON ledger_entries
BEGIN SELECT raise(ABORT, 'the ledger is append-only: entries are never deleted'); END;

-- Money set aside. No foreign keys, for the same reason as the ledger: an open reservation outlives a deleted conversation.
-- `amount_pico` NULL: the model is unpriced.
CREATE TABLE reservations (
    id              TEXT    NOT NULL PRIMARY KEY,
    run_id          TEXT    NOT NULL,
    attempt_id      TEXT,
    amount_pico     INTEGER CHECK (amount_pico >= 0),
    simulated       INTEGER NOT NULL DEFAULT 0 CHECK (simulated IN (0, 1)),
    lease_id        TEXT    NOT NULL,
    created_at      INTEGER NOT NULL,
    settled_at      INTEGER,
    settlement      TEXT    CHECK (settlement IN ('settled', 'released', 'recovered')),
    CHECK ((settled_at IS NULL) = (settlement IS NULL))
) STRICT;

CREATE INDEX reservations_by_run ON reservations (run_id);
CREATE INDEX reservations_open ON reservations (lease_id) WHERE settled_at IS NULL;

-- One row per living process of this data folder. Whether it lives is for the engine to find out; see store::leases.
CREATE TABLE leases (
    id           TEXT    NOT NULL PRIMARY KEY,
    process      TEXT    NOT NULL,
    started_at   INTEGER NOT NULL,
    heartbeat_at INTEGER NOT NULL
) STRICT;

CREATE TABLE providers (
    id                   TEXT    NOT NULL PRIMARY KEY CHECK (id <> ''),
    name                 TEXT    NOT NULL,
    api                  TEXT    NOT NULL CHECK (api <> ''),
    dialect              TEXT    NOT NULL,
    base_url             TEXT    NOT NULL,
    extra_headers        TEXT    NOT NULL DEFAULT '[]' CHECK (json_valid(extra_headers)),
    enabled              INTEGER NOT NULL DEFAULT 1 CHECK (enabled IN (0, 1)),
    plain_http_confirmed INTEGER NOT NULL DEFAULT 0 CHECK (plain_http_confirmed IN (0, 1)),
    created_at           INTEGER NOT NULL,
    updated_at           INTEGER NOT NULL
) STRICT;

-- What is known about a key: never the key.
CREATE TABLE keys (
    id              TEXT    NOT NULL PRIMARY KEY,
    provider        TEXT    NOT NULL REFERENCES providers (id) ON DELETE CASCADE,
    label           TEXT    NOT NULL DEFAULT '',
    mask            TEXT    NOT NULL,
    origin          TEXT    NOT NULL,
    place           TEXT    NOT NULL CHECK (place IN ('keyring', 'session', 'vault')),
    created_at      INTEGER NOT NULL,
    last_checked_at INTEGER,
    last_check      TEXT    CHECK (json_valid(last_check))
) STRICT;

CREATE INDEX keys_by_provider ON keys (provider, created_at);

CREATE TABLE models (
    provider  TEXT    NOT NULL REFERENCES providers (id) ON DELETE CASCADE,
    model     TEXT    NOT NULL,
    facts     TEXT    NOT NULL DEFAULT '{}' CHECK (json_valid(facts)),
    listed_at INTEGER NOT NULL,
    PRIMARY KEY (provider, model)
) STRICT;

CREATE TABLE settings (
    key        TEXT    NOT NULL PRIMARY KEY,
    value      TEXT    NOT NULL CHECK (json_valid(value)),
    updated_at INTEGER NOT NULL
) STRICT;
