-- Tags and folders of conversations, and what a run has to keep for the books of a process that dies.
--
-- Conventions as in 0001. This file is immutable once landed: a change is a new migration.

-- `folder`: a plain name, no path; NULL: in none. `tags`: an array of distinct names, in the user's order.
ALTER TABLE conversations ADD COLUMN folder TEXT CHECK (folder <> '');
ALTER TABLE conversations ADD COLUMN tags TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(tags));

CREATE INDEX conversations_by_folder ON conversations (folder) WHERE folder IS NOT NULL;

-- `spend_source`: what the run's calls are made for, the word of `ledger_entries.source`. (`runs.source` says where the answer
-- comes from.) `begun_cost`: what the part it goes on from has cost, as the engine writes it; NULL: it began with nothing.
ALTER TABLE runs ADD COLUMN spend_source TEXT NOT NULL DEFAULT 'chat' CHECK (spend_source <> '');
ALTER TABLE runs ADD COLUMN begun_cost TEXT CHECK (json_valid(begun_cost));

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
       r.source, r.saved_pico, r.segments, r.offers, r.route, r.spend_source, r.begun_cost
FROM runs r;
