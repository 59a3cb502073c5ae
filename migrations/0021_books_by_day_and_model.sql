-- What an invoice is laid beside, the books per day and model, is summed as it is booked; what invoices have corrected is found without
-- walking through the books.
--
-- Conventions as in 0001. This file is immutable once landed: a change is a new migration.

-- The books of real calls by provider, day of UTC, model that served (else the one asked for) and model asked for. `usd_pico`:
-- known cost, corrections included; of it `corrected_pico` by `corrections` of invoices, NULL where there are none; `requests` that
-- are calls, of them `unpriced`; tokens; `last_call_at`, when the last of the calls was booked. A sum beyond what a column holds
-- stays the largest there is.
CREATE TABLE booked_days (
    provider       TEXT    NOT NULL,
    day            INTEGER NOT NULL, -- days since 1970
    model          TEXT    NOT NULL,
    requested      TEXT    NOT NULL,
    usd_pico       INTEGER NOT NULL,
    corrected_pico INTEGER,
    corrections    INTEGER NOT NULL,
    requests       INTEGER NOT NULL,
    unpriced       INTEGER NOT NULL,
    estimated      INTEGER NOT NULL CHECK (estimated IN (0, 1)),
    input_tokens   INTEGER NOT NULL,
    output_tokens  INTEGER NOT NULL,
    last_call_at   INTEGER,
    PRIMARY KEY (provider, day, model, requested)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER booked_days_follow_the_books AFTER INSERT ON ledger_entries
WHEN NEW.simulated = 0
BEGIN
    INSERT INTO booked_days (provider, day, model, requested, usd_pico, corrected_pico, corrections, requests, unpriced, estimated,
                             input_tokens, output_tokens, last_call_at)
    VALUES (NEW.provider, NEW.at / 86400000, coalesce(NEW.model_served, NEW.model_requested), NEW.model_requested,
            coalesce(NEW.cost_pico, 0), iif(NEW.kind = 'adjustment' AND NEW.source = 'invoice', NEW.cost_pico, NULL),
            NEW.kind = 'adjustment' AND NEW.source = 'invoice', NEW.kind = 'call', NEW.kind = 'call' AND NEW.cost_pico IS NULL,
            NEW.provenance IS 'estimated', coalesce(NEW.usage_input, 0), coalesce(NEW.usage_output, 0),
            iif(NEW.kind = 'call', NEW.at, NULL))
    ON CONFLICT (provider, day, model, requested) DO UPDATE SET
        usd_pico = max(min(usd_pico + excluded.usd_pico, 9223372036854775807), -9223372036854775807),
        corrected_pico = max(min(coalesce(corrected_pico + excluded.corrected_pico, corrected_pico, excluded.corrected_pico),
                                 9223372036854775807), -9223372036854775807),
        corrections = corrections + excluded.corrections, requests = requests + excluded.requests,
        unpriced = unpriced + excluded.unpriced, estimated = max(estimated, excluded.estimated),
        input_tokens = min(input_tokens + excluded.input_tokens, 9223372036854775807),
        output_tokens = min(output_tokens + excluded.output_tokens, 9223372036854775807),
        last_call_at = coalesce(max(last_call_at, excluded.last_call_at), last_call_at, excluded.last_call_at);
END;

-- Corrections by invoices are few among many entries.
CREATE INDEX ledger_entries_by_invoice ON ledger_entries (provider, at) WHERE kind = 'adjustment' AND source = 'invoice';

-- What is in the books already.
INSERT INTO booked_days (provider, day, model, requested, usd_pico, corrected_pico, corrections, requests, unpriced, estimated,
                         input_tokens, output_tokens, last_call_at)
SELECT provider, at / 86400000, coalesce(model_served, model_requested), model_requested, coalesce(sum(cost_pico), 0),
       sum(cost_pico) FILTER (WHERE kind = 'adjustment' AND source = 'invoice'),
       count(*) FILTER (WHERE kind = 'adjustment' AND source = 'invoice'), count(*) FILTER (WHERE kind = 'call'),
       count(*) FILTER (WHERE kind = 'call' AND cost_pico IS NULL), coalesce(max(provenance IS 'estimated'), 0),
       coalesce(sum(usage_input), 0), coalesce(sum(usage_output), 0), max(at) FILTER (WHERE kind = 'call')
FROM ledger_entries
WHERE simulated = 0
GROUP BY 1, 2, 3, 4;
