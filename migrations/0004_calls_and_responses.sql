-- What became of every call, for statistics and for choosing; and answers that are kept to be given again.
--
-- Conventions as in 0001. This file is immutable once landed: a change is a new migration.

-- One row per call that has ended, and one per answer that needed no call of its own. Nothing here points anywhere, on purpose:
-- deleting a conversation, a key or a provider never changes statistics. `id` is the attempt's id, so that a call is counted once
-- however often its end is written. `at` is when it ended. `cost_pico` NULL: nothing is booked, or its price is not known.
-- `response` is the key under which the answer is looked for among the kept ones; NULL for a request that is never kept.
CREATE TABLE calls (
    id            TEXT    NOT NULL PRIMARY KEY,
    run_id        TEXT,
    at            INTEGER NOT NULL,
    source        TEXT    NOT NULL CHECK (source <> ''),
    kind          TEXT    NOT NULL CHECK (kind <> ''),
    provider      TEXT    NOT NULL,
    model         TEXT    NOT NULL,
    model_served  TEXT,
    key_name      TEXT,
    task_group    TEXT,
    echelon       TEXT,
    pool          TEXT,
    state         TEXT    NOT NULL,
    category      TEXT,
    wait_ms       INTEGER NOT NULL DEFAULT 0 CHECK (wait_ms >= 0),
    ttft_ms       INTEGER CHECK (ttft_ms >= 0),
    total_ms      INTEGER CHECK (total_ms >= 0),
    input_tokens  INTEGER CHECK (input_tokens >= 0),
    output_tokens INTEGER CHECK (output_tokens >= 0),
    cost_pico     INTEGER,
    saved_pico    INTEGER,
    response      BLOB    CHECK (length(response) = 32),
    simulated     INTEGER NOT NULL DEFAULT 0 CHECK (simulated IN (0, 1))
) STRICT;

CREATE INDEX calls_by_time ON calls (at);
-- Which model served a name last.
CREATE INDEX calls_by_model ON calls (provider, model, at, model_served) WHERE source = 'model' AND model_served IS NOT NULL;
-- Which kept answer stands behind a run.
CREATE INDEX calls_by_run ON calls (run_id) WHERE response IS NOT NULL;

-- Complete answers by a hash of everything they depend on. `run_id` made the answer and may be gone; `size` is that of `answer` in
-- bytes; `cost_pico` is what it cost once and saves each time.
CREATE TABLE responses (
    key        BLOB    NOT NULL PRIMARY KEY CHECK (length(key) = 32),
    run_id     TEXT,
    provider   TEXT    NOT NULL,
    model      TEXT    NOT NULL,
    cost_pico  INTEGER,
    size       INTEGER NOT NULL CHECK (size >= 0),
    hits       INTEGER NOT NULL DEFAULT 0 CHECK (hits >= 0),
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at    INTEGER NOT NULL,
    answer     TEXT    NOT NULL CHECK (json_valid(answer)) -- last, so that reading the facts does not walk through it
) STRICT;

CREATE INDEX responses_by_expiry ON responses (expires_at);
-- Which to give up first, and how much there is, without reading an answer.
CREATE INDEX responses_by_use ON responses (used_at, size);
CREATE INDEX responses_by_run ON responses (run_id) WHERE run_id IS NOT NULL;
