-- Budgets: how much may be spent on what in which time, what has been counted, and what is in whose scope.
--
-- Conventions as in 0001. This file is immutable once landed: a change is a new migration.

-- What money is set aside for and spent on, as it was when it was set aside: a conversation that is moved or deleted while an
-- answer is on its way changes nothing. `tags` is an array of names; `folder` NULL: in none. The columns of the two tables have the
-- same names, so that one condition says for both whether a budget counts them. Reservations from before have no provider here
-- unless they are still open.
ALTER TABLE reservations ADD COLUMN provider TEXT;
ALTER TABLE reservations ADD COLUMN model_requested TEXT;
ALTER TABLE reservations ADD COLUMN key_id TEXT;
ALTER TABLE reservations ADD COLUMN conversation_id TEXT;
ALTER TABLE reservations ADD COLUMN folder TEXT;
ALTER TABLE reservations ADD COLUMN tags TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(tags));
ALTER TABLE reservations ADD COLUMN source TEXT NOT NULL DEFAULT 'chat' CHECK (source <> '');

UPDATE reservations SET
    provider        = coalesce((SELECT a.provider FROM attempts a WHERE a.id = attempt_id),
                               (SELECT r.provider FROM runs r WHERE r.id = run_id)),
    model_requested = coalesce((SELECT a.model_requested FROM attempts a WHERE a.id = attempt_id),
                               (SELECT r.model_requested FROM runs r WHERE r.id = run_id)),
    key_id          = (SELECT a.key_id FROM attempts a WHERE a.id = attempt_id),
    conversation_id = (SELECT t.conversation_id FROM runs r JOIN turns t ON t.id = r.turn_id WHERE r.id = run_id),
    source          = coalesce((SELECT r.spend_source FROM runs r WHERE r.id = run_id), 'chat')
WHERE settled_at IS NULL;

-- Which reservation paid for a call, when the call is booked.
CREATE INDEX reservations_by_attempt ON reservations (attempt_id) WHERE attempt_id IS NOT NULL;

ALTER TABLE ledger_entries ADD COLUMN folder TEXT;
ALTER TABLE ledger_entries ADD COLUMN tags TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(tags));

-- `scope` is what it counts and `scope_name` which of them: everything (no name), provider, model (`provider/model`), key,
-- conversation, folder, tag or source. `period`: day, week, month, rolling (of `period_days`) or total. `on_limit`: warn, ask,
-- cheaper or stop. `bucket` is the `starts_at` of the bucket that is open; what it has spent is the sum of its buckets that end
-- after `counts_from`. Both only ever move forward, unless the user begins anew.
CREATE TABLE budgets (
    id               TEXT    NOT NULL PRIMARY KEY,
    name             TEXT    NOT NULL CHECK (name <> ''),
    scope            TEXT    NOT NULL CHECK (scope <> ''),
    scope_name       TEXT    CHECK (scope_name <> ''),
    period           TEXT    NOT NULL CHECK (period <> ''),
    period_days      INTEGER CHECK (period_days BETWEEN 1 AND 366),
    limit_pico       INTEGER NOT NULL CHECK (limit_pico > 0),
    alert_percents   TEXT    NOT NULL DEFAULT '[]' CHECK (json_valid(alert_percents)),
    on_limit         TEXT    NOT NULL CHECK (on_limit <> ''),
    cheaper_targets  TEXT    NOT NULL DEFAULT '[]' CHECK (json_valid(cheaper_targets)),
    unpriced_allowed TEXT    NOT NULL DEFAULT '[]' CHECK (json_valid(unpriced_allowed)),
    simulated        INTEGER NOT NULL DEFAULT 0 CHECK (simulated IN (0, 1)),
    paused           INTEGER NOT NULL DEFAULT 0 CHECK (paused IN (0, 1)),
    bucket           INTEGER NOT NULL,
    counts_from      INTEGER NOT NULL,
    created_at       INTEGER NOT NULL,
    updated_at       INTEGER NOT NULL,
    CHECK ((scope = 'everything') = (scope_name IS NULL)),
    CHECK ((period = 'rolling') = (period_days IS NOT NULL))
) STRICT;

