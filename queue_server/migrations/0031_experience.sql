-- What each day has taught a hall of itself: sums over its journal, from its opening to its close.

CREATE TABLE experience (
    hall_id     text   NOT NULL CONSTRAINT experience_of_a_hall REFERENCES halls (id),
    opened_seq  bigint NOT NULL,  -- The journal number of the DayOpened.
    through_seq bigint NOT NULL,  -- The last number that was read.
    day         date   NOT NULL,
    body        json   NOT NULL,
    CONSTRAINT experience_pkey PRIMARY KEY (hall_id, opened_seq),
    CONSTRAINT experience_reads_forwards CHECK (through_seq >= opened_seq)
);
