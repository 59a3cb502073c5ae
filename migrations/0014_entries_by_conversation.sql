-- What a conversation has cost within a stretch of time is found without walking through everything it ever cost.
--
-- Conventions as in 0001. This file is immutable once landed: a change is a new migration.

DROP INDEX ledger_entries_by_conversation;
CREATE INDEX ledger_entries_by_conversation ON ledger_entries (conversation_id, at) WHERE conversation_id IS NOT NULL;
