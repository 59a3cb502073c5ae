-- Spend: what an entry adds to the sums is worked out once when it is booked, so that booking stays as quick as it was.
--
-- Conventions as in 0001. This file is immutable once landed: a change is a new migration. The sums themselves stay as they are.

DROP TRIGGER spend_counts_entries;
DROP TRIGGER spend_counts_waste;
DROP VIEW spend_entries;

-- The books as the sums see them. A price per million tokens is read as a whole number of pico-dollars per token, digit by digit.
-- What the cache saved is what its tokens would have cost as input (by the entry's own line, else by the list that was used), less
-- what they cost and what writing them cost beyond that.
CREATE VIEW spend_entries AS
SELECT e.id, e.at, e.kind, e.conversation_id, e.simulated, e.source, e.provider,
       e.at / 900000 AS quarter, e.at / 86400000 AS day,
       CASE WHEN e.source IN ('batch', 'embedding') THEN '' ELSE coalesce(e.conversation_id, '') END AS conversation,
       e.model_requested AS model, coalesce(e.key_id, '') AS key_id, coalesce(e.folder, '') AS folder,
       coalesce(e.tags, '[]') AS tags,
       coalesce(e.cost_pico, 0) AS cost_pico,
       CASE WHEN e.provenance = 'estimated' THEN coalesce(e.cost_pico, 0) ELSE 0 END AS estimated_pico,
       e.kind = 'call' AS requests, e.kind = 'call' AND e.cost_pico IS NULL AS unpriced,
       CASE WHEN e.kind = 'call' THEN coalesce(e.usage_input, 0) ELSE 0 END AS input,
       CASE WHEN e.kind = 'call' THEN coalesce(e.usage_cached, 0) ELSE 0 END AS cached,
       CASE WHEN e.kind = 'call' THEN coalesce(e.usage_output, 0) ELSE 0 END AS output,
       CASE WHEN e.kind <> 'call' OR e.cost_pico IS NULL OR instr(e.cost_lines, '"cache_') = 0 THEN 0 ELSE max(min(coalesce((
           SELECT sum(l.tokens) FILTER (WHERE l.of_cache) * coalesce(max(l.per_token) FILTER (WHERE l.component = 'input'),
                      CAST(e.price ->> 'input' AS INTEGER) * 1000000
                          + CAST(substr(substr(e.price ->> 'input', instr((e.price ->> 'input') || '.', '.') + 1) || '000000', 1, 6)
                                 AS INTEGER))
                  - sum(l.tokens * l.per_token) FILTER (WHERE l.of_cache)
           FROM (SELECT j.value ->> 'component' AS component, j.value ->> 'tokens' AS tokens,
                        (j.value ->> 'component') IN ('cache_read', 'cache_write_5m', 'cache_write_1h') AS of_cache,
                        CAST(j.value ->> 'usd_per_mtok' AS INTEGER) * 1000000
                            + CAST(substr(substr(j.value ->> 'usd_per_mtok', instr((j.value ->> 'usd_per_mtok') || '.', '.') + 1)
                                          || '000000', 1, 6) AS INTEGER) AS per_token
                 FROM json_each(e.cost_lines) j) l), 0), 9223372036854775807), -9223372036854775807) END AS cache_saved_pico,
       s.id AS subject_id
FROM ledger_entries e
LEFT JOIN spend_subjects s ON s.provider = e.provider AND s.model = e.model_requested AND s.key_id = coalesce(e.key_id, '')
    AND s.source = e.source AND s.folder = coalesce(e.folder, '') AND s.tags = coalesce(e.tags, '[]')
    AND s.simulated = e.simulated;

-- The entry that is being booked, as the sums see it: one row, always the same.
CREATE TABLE spend_booking (
    only             INTEGER NOT NULL PRIMARY KEY CHECK (only = 1),
    quarter          INTEGER,
    day              INTEGER,
    conversation     TEXT,
    subject_id       INTEGER,
    cost_pico        INTEGER,
    estimated_pico   INTEGER,
    requests         INTEGER,
    unpriced         INTEGER,
    input            INTEGER,
    cached           INTEGER,
    output           INTEGER,
    cache_saved_pico INTEGER
) STRICT;

INSERT INTO spend_booking (only) VALUES (1);

CREATE TRIGGER spend_counts_entries AFTER INSERT ON ledger_entries
BEGIN
    INSERT INTO spend_subjects (provider, model, key_id, source, folder, tags, simulated)
    SELECT NEW.provider, NEW.model_requested, coalesce(NEW.key_id, ''), NEW.source, coalesce(NEW.folder, ''),
           coalesce(NEW.tags, '[]'), NEW.simulated
    WHERE NOT EXISTS (
        SELECT 1 FROM spend_subjects
        WHERE provider = NEW.provider AND model = NEW.model_requested AND key_id = coalesce(NEW.key_id, '')
          AND source = NEW.source AND folder = coalesce(NEW.folder, '') AND tags = coalesce(NEW.tags, '[]')
          AND simulated = NEW.simulated);

    UPDATE spend_booking SET (quarter, day, conversation, subject_id, cost_pico, estimated_pico, requests, unpriced, input, cached,
                              output, cache_saved_pico) =
        (SELECT quarter, day, conversation, subject_id, cost_pico, estimated_pico, requests, unpriced, input, cached, output,
                cache_saved_pico
         FROM spend_entries WHERE id = NEW.id);

    UPDATE spend_subjects SET booked = 1 WHERE booked = 0 AND id = (SELECT subject_id FROM spend_booking);

    INSERT INTO spend_quarters (quarter, subject_id, cost_pico, estimated_pico, entries, requests, unpriced, input, cached, output,
                                cache_saved_pico)
    SELECT quarter, subject_id, cost_pico, estimated_pico, 1, requests, unpriced, input, cached, output, cache_saved_pico
    FROM spend_booking WHERE true
    ON CONFLICT (quarter, subject_id) DO UPDATE SET
        cost_pico = max(min(cost_pico + excluded.cost_pico, 9223372036854775807), -9223372036854775807),
        estimated_pico = max(min(estimated_pico + excluded.estimated_pico, 9223372036854775807), -9223372036854775807),
        entries = entries + 1, requests = requests + excluded.requests, unpriced = unpriced + excluded.unpriced,
        input = min(input + excluded.input, 9223372036854775807), cached = min(cached + excluded.cached, 9223372036854775807),
        output = min(output + excluded.output, 9223372036854775807),
        cache_saved_pico = max(min(cache_saved_pico + excluded.cache_saved_pico, 9223372036854775807), -9223372036854775807);

    INSERT INTO spend_days (day, subject_id, cost_pico, estimated_pico, entries, requests, unpriced, input, cached, output,
                            cache_saved_pico)
    SELECT day, subject_id, cost_pico, estimated_pico, 1, requests, unpriced, input, cached, output, cache_saved_pico
    FROM spend_booking WHERE true
    ON CONFLICT (day, subject_id) DO UPDATE SET
        cost_pico = max(min(cost_pico + excluded.cost_pico, 9223372036854775807), -9223372036854775807),
        estimated_pico = max(min(estimated_pico + excluded.estimated_pico, 9223372036854775807), -9223372036854775807),
        entries = entries + 1, requests = requests + excluded.requests, unpriced = unpriced + excluded.unpriced,
        input = min(input + excluded.input, 9223372036854775807), cached = min(cached + excluded.cached, 9223372036854775807),
        output = min(output + excluded.output, 9223372036854775807),
        cache_saved_pico = max(min(cache_saved_pico + excluded.cache_saved_pico, 9223372036854775807), -9223372036854775807);

    INSERT INTO spend_conversations (day, conversation_id, subject_id, cost_pico, estimated_pico, requests, unpriced, input,
                                     cached, output)
    SELECT day, conversation, subject_id, cost_pico, estimated_pico, requests, unpriced, input, cached, output
    FROM spend_booking WHERE true
    ON CONFLICT (day, conversation_id, subject_id) DO UPDATE SET
        cost_pico = max(min(cost_pico + excluded.cost_pico, 9223372036854775807), -9223372036854775807),
        estimated_pico = max(min(estimated_pico + excluded.estimated_pico, 9223372036854775807), -9223372036854775807),
        requests = requests + excluded.requests, unpriced = unpriced + excluded.unpriced,
        input = min(input + excluded.input, 9223372036854775807),
        cached = min(cached + excluded.cached, 9223372036854775807),
        output = min(output + excluded.output, 9223372036854775807);
END;

-- An answer came to its end: what earlier calls of its run had cost was in vain, unless it went on from their text. It counts where
-- and when it was paid.
CREATE TRIGGER spend_counts_waste AFTER INSERT ON calls
WHEN NEW.run_id IS NOT NULL AND NEW.source = 'model' AND NEW.state = 'complete' AND NEW.kind <> 'continue'
    AND EXISTS (SELECT 1 FROM calls WHERE run_id = NEW.run_id AND id <> NEW.id AND cost_pico > 0)
BEGIN
    INSERT INTO spend_quarters (quarter, subject_id, wasted_pico)
    SELECT quarter, subject_id, cost_pico FROM spend_calls
    WHERE run_id = NEW.run_id AND id <> NEW.id AND state <> 'complete' AND cost_pico > 0 AND subject_id IS NOT NULL
    ON CONFLICT (quarter, subject_id) DO UPDATE SET wasted_pico = min(wasted_pico + excluded.wasted_pico, 9223372036854775807);

    INSERT INTO spend_days (day, subject_id, wasted_pico)
    SELECT day, subject_id, cost_pico FROM spend_calls
    WHERE run_id = NEW.run_id AND id <> NEW.id AND state <> 'complete' AND cost_pico > 0 AND subject_id IS NOT NULL
    ON CONFLICT (day, subject_id) DO UPDATE SET wasted_pico = min(wasted_pico + excluded.wasted_pico, 9223372036854775807);
END;
