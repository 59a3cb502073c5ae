-- Whether the amount of an invoice's line is rough: part of it is an estimate of the issuer's, or may be missing.
--
-- Conventions as in 0001. This file is immutable once landed: a change is a new migration.

-- What OpenRouter says was used with keys of one's own was left out of its lines until now: none of them is known to be whole.
ALTER TABLE invoice_lines ADD COLUMN rough INTEGER NOT NULL DEFAULT 0 CHECK (rough IN (0, 1));
UPDATE invoice_lines SET rough = 1 WHERE invoice_id IN (SELECT id FROM invoices WHERE issuer = 'openrouter');
