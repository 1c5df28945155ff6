-- How often a message was begun to be sent without anybody knowing what came of it.

ALTER TABLE outbox ADD COLUMN begun smallint NOT NULL DEFAULT 0;
