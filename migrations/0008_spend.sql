-- Spend: sums of the books by time and by thing, so that a year of a million entries is looked at in an instant; and which model
-- was picked over which.
--
-- Conventions as in 0001. This file is immutable once landed: a change is a new migration.
--
-- Quarter hours of UTC are the finest grain because no time zone in use is off by less. Days of UTC stand beside them: a long
-- stretch of time is whole days in the middle and quarter hours at both ends, exactly. Triggers keep all of it, so that every path
-- that books is covered; and a sum never differs from what it is of, because entries never change. A sum beyond what a column holds
-- stays the largest there is: booking never fails for a sum's sake.

-- What money was spent on: all that entries of one row have in common. Few of them. '' is none; `tags` is the array as it was
-- booked. `booked`: the books name it; 0 for one that is only known from calls that cost nothing.
CREATE TABLE spend_subjects (
    id        INTEGER NOT NULL PRIMARY KEY,
    provider  TEXT    NOT NULL,
    model     TEXT    NOT NULL, -- the one asked for
    key_id    TEXT    NOT NULL,
    source    TEXT    NOT NULL,
    folder    TEXT    NOT NULL,
    tags      TEXT    NOT NULL CHECK (json_valid(tags)),
    simulated INTEGER NOT NULL CHECK (simulated IN (0, 1)),
    booked    INTEGER NOT NULL DEFAULT 0 CHECK (booked IN (0, 1)),
    UNIQUE (provider, model, key_id, source, folder, tags, simulated)
) STRICT;

-- Sums of the entries: `cost_pico`, of it `estimated_pico`; `entries` of any kind, `requests` that are calls, of them `unpriced`;
-- tokens; `cache_saved_pico`, what the provider's prompt cache saved against the full price. And of the calls that ended: `ended` by
-- themselves, of them `completed`; `timed` in `total_ms` together; `kept_saved_pico`, what kept and shared answers saved;
-- `wasted_pico`, what was paid for calls whose run another call then answered.
CREATE TABLE spend_quarters (
    quarter          INTEGER NOT NULL, -- quarter hours since 1970
    subject_id       INTEGER NOT NULL,
    cost_pico        INTEGER NOT NULL DEFAULT 0,
    estimated_pico   INTEGER NOT NULL DEFAULT 0,
    entries          INTEGER NOT NULL DEFAULT 0,
    requests         INTEGER NOT NULL DEFAULT 0,
    unpriced         INTEGER NOT NULL DEFAULT 0,
    input            INTEGER NOT NULL DEFAULT 0,
    cached           INTEGER NOT NULL DEFAULT 0,
    output           INTEGER NOT NULL DEFAULT 0,
    cache_saved_pico INTEGER NOT NULL DEFAULT 0,
    ended            INTEGER NOT NULL DEFAULT 0,
    completed        INTEGER NOT NULL DEFAULT 0,
    timed            INTEGER NOT NULL DEFAULT 0,
    total_ms         INTEGER NOT NULL DEFAULT 0,
    kept_saved_pico  INTEGER NOT NULL DEFAULT 0,
    wasted_pico      INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (quarter, subject_id)
) STRICT, WITHOUT ROWID;

-- The same by days of UTC.
CREATE TABLE spend_days (
    day              INTEGER NOT NULL, -- days since 1970
    subject_id       INTEGER NOT NULL,
    cost_pico        INTEGER NOT NULL DEFAULT 0,
    estimated_pico   INTEGER NOT NULL DEFAULT 0,
    entries          INTEGER NOT NULL DEFAULT 0,
    requests         INTEGER NOT NULL DEFAULT 0,
    unpriced         INTEGER NOT NULL DEFAULT 0,
    input            INTEGER NOT NULL DEFAULT 0,
    cached           INTEGER NOT NULL DEFAULT 0,
    output           INTEGER NOT NULL DEFAULT 0,
    cache_saved_pico INTEGER NOT NULL DEFAULT 0,
    ended            INTEGER NOT NULL DEFAULT 0,
    completed        INTEGER NOT NULL DEFAULT 0,
    timed            INTEGER NOT NULL DEFAULT 0,
    total_ms         INTEGER NOT NULL DEFAULT 0,
    kept_saved_pico  INTEGER NOT NULL DEFAULT 0,
    wasted_pico      INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (day, subject_id)
) STRICT, WITHOUT ROWID;

