-- Invoices: what providers say they have charged, to be laid beside the books.
--
-- Conventions as in 0001. This file is immutable once landed: a change is a new migration.

-- An export that was imported. `hash` is that of the file: importing it again finds it. `provider` is the slug of the provider in
-- the books whose calls it is compared with.
CREATE TABLE invoices (
    id          TEXT    NOT NULL PRIMARY KEY,
    name        TEXT    NOT NULL,
    issuer      TEXT    NOT NULL CHECK (issuer <> ''),
    provider    TEXT    NOT NULL CHECK (provider <> ''),
    hash        BLOB    NOT NULL CHECK (length(hash) = 32),
    imported_at INTEGER NOT NULL,
    UNIQUE (hash, provider)
) STRICT;

-- Its lines, summed per day in UTC (`YYYY-MM-DD`) and model. `model` empty: charges that belong to none. NULL: it does not say.
CREATE TABLE invoice_lines (
    invoice_id    TEXT    NOT NULL REFERENCES invoices (id) ON DELETE CASCADE,
    day           TEXT    NOT NULL CHECK (length(day) = 10),
    model         TEXT    NOT NULL,
    usd_pico      INTEGER,
    requests      INTEGER CHECK (requests >= 0),
    input_tokens  INTEGER CHECK (input_tokens >= 0),
    output_tokens INTEGER CHECK (output_tokens >= 0),
    PRIMARY KEY (invoice_id, day, model)
) STRICT, WITHOUT ROWID;
