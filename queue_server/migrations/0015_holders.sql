-- One open ticket per person and group, however many processes are asked at once.

-- A chain for each person and group: whoever takes a ticket names the one they had before, which must have ended.
-- Two who take at once name the same one, and the primary key lets only one of them through. Rows are only added;
-- nothing has to be released when a ticket ends. A person is a keyed digest.
CREATE TABLE holders (
    hall_id         text        NOT NULL,
    group_id        text        NOT NULL,
    person          bytea       NOT NULL,
    after_ticket_id bigint      NOT NULL,  -- The one before; 0 for the first.
    ticket_id       bigint      NOT NULL,
    link_sealed     text        NOT NULL,  -- So that who comes again is led to the same ticket.
    held_at         timestamptz NOT NULL,
    place           bigint      GENERATED ALWAYS AS IDENTITY,  -- The last one is the end of the chain.
    CONSTRAINT holders_have_one_ticket_at_a_time PRIMARY KEY (hall_id, group_id, person, after_ticket_id)
);
CREATE INDEX holders_by_person ON holders (hall_id, person);
CREATE INDEX holders_by_age ON holders (held_at);
