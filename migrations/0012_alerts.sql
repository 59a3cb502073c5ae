-- Alerts: what people should hear of without having asked.
--
-- Conventions as in 0001. This file is immutable once landed: a change is a new migration.

-- `number` only ever grows, also when everything before it is gone: whoever watches asks for those after the last one seen. `key` says
-- what is told, so that the same thing is told once, whichever process raises it. `saying` is the title and the body, in English and as
-- words with values; nothing that somebody has written to a model stands in it. `subject` empty: none.
CREATE TABLE alerts (
    number    INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    id        TEXT    NOT NULL UNIQUE,
    key       TEXT    NOT NULL UNIQUE CHECK (key <> ''),
    kind      TEXT    NOT NULL CHECK (kind <> ''),
    level     TEXT    NOT NULL CHECK (level <> ''),
    at        INTEGER NOT NULL,
    subject   TEXT    NOT NULL,
    saying    TEXT    NOT NULL CHECK (json_valid(saying)),
    seen_at   INTEGER,
    simulated INTEGER NOT NULL DEFAULT 0 CHECK (simulated IN (0, 1))
) STRICT;

CREATE INDEX alerts_by_time ON alerts (at, number);
CREATE INDEX alerts_by_kind ON alerts (kind, at);

-- The price of each model in use that people know of (`provider/model`, the price as an entry keeps it): what differs from it is news.
CREATE TABLE alert_prices (
    target TEXT    NOT NULL PRIMARY KEY,
    price  TEXT    NOT NULL CHECK (json_valid(price)),
    at     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Steps that budgets reached in periods that are over are no news.
INSERT INTO budget_alerts (budget_id, percent, bucket, reached_at)
SELECT b.id, s.value, k.starts_at, k.starts_at
FROM budgets b JOIN budget_buckets k ON k.budget_id = b.id AND k.starts_at <> b.bucket JOIN json_each(b.alert_percents) s
WHERE b.period <> 'rolling'
ON CONFLICT DO NOTHING;
