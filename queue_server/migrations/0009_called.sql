-- One line for every call, by which rule it happened and what decided it, so that "why was 018 before me?" has
-- the true answer. The reason of an exception is kept for managers and never shown to citizens.
CREATE TABLE facts_called (
    hall_id   text        NOT NULL,
    seq       bigint      NOT NULL,
    ticket_id bigint      NOT NULL,
    day       date        NOT NULL,
    number    text        NOT NULL,
    group_id  text        NOT NULL,
    window_id text        NOT NULL,
    clerk_id  text        NOT NULL,
    rule      text        NOT NULL,
    reason    text        NOT NULL,
    undone    boolean     NOT NULL, -- This line takes the call before it back.
    green     boolean     NOT NULL, -- First by law. By which one is nobody's business.
    serves    text        NOT NULL, -- Ids, with commas.
    cannot    text        NOT NULL,
    anchor    bigint      NOT NULL,
    turn      bigint      NOT NULL,
    returns   integer     NOT NULL,
    defers    integer     NOT NULL,
    issued_at timestamptz NOT NULL,
    called_at timestamptz NOT NULL,
    CONSTRAINT facts_called_pkey PRIMARY KEY (hall_id, seq)
);
CREATE INDEX facts_called_of_a_number ON facts_called (hall_id, day, number);
CREATE INDEX facts_called_of_a_ticket ON facts_called (hall_id, ticket_id);
