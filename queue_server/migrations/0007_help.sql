-- How quickly somebody who was to be fetched was: since when, when a guide said "I go", and who. Arrival is
-- `started_at`. Empty for whoever found the way alone.

ALTER TABLE facts_ended
    ADD COLUMN due_at    timestamptz,
    ADD COLUMN helped_at timestamptz,
    ADD COLUMN helper_id text;
