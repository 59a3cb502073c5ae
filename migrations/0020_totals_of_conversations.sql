-- What a conversation has cost stands beside it: the list of conversations and the sums of folders walk through no books.
--
-- Conventions as in 0001. This file is immutable once landed: a change is a new migration.

-- Of each conversation that has an entry, what all its entries come to, whatever they are booked under. Real and invented money
-- apart; `unpriced_calls`: real calls whose cost is not known; `estimated`, `at_least`: some of the real entries are. What a
-- deleted conversation has cost is told by the books and by the sums of days. A sum beyond what a column holds stays the largest
-- there is: booking never fails for a sum's sake.
CREATE TABLE conversation_totals (
    conversation_id TEXT    NOT NULL PRIMARY KEY REFERENCES conversations (id) ON DELETE CASCADE,
    real_pico       INTEGER NOT NULL,
    simulated_pico  INTEGER NOT NULL,
    calls           INTEGER NOT NULL,
    simulated_calls INTEGER NOT NULL,
    unpriced_calls  INTEGER NOT NULL,
    estimated       INTEGER NOT NULL CHECK (estimated IN (0, 1)),
    at_least        INTEGER NOT NULL CHECK (at_least IN (0, 1))
) STRICT, WITHOUT ROWID;

-- An entry of a conversation that is gone meanwhile is in the books alone.
CREATE TRIGGER conversation_totals_follow_the_books AFTER INSERT ON ledger_entries
WHEN NEW.conversation_id IS NOT NULL AND EXISTS (SELECT 1 FROM conversations WHERE id = NEW.conversation_id)
BEGIN
    INSERT INTO conversation_totals (conversation_id, real_pico, simulated_pico, calls, simulated_calls, unpriced_calls, estimated,
                                     at_least)
    VALUES (NEW.conversation_id,
            iif(NEW.simulated = 0, coalesce(NEW.cost_pico, 0), 0), iif(NEW.simulated = 1, coalesce(NEW.cost_pico, 0), 0),
            NEW.simulated = 0 AND NEW.kind = 'call', NEW.simulated = 1 AND NEW.kind = 'call',
            NEW.simulated = 0 AND NEW.kind = 'call' AND NEW.cost_pico IS NULL,
            NEW.simulated = 0 AND NEW.provenance IS 'estimated', NEW.simulated = 0 AND NEW.cost_at_least = 1)
    ON CONFLICT (conversation_id) DO UPDATE SET
        real_pico = max(min(real_pico + excluded.real_pico, 9223372036854775807), -9223372036854775807),
        simulated_pico = max(min(simulated_pico + excluded.simulated_pico, 9223372036854775807), -9223372036854775807),
        calls = calls + excluded.calls, simulated_calls = simulated_calls + excluded.simulated_calls,
        unpriced_calls = unpriced_calls + excluded.unpriced_calls,
        estimated = max(estimated, excluded.estimated), at_least = max(at_least, excluded.at_least);
END;

-- What is in the books already.
INSERT INTO conversation_totals (conversation_id, real_pico, simulated_pico, calls, simulated_calls, unpriced_calls, estimated,
                                 at_least)
SELECT e.conversation_id,
       coalesce(sum(e.cost_pico) FILTER (WHERE e.simulated = 0), 0), coalesce(sum(e.cost_pico) FILTER (WHERE e.simulated = 1), 0),
       count(*) FILTER (WHERE e.simulated = 0 AND e.kind = 'call'), count(*) FILTER (WHERE e.simulated = 1 AND e.kind = 'call'),
       count(*) FILTER (WHERE e.simulated = 0 AND e.kind = 'call' AND e.cost_pico IS NULL),
       coalesce(max(e.provenance IS 'estimated') FILTER (WHERE e.simulated = 0), 0),
       coalesce(max(e.cost_at_least) FILTER (WHERE e.simulated = 0), 0)
FROM conversations c JOIN ledger_entries e ON e.conversation_id = c.id
GROUP BY e.conversation_id;