-- By days of UTC and conversation, which may be gone. '' stands for none: calls without one, and those of batches and embeddings,
-- whose conversations are nobody's to look at.
CREATE TABLE spend_conversations (
    day             INTEGER NOT NULL,
    conversation_id TEXT    NOT NULL,
    subject_id      INTEGER NOT NULL,
    cost_pico       INTEGER NOT NULL DEFAULT 0,
    estimated_pico  INTEGER NOT NULL DEFAULT 0,
    requests        INTEGER NOT NULL DEFAULT 0,
    unpriced        INTEGER NOT NULL DEFAULT 0,
    input           INTEGER NOT NULL DEFAULT 0,
    cached          INTEGER NOT NULL DEFAULT 0,
    output          INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (day, conversation_id, subject_id)
) STRICT, WITHOUT ROWID;

-- The books as the sums see them. A price per million tokens is read as a whole number of pico-dollars per token, digit by digit.
-- What the cache saved is what its tokens would have cost as input, less what they cost and what writing them cost beyond that.
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
           WITH line (component, tokens, per_token) AS (
               SELECT l.value ->> 'component', l.value ->> 'tokens',
                      CAST(l.value ->> 'usd_per_mtok' AS INTEGER) * 1000000 + CAST(substr(
                          CASE instr(l.value ->> 'usd_per_mtok', '.') WHEN 0 THEN '' ELSE substr(l.value ->> 'usd_per_mtok',
                              instr(l.value ->> 'usd_per_mtok', '.') + 1) END || '000000', 1, 6) AS INTEGER)
               FROM json_each(e.cost_lines) l
               WHERE l.value ->> 'tokens' IS NOT NULL AND l.value ->> 'usd_per_mtok' IS NOT NULL
               UNION ALL
               SELECT 'listed', 0,
                      CAST(e.price ->> 'input' AS INTEGER) * 1000000 + CAST(substr(
                          CASE instr(e.price ->> 'input', '.') WHEN 0 THEN '' ELSE substr(e.price ->> 'input',
                              instr(e.price ->> 'input', '.') + 1) END || '000000', 1, 6) AS INTEGER)
               WHERE e.price ->> 'input' IS NOT NULL),
           full_price (per_token) AS (
               SELECT coalesce((SELECT max(per_token) FROM line WHERE component = 'input'),
                               (SELECT per_token FROM line WHERE component = 'listed')))
           SELECT sum(line.tokens * (full_price.per_token - line.per_token)) FROM line, full_price
           WHERE line.component IN ('cache_read', 'cache_write_5m', 'cache_write_1h')), 0), 9223372036854775807),
           -9223372036854775807) END AS cache_saved_pico,
       s.id AS subject_id
FROM ledger_entries e
LEFT JOIN spend_subjects s ON s.provider = e.provider AND s.model = e.model_requested AND s.key_id = coalesce(e.key_id, '')
    AND s.source = e.source AND s.folder = coalesce(e.folder, '') AND s.tags = coalesce(e.tags, '[]')
    AND s.simulated = e.simulated;

-- Calls as the sums see them, with what their run and its conversation say as long as these are there.
CREATE VIEW spend_calls AS
SELECT c.*, s.id AS subject_id
FROM (SELECT c.id, c.run_id, c.at, c.source AS origin, c.kind, c.state, c.cost_pico, c.simulated, c.provider, c.model,
             c.at / 900000 AS quarter, c.at / 86400000 AS day,
             CASE WHEN c.key_name IS NULL OR c.key_name LIKE 'env:%' THEN '' ELSE c.key_name END AS key_id,
             coalesce(r.spend_source, (SELECT e.source FROM ledger_entries e WHERE e.attempt_id = c.id LIMIT 1), '') AS source,
             coalesce(v.folder, '') AS folder, coalesce(v.tags, '[]') AS tags,
             c.source = 'model' AND c.state IN ('complete', 'truncated', 'failed') AS ended,
             c.source = 'model' AND c.state = 'complete' AS completed,
             c.source = 'model' AND c.state = 'complete' AND c.total_ms IS NOT NULL AS timed,
             CASE WHEN c.source = 'model' AND c.state = 'complete' THEN coalesce(c.total_ms, 0) ELSE 0 END AS total_ms,
             CASE WHEN c.source = 'model' THEN 0 ELSE coalesce(c.saved_pico, 0) END AS kept_saved_pico
      FROM calls c LEFT JOIN runs r ON r.id = c.run_id LEFT JOIN turns t ON t.id = r.turn_id
           LEFT JOIN conversations v ON v.id = t.conversation_id) c
LEFT JOIN spend_subjects s ON s.provider = c.provider AND s.model = c.model AND s.key_id = c.key_id AND s.source = c.source
    AND s.folder = c.folder AND s.tags = c.tags AND s.simulated = c.simulated;

-- Which calls were made for a run: whether one of them was in vain.
CREATE INDEX calls_of_run ON calls (run_id) WHERE run_id IS NOT NULL;

