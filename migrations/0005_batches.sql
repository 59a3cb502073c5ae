-- Batches: which conversation was made for which question of a file, so that nothing is asked twice.
--
-- Conventions as in 0001. This file is immutable once landed: a change is a new migration.

-- One row per file of results. The file says what is done; this says what was begun.
CREATE TABLE batches (
    id          TEXT    NOT NULL PRIMARY KEY,
    results     TEXT    NOT NULL UNIQUE CHECK (results <> ''), -- the file's full path
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL,
    finished_at INTEGER                                        -- when every question had its result and the answers were put away
) STRICT;

CREATE INDEX batches_by_update ON batches (updated_at);

-- One row per asking of a question, written with its conversation before anything is sent. `conversation_id` points at nothing on
-- purpose: the conversation goes when the batch is finished, and what it cost is found in the ledger by it all the same.
CREATE TABLE batch_items (
    batch_id        TEXT    NOT NULL REFERENCES batches (id) ON DELETE CASCADE,
    key             TEXT    NOT NULL CHECK (key <> ''),
    round           INTEGER NOT NULL CHECK (round >= 1),
    conversation_id TEXT    NOT NULL,
    PRIMARY KEY (batch_id, key, round)
) STRICT, WITHOUT ROWID;
