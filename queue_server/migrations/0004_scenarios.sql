-- The cases within a matter, what to bring in each, and where one need not come at all.

ALTER TABLE matters
    ADD COLUMN online_zh text NOT NULL DEFAULT '',  -- A sentence that says where; empty: only in the hall.
    ADD COLUMN online_en text NOT NULL DEFAULT '',
    ADD CONSTRAINT matters_online_in_both_languages CHECK ((online_zh = '') = (online_en = ''));

CREATE TABLE scenarios (
    hall_id  text    NOT NULL,
    matter   text    NOT NULL,
    code     text    NOT NULL,
    position integer NOT NULL,
    name_zh  text    NOT NULL,
    name_en  text    NOT NULL,
    group_id text,              -- NULL: where the matter is done.
    CONSTRAINT scenarios_pkey PRIMARY KEY (hall_id, matter, code),
    CONSTRAINT scenarios_of_a_matter FOREIGN KEY (hall_id, matter) REFERENCES matters (hall_id, code)
        ON DELETE CASCADE,
    CONSTRAINT scenarios_code_is_plain CHECK (code ~ '^[A-Za-z0-9_-]{1,40}$')
);

CREATE TABLE materials (
    hall_id        text    NOT NULL,
    matter         text    NOT NULL,
    position       integer NOT NULL,
    name_zh        text    NOT NULL,
    name_en        text    NOT NULL,
    tolerable      boolean NOT NULL,  -- May be handed in later.
    exempt         boolean NOT NULL,  -- Need not be brought: an e-licence or another office has it.
    only_scenarios text[]  NOT NULL,  -- Empty: needed in every case.
    CONSTRAINT materials_pkey PRIMARY KEY (hall_id, matter, position),
    CONSTRAINT materials_of_a_matter FOREIGN KEY (hall_id, matter) REFERENCES matters (hall_id, code)
        ON DELETE CASCADE
);