CREATE TRIGGER spend_counts_entries AFTER INSERT ON ledger_entries
BEGIN
    INSERT INTO spend_subjects (provider, model, key_id, source, folder, tags, simulated)
    SELECT provider, model, key_id, source, folder, tags, simulated FROM spend_entries
    WHERE id = NEW.id AND subject_id IS NULL;

    UPDATE spend_subjects SET booked = 1
    WHERE booked = 0 AND id = (SELECT subject_id FROM spend_entries WHERE id = NEW.id);

    INSERT INTO spend_quarters (quarter, subject_id, cost_pico, estimated_pico, entries, requests, unpriced, input, cached, output,
                                cache_saved_pico)
    SELECT quarter, subject_id, cost_pico, estimated_pico, 1, requests, unpriced, input, cached, output, cache_saved_pico
    FROM spend_entries WHERE id = NEW.id
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
    FROM spend_entries WHERE id = NEW.id
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
    FROM spend_entries WHERE id = NEW.id
    ON CONFLICT (day, conversation_id, subject_id) DO UPDATE SET
        cost_pico = max(min(cost_pico + excluded.cost_pico, 9223372036854775807), -9223372036854775807),
        estimated_pico = max(min(estimated_pico + excluded.estimated_pico, 9223372036854775807), -9223372036854775807),
        requests = requests + excluded.requests, unpriced = unpriced + excluded.unpriced,
        input = min(input + excluded.input, 9223372036854775807),
        cached = min(cached + excluded.cached, 9223372036854775807),
        output = min(output + excluded.output, 9223372036854775807);
END;

CREATE TRIGGER spend_counts_calls AFTER INSERT ON calls
BEGIN
    INSERT INTO spend_subjects (provider, model, key_id, source, folder, tags, simulated)
    SELECT provider, model, key_id, source, folder, tags, simulated FROM spend_calls
    WHERE id = NEW.id AND subject_id IS NULL;

    INSERT INTO spend_quarters (quarter, subject_id, ended, completed, timed, total_ms, kept_saved_pico)
    SELECT quarter, subject_id, ended, completed, timed, total_ms, kept_saved_pico FROM spend_calls WHERE id = NEW.id
    ON CONFLICT (quarter, subject_id) DO UPDATE SET
        ended = ended + excluded.ended, completed = completed + excluded.completed, timed = timed + excluded.timed,
        total_ms = min(total_ms + excluded.total_ms, 9223372036854775807),
        kept_saved_pico = min(kept_saved_pico + excluded.kept_saved_pico, 9223372036854775807);

    INSERT INTO spend_days (day, subject_id, ended, completed, timed, total_ms, kept_saved_pico)
    SELECT day, subject_id, ended, completed, timed, total_ms, kept_saved_pico FROM spend_calls WHERE id = NEW.id
    ON CONFLICT (day, subject_id) DO UPDATE SET
        ended = ended + excluded.ended, completed = completed + excluded.completed, timed = timed + excluded.timed,
        total_ms = min(total_ms + excluded.total_ms, 9223372036854775807),
        kept_saved_pico = min(kept_saved_pico + excluded.kept_saved_pico, 9223372036854775807);
END;

-- An answer came to its end: what earlier calls of its run had cost was in vain, unless it went on from their text. It counts where
-- and when it was paid.
CREATE TRIGGER spend_counts_waste AFTER INSERT ON calls
WHEN NEW.run_id IS NOT NULL AND NEW.source = 'model' AND NEW.state = 'complete' AND NEW.kind <> 'continue'
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

-- Which models took part in a turn in which one of several was picked, one row each; `at` is when they were asked. Deleting a
-- conversation never deletes what was voted.
CREATE TABLE turn_votes (
    turn_id   TEXT    NOT NULL,
    provider  TEXT    NOT NULL,
    model     TEXT    NOT NULL,
    simulated INTEGER NOT NULL CHECK (simulated IN (0, 1)),
    at        INTEGER NOT NULL,
    picked    INTEGER NOT NULL CHECK (picked IN (0, 1)),
    PRIMARY KEY (turn_id, provider, model)
) STRICT, WITHOUT ROWID;

CREATE INDEX turn_votes_by_time ON turn_votes (at, simulated, provider, model, picked);

-- The answers of a turn that can be compared: the latest version of each lane that has words and a model, and any that is picked.
CREATE VIEW compared_runs AS
SELECT r.turn_id, r.provider, r.model_requested AS model, r.simulated, r.started_at AS at, r.picked_at IS NOT NULL AS picked
FROM runs r
WHERE r.provider IS NOT NULL AND r.model_requested IS NOT NULL AND r.state IN ('complete', 'truncated', 'cancelled', 'interrupted')
  AND (r.picked_at IS NOT NULL OR NOT EXISTS (
      SELECT 1 FROM runs n WHERE n.turn_id = r.turn_id AND n.lane_id = r.lane_id AND n.version > r.version));

