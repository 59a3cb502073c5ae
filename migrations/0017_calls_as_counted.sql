-- What is estimated of a call whose end nobody saw stands with the call: the tokens its prompt was counted at when it was sent, which
-- no history tells that was shortened for it. And what a provider puts around prompts unseen is known at the next start.
--
-- Conventions as in 0001. This file is immutable once landed: a change is a new migration.

-- `NULL` for calls from before.
ALTER TABLE attempts ADD COLUMN prompt_tokens INTEGER CHECK (prompt_tokens >= 0);

-- The most tokens a provider has reported beyond a count of ours.
CREATE TABLE unseen_tokens (
    provider   TEXT    NOT NULL CHECK (provider <> ''),
    model      TEXT    NOT NULL CHECK (model <> ''),
    tokens     INTEGER NOT NULL CHECK (tokens > 0),
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (provider, model)
) STRICT, WITHOUT ROWID;