-- What was counted in a stretch of time. It holds the entries of its budget's scope that were booked while it was open (by
-- their rowid: those after `since_row` up to `until_row`, NULL while it is open; rows of the ledger never go, so they keep it), and,
-- where the budget began or changed in the middle of a period, those that stood in the books already: of the time from
-- `recounted_from` until before `recounted_until`. `ends_at` is 2^63 - 1 for what never ends.
CREATE TABLE budget_buckets (
    budget_id       TEXT    NOT NULL REFERENCES budgets (id) ON DELETE CASCADE,
    starts_at       INTEGER NOT NULL,
    ends_at         INTEGER NOT NULL,
    spent_pico      INTEGER NOT NULL DEFAULT 0,
    calls           INTEGER NOT NULL DEFAULT 0,
    unpriced_calls  INTEGER NOT NULL DEFAULT 0,
    since_row       INTEGER NOT NULL,
    until_row       INTEGER CHECK (until_row >= since_row),
    recounted_from  INTEGER NOT NULL DEFAULT 0,
    recounted_until INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (budget_id, starts_at),
    CHECK (ends_at > starts_at)
) STRICT, WITHOUT ROWID;

CREATE INDEX budget_buckets_by_end ON budget_buckets (budget_id, ends_at);

-- Steps of the alert that have been reached, in which bucket: the row that comes first raises the alert.
CREATE TABLE budget_alerts (
    budget_id  TEXT    NOT NULL REFERENCES budgets (id) ON DELETE CASCADE,
    percent    INTEGER NOT NULL CHECK (percent > 0),
    bucket     INTEGER NOT NULL,
    reached_at INTEGER NOT NULL,
    PRIMARY KEY (budget_id, percent, bucket)
) STRICT, WITHOUT ROWID;

-- What was sent although a budget stood in the way, because somebody said so. `why`: limit or unpriced. `over_pico` is the worst
-- case beyond the limit, `unpriced_calls` the calls without a price. No foreign keys: a record outlives what it is about.
CREATE TABLE budget_overrides (
    id             INTEGER PRIMARY KEY,
    budget_id      TEXT    NOT NULL,
    bucket         INTEGER NOT NULL,
    why            TEXT    NOT NULL CHECK (why <> ''),
    over_pico      INTEGER NOT NULL DEFAULT 0 CHECK (over_pico >= 0),
    unpriced_calls INTEGER NOT NULL DEFAULT 0 CHECK (unpriced_calls >= 0),
    turn_id        TEXT,
    run_id         TEXT,
    lease_id       TEXT    NOT NULL,
    at             INTEGER NOT NULL
) STRICT;

CREATE INDEX budget_overrides_by_budget ON budget_overrides (budget_id, bucket);

-- Whatever books an entry, the open bucket of every budget in whose scope it falls has it too, or neither has. An amount beyond
-- what a column holds stays the largest there is: booking never fails for a budget's sake.
CREATE TRIGGER ledger_entries_count_into_budgets AFTER INSERT ON ledger_entries
BEGIN
    UPDATE budget_buckets SET
        spent_pico = CASE
            WHEN NEW.cost_pico IS NULL THEN spent_pico
            WHEN NEW.cost_pico > 0 AND spent_pico > 9223372036854775807 - NEW.cost_pico THEN 9223372036854775807
            WHEN NEW.cost_pico < 0 AND spent_pico < -9223372036854775807 - NEW.cost_pico THEN -9223372036854775807
            ELSE spent_pico + NEW.cost_pico END,
        calls = calls + (NEW.kind = 'call'),
        unpriced_calls = unpriced_calls + (NEW.kind = 'call' AND NEW.cost_pico IS NULL)
    WHERE (budget_id, starts_at) IN (
        SELECT b.id, b.bucket FROM budgets b
        WHERE b.simulated = NEW.simulated AND CASE b.scope
            WHEN 'everything' THEN 1
            WHEN 'provider' THEN b.scope_name = NEW.provider
            WHEN 'model' THEN b.scope_name = NEW.provider || '/' || NEW.model_requested
            WHEN 'key' THEN b.scope_name = NEW.key_id
            WHEN 'conversation' THEN b.scope_name = NEW.conversation_id
            WHEN 'folder' THEN b.scope_name = NEW.folder
            WHEN 'tag' THEN EXISTS (SELECT 1 FROM json_each(NEW.tags) t WHERE t.value = b.scope_name)
            WHEN 'source' THEN b.scope_name = NEW.source
            ELSE 0 END);
END;
