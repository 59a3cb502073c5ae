-- Routes: how a run came to its model, who wrote which part of it, what is offered about it, and why.
--
-- Conventions as in 0001. This file is immutable once landed: a change is a new migration.

-- `source`: model, cache, shared or last_resort. `saved_pico`: what an answer would have cost that no call was made for.
-- `segments`, `offers` and `route` are what the window shows, as the engine writes it.
ALTER TABLE runs ADD COLUMN source TEXT NOT NULL DEFAULT 'model' CHECK (source <> '');
ALTER TABLE runs ADD COLUMN saved_pico INTEGER CHECK (saved_pico >= 0);
ALTER TABLE runs ADD COLUMN segments TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(segments));
ALTER TABLE runs ADD COLUMN offers TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(offers));
ALTER TABLE runs ADD COLUMN route TEXT CHECK (json_valid(route));

-- How a call came about (first, retry, next_key, fallback, trimmed, continue, regenerate, try_anyway), and the rung and the
-- pool it was made for.
ALTER TABLE attempts ADD COLUMN kind TEXT NOT NULL DEFAULT 'first' CHECK (kind <> '');
ALTER TABLE attempts ADD COLUMN route_group TEXT;
ALTER TABLE attempts ADD COLUMN route_echelon INTEGER CHECK (route_echelon >= 1);
ALTER TABLE attempts ADD COLUMN route_pool TEXT;

-- Why a run was answered by whom. No prompt text and no key is in here.
CREATE TABLE route_traces (
    run_id TEXT NOT NULL PRIMARY KEY REFERENCES runs (id) ON DELETE CASCADE,
    trace  TEXT NOT NULL CHECK (json_valid(trace))
) STRICT;

DROP VIEW answers;

-- A run as readers see it: with the text that has been checkpointed so far.
CREATE VIEW answers AS
SELECT r.id, r.turn_id, r.lane_id, r.lane_position, r.version, r.lease_id, r.target, r.params, r.state,
       r.text || coalesce((SELECT group_concat(d.text, '' ORDER BY d.seq) FROM run_deltas d WHERE d.run_id = r.id), '')
           AS text,
       r.reasoning || coalesce(
           (SELECT group_concat(d.reasoning, '' ORDER BY d.seq) FROM run_deltas d WHERE d.run_id = r.id), '')
           AS reasoning,
       r.refusal, r.tool_calls, r.opaque, r.notices, r.finish_reason, r.provider, r.model_requested, r.model_served,
       r.usage_input, r.usage_output, r.usage_cached, r.usage_cache_write, r.usage_reasoning, r.usage_raw,
       r.cost_known, r.cost_pico, r.cost_exact, r.cost_at_least, r.cost_lines, r.provenance, r.price_date, r.simulated,
       r.error, r.ttft_ms, r.total_ms, r.started_at, r.finished_at, r.checkpoint_at, r.picked_at,
       r.source, r.saved_pico, r.segments, r.offers, r.route
FROM runs r;
