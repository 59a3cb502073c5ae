-- What calls were about, so that advice rests on what was seen; and advice that was followed or turned down.
--
-- Conventions as in 0001. This file is immutable once landed: a change is a new migration.

-- `request` is a hash of everything the answer depends on, whether answers are kept or not: the same request seen again has the same
-- one. NULL: an answer that is never given again, one that was asked for anew on purpose, or a call from before. `repeatable`: it was
-- meant to give the same answer each time. `asked` is what the lane names; `complexity` how the prompt was read.
ALTER TABLE calls ADD COLUMN request BLOB CHECK (length(request) = 32);
ALTER TABLE calls ADD COLUMN repeatable INTEGER NOT NULL DEFAULT 0 CHECK (repeatable IN (0, 1));
ALTER TABLE calls ADD COLUMN asked TEXT;
ALTER TABLE calls ADD COLUMN complexity TEXT;

-- Changes of settings and files that followed advice. A row is written before the change is made, and again after it: `state` is
-- begun, applied, undoing or undone. `owner` is the lease of the process that is at it; where that process is gone, what stands there
-- now says how far it came. `step` has the value before and after, `title` what was done in words.
CREATE TABLE advice_changes (
    id        TEXT    NOT NULL PRIMARY KEY,
    advice    TEXT    NOT NULL CHECK (advice <> ''),
    kind      TEXT    NOT NULL CHECK (kind <> ''),
    subject   TEXT    NOT NULL,
    title     TEXT    NOT NULL CHECK (json_valid(title)),
    step      TEXT    NOT NULL CHECK (json_valid(step)),
    state     TEXT    NOT NULL CHECK (state IN ('begun', 'applied', 'undoing', 'undone')),
    owner     TEXT    NOT NULL,
    automatic INTEGER NOT NULL DEFAULT 0 CHECK (automatic IN (0, 1)),
    at        INTEGER NOT NULL,
    undone_at INTEGER
) STRICT;

CREATE INDEX advice_changes_by_time ON advice_changes (at DESC, id DESC);
-- Two processes never follow the same advice at once.
CREATE UNIQUE INDEX advice_changes_under_way ON advice_changes (advice) WHERE state = 'begun';

-- Advice that was turned down.
CREATE TABLE advice_dismissed (
    advice TEXT    NOT NULL PRIMARY KEY CHECK (advice <> ''),
    at     INTEGER NOT NULL
) STRICT;
