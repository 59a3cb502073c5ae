-- How invoices are rounded, and which days they speak of.
--
-- Conventions as in 0001. This file is immutable once landed: a change is a new migration.

-- `rounding_pico`: by how much one line of the export may be off because it rounds. Invoices from before were held against a fixed
-- $0.0005. `first_day`, `last_day`: the days it speaks of in UTC, also those of which it says that nothing was used; NULL: those of
-- its lines. `has_more`: it is a page, and others follow that are not here.
ALTER TABLE invoices ADD COLUMN rounding_pico INTEGER NOT NULL DEFAULT 500000000 CHECK (rounding_pico >= 0);
ALTER TABLE invoices ADD COLUMN first_day TEXT CHECK (length(first_day) = 10);
ALTER TABLE invoices ADD COLUMN last_day TEXT CHECK (length(last_day) = 10);
ALTER TABLE invoices ADD COLUMN has_more INTEGER NOT NULL DEFAULT 0 CHECK (has_more IN (0, 1));

-- The same of all lines of the export that were summed here.
ALTER TABLE invoice_lines ADD COLUMN rounding_pico INTEGER NOT NULL DEFAULT 500000000 CHECK (rounding_pico >= 0);
