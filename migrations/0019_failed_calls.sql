-- The newest calls of a model that failed are looked for by time. Few fail, and the others need not be read for it.
CREATE INDEX calls_failed ON calls (at, provider, model)
WHERE source = 'model' AND state NOT IN ('complete', 'cancelled', 'interrupted');
