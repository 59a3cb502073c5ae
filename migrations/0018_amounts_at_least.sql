-- Entries on top of which fees outside tokens may come are few, and every sum they are in has to say so: they are found without
-- walking through the books.
--
-- Conventions as in 0001. This file is immutable once landed: a change is a new migration.

CREATE INDEX ledger_entries_at_least ON ledger_entries (at) WHERE cost_at_least = 1;
