-- Calls with a key of the environment are filed under what its money is booked under, which their attempt knows.
--
-- Conventions as in 0001. This file is immutable once landed: a change is a new migration. Calls that ended before stay where they were
-- counted: under no key, as their money is.

DROP VIEW spend_calls;

-- Calls as the sums see them, with what their attempt, their run and its conversation say as long as these are there.
CREATE VIEW spend_calls AS
SELECT c.*, s.id AS subject_id
FROM (SELECT c.id, c.run_id, c.at, c.source AS origin, c.kind, c.state, c.cost_pico, c.simulated, c.provider, c.model,
             c.at / 900000 AS quarter, c.at / 86400000 AS day,
             CASE WHEN c.key_name IS NULL THEN ''
                  WHEN c.key_name LIKE 'env:%' THEN coalesce((SELECT a.key_id FROM attempts a WHERE a.id = c.id), '')
                  ELSE c.key_name END AS key_id,
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
