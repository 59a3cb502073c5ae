-- How long a model's answers usually are is read off its calls, which outlive their conversations: the latest complete ones are found
-- here.
--
-- Conventions as in 0001. This file is immutable once landed: a change is a new migration.

CREATE INDEX calls_by_answer ON calls (provider, model, at, output_tokens)
WHERE source = 'model' AND state = 'complete' AND output_tokens IS NOT NULL;