CREATE TRIGGER votes_follow_picks AFTER UPDATE OF picked_at ON runs
WHEN (NEW.picked_at IS NULL) <> (OLD.picked_at IS NULL)
BEGIN
    DELETE FROM turn_votes WHERE turn_id = NEW.turn_id;

    INSERT INTO turn_votes (turn_id, provider, model, simulated, at, picked)
    SELECT turn_id, provider, model, max(simulated), min(at), max(picked) FROM compared_runs
    WHERE turn_id = NEW.turn_id AND EXISTS (SELECT 1 FROM runs p WHERE p.turn_id = NEW.turn_id AND p.picked_at IS NOT NULL)
      AND (SELECT count(DISTINCT c.provider || '/' || c.model) FROM compared_runs c WHERE c.turn_id = NEW.turn_id) > 1
    GROUP BY turn_id, provider, model;
END;

-- What is in the books already.
INSERT INTO spend_subjects (provider, model, key_id, source, folder, tags, simulated, booked)
SELECT DISTINCT provider, model, key_id, source, folder, tags, simulated, 1 FROM spend_entries;

INSERT INTO spend_subjects (provider, model, key_id, source, folder, tags, simulated)
SELECT DISTINCT provider, model, key_id, source, folder, tags, simulated FROM spend_calls WHERE subject_id IS NULL;

INSERT INTO spend_quarters (quarter, subject_id, cost_pico, estimated_pico, entries, requests, unpriced, input, cached, output,
                            cache_saved_pico)
SELECT quarter, subject_id, sum(cost_pico), sum(estimated_pico), count(*), sum(requests), sum(unpriced), sum(input), sum(cached),
       sum(output), sum(cache_saved_pico)
FROM spend_entries GROUP BY quarter, subject_id;

INSERT INTO spend_conversations (day, conversation_id, subject_id, cost_pico, estimated_pico, requests, unpriced, input, cached,
                                 output)
SELECT day, conversation, subject_id, sum(cost_pico), sum(estimated_pico), sum(requests), sum(unpriced), sum(input), sum(cached),
       sum(output)
FROM spend_entries GROUP BY day, conversation, subject_id;

INSERT INTO spend_quarters (quarter, subject_id, ended, completed, timed, total_ms, kept_saved_pico)
SELECT quarter, subject_id, sum(ended), sum(completed), sum(timed), sum(total_ms), sum(kept_saved_pico)
FROM spend_calls WHERE true GROUP BY quarter, subject_id
ON CONFLICT (quarter, subject_id) DO UPDATE SET
    ended = excluded.ended, completed = excluded.completed, timed = excluded.timed, total_ms = excluded.total_ms,
    kept_saved_pico = excluded.kept_saved_pico;

INSERT INTO spend_quarters (quarter, subject_id, wasted_pico)
SELECT p.quarter, p.subject_id, sum(p.cost_pico) FROM spend_calls p
WHERE p.state <> 'complete' AND p.cost_pico > 0 AND EXISTS (
    SELECT 1 FROM calls a WHERE a.run_id = p.run_id AND a.source = 'model' AND a.state = 'complete' AND a.kind <> 'continue')
GROUP BY p.quarter, p.subject_id
ON CONFLICT (quarter, subject_id) DO UPDATE SET wasted_pico = excluded.wasted_pico;

INSERT INTO spend_days (day, subject_id, cost_pico, estimated_pico, entries, requests, unpriced, input, cached, output,
                        cache_saved_pico, ended, completed, timed, total_ms, kept_saved_pico, wasted_pico)
SELECT quarter / 96, subject_id, sum(cost_pico), sum(estimated_pico), sum(entries), sum(requests), sum(unpriced), sum(input),
       sum(cached), sum(output), sum(cache_saved_pico), sum(ended), sum(completed), sum(timed), sum(total_ms),
       sum(kept_saved_pico), sum(wasted_pico)
FROM spend_quarters GROUP BY quarter / 96, subject_id;

INSERT INTO turn_votes (turn_id, provider, model, simulated, at, picked)
SELECT turn_id, provider, model, max(simulated), min(at), max(picked) FROM compared_runs c
WHERE c.turn_id IN (SELECT p.turn_id FROM runs p WHERE p.picked_at IS NOT NULL)
  AND (SELECT count(DISTINCT d.provider || '/' || d.model) FROM compared_runs d WHERE d.turn_id = c.turn_id) > 1
GROUP BY turn_id, provider, model;
