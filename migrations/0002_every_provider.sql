-- Files, settings per provider and model, what token counts have taught, embeddings, and prices beside the built-in list.
--
-- Conventions as in 0001. This file is immutable once landed: a change is a new migration.

-- Files that go along with prompts, by their content: the same bytes are kept once. `turns.parts` refers to them.
CREATE TABLE attachments (
    sha256     TEXT    NOT NULL PRIMARY KEY CHECK (length(sha256) = 64),
    media_type TEXT    NOT NULL,
    name       TEXT    NOT NULL,
    size       INTEGER NOT NULL CHECK (size = length(bytes)),
    created_at INTEGER NOT NULL,
    bytes      BLOB    NOT NULL -- last, so that reading the facts does not walk through it
) STRICT;

-- Which turns have which files: what nobody uses any more can be found, and what somebody uses cannot go.
CREATE TABLE turn_attachments (
    turn_id    TEXT    NOT NULL REFERENCES turns (id) ON DELETE CASCADE,
    attachment TEXT    NOT NULL REFERENCES attachments (sha256),
    PRIMARY KEY (turn_id, attachment)
) STRICT, WITHOUT ROWID;

CREATE INDEX turn_attachments_by_attachment ON turn_attachments (attachment);

-- Which files stand in a conversation's composer, in their order, beside `conversations.draft`.
CREATE TABLE draft_attachments (
    conversation_id TEXT    NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    attachment      TEXT    NOT NULL REFERENCES attachments (sha256),
    position        INTEGER NOT NULL CHECK (position >= 0),
    PRIMARY KEY (conversation_id, attachment)
) STRICT, WITHOUT ROWID;

CREATE INDEX draft_attachments_by_attachment ON draft_attachments (attachment);

-- Everything that has a file, and in which conversation.
CREATE VIEW attachment_uses AS
SELECT a.attachment, t.conversation_id FROM turn_attachments a JOIN turns t ON t.id = a.turn_id
UNION ALL
SELECT d.attachment, d.conversation_id FROM draft_attachments d;

-- What was left out or changed when the run was sent, for people.
ALTER TABLE runs ADD COLUMN notices TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(notices));

-- How long a model's answers usually are: the last ones are looked at, without reading their text.
CREATE INDEX runs_complete_by_model ON runs (provider, model_requested, started_at, usage_output) WHERE state = 'complete';

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
       r.error, r.ttft_ms, r.total_ms, r.started_at, r.finished_at, r.checkpoint_at, r.picked_at
FROM runs r;

-- Values for all models of a provider, and its way through the network. Its headers stay in `extra_headers`.
ALTER TABLE providers ADD COLUMN settings TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(settings));

-- Values for one model. Providers that are only implied (the demo, a key in the environment) have no row, so this points at none.
CREATE TABLE model_settings (
    provider   TEXT    NOT NULL CHECK (provider <> ''),
    model      TEXT    NOT NULL CHECK (model <> ''),
    params     TEXT    NOT NULL DEFAULT '{}' CHECK (json_valid(params)),
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (provider, model)
) STRICT, WITHOUT ROWID;

-- What providers have reported for prompts that were estimated first: sums over the latest samples.
CREATE TABLE token_ratios (
    provider   TEXT    NOT NULL CHECK (provider <> ''),
    model      TEXT    NOT NULL CHECK (model <> ''),
    estimated  INTEGER NOT NULL CHECK (estimated > 0),
    reported   INTEGER NOT NULL CHECK (reported > 0),
    samples    INTEGER NOT NULL CHECK (samples > 0),
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (provider, model)
) STRICT, WITHOUT ROWID;

-- Vectors by a hash of content, model and dimensions; `vector` is 32-bit floats, little endian.
CREATE TABLE embeddings (
    key        BLOB    NOT NULL PRIMARY KEY CHECK (length(key) = 32),
    provider   TEXT    NOT NULL,
    model      TEXT    NOT NULL,
    dimensions INTEGER NOT NULL CHECK (dimensions > 0),
    vector     BLOB    NOT NULL CHECK (length(vector) = 4 * dimensions),
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;

CREATE INDEX embeddings_by_expiry ON embeddings (expires_at);

-- Facts and prices beside the list the program was built with: `update` from a public list, `own` by the user, `held` offered by
-- a list but not in force. The word is not listed in a CHECK, because it may grow. `provider` is a dialect.
CREATE TABLE catalogue_models (
    provider   TEXT    NOT NULL CHECK (provider <> ''),
    model      TEXT    NOT NULL CHECK (model <> ''),
    origin     TEXT    NOT NULL CHECK (origin <> ''),
    facts      TEXT    NOT NULL CHECK (json_valid(facts)),
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (provider, model, origin)
) STRICT;
