-- A hall: what it is made of, its journal, and what reports need of it.

CREATE TABLE halls (
    id       text CONSTRAINT halls_pkey PRIMARY KEY,
    name_zh  text NOT NULL,
    name_en  text NOT NULL,
    timezone text NOT NULL,
    hours    json NOT NULL,  -- Weekly, extended and roster sessions, and exceptions.
    rules    json NOT NULL,  -- What differs from the default rules.
    general_group_id text,   -- Takes every matter that nobody mapped.
    epoch    text NOT NULL,  -- Changes when a journal begins anew, for example after a restored backup.
    CONSTRAINT halls_id_is_plain CHECK (id ~ '^[a-z0-9_-]{1,40}$')
);

CREATE TABLE zones (
    hall_id  text    NOT NULL CONSTRAINT zones_of_a_hall REFERENCES halls (id),
    id       text    NOT NULL,
    position integer NOT NULL,
    name_zh  text    NOT NULL,
    name_en  text    NOT NULL,
    CONSTRAINT zones_pkey PRIMARY KEY (hall_id, id)
);

CREATE TABLE groups (
    hall_id          text    NOT NULL CONSTRAINT groups_of_a_hall REFERENCES halls (id),
    id               text    NOT NULL,
    position         integer NOT NULL,
    name_zh          text    NOT NULL,
    name_en          text    NOT NULL,
    prefix           text    NOT NULL,
    green_prefix     text,
    kind             text    NOT NULL,
    zone_id          text,
    capacity         integer,
    mean_seconds     integer NOT NULL,
    undifferentiated boolean NOT NULL,
    CONSTRAINT groups_pkey PRIMARY KEY (hall_id, id),
    CONSTRAINT groups_prefix_is_letters CHECK (prefix ~ '^[A-Z]{1,3}$' AND green_prefix ~ '^[A-Z]{1,3}$'),
    CONSTRAINT groups_capacity_is_positive CHECK (capacity > 0),
    CONSTRAINT groups_mean_is_positive CHECK (mean_seconds > 0)
);

CREATE TABLE windows (
    hall_id   text    NOT NULL CONSTRAINT windows_of_a_hall REFERENCES halls (id),
    id        text    NOT NULL,
    position  integer NOT NULL,
    name_zh   text    NOT NULL,
    name_en   text    NOT NULL,
    kind      text    NOT NULL,
    zone_id   text,
    green     boolean NOT NULL,
    group_ids text[]  NOT NULL,
    CONSTRAINT windows_pkey PRIMARY KEY (hall_id, id)
);

-- What has happened in a hall, in order. The primary key is the only lock: two processes cannot both
-- write the next line. Rows are never changed. No personal data ever stands in one.
CREATE TABLE journal (
    hall_id text        NOT NULL,
    seq     bigint      NOT NULL,
    at      timestamptz NOT NULL,
    by      text        NOT NULL,
    name    text        NOT NULL,
    body    json        NOT NULL,
    CONSTRAINT journal_pkey PRIMARY KEY (hall_id, seq)
);
-- A hall is rebuilt from its last day.
CREATE INDEX journal_days ON journal (hall_id, seq) WHERE name = 'DayOpened';

-- Report rows. Both are written with their events and can be derived again from the journal.
CREATE TABLE facts_issued (
    hall_id        text        NOT NULL,
    ticket_id      bigint      NOT NULL,
    day            date        NOT NULL,
    number         text        NOT NULL,
    group_id       text        NOT NULL,
    matters        text        NOT NULL,  -- Codes, separated by commas.
    channel        text        NOT NULL,
    priority_class text,
    issued_at      timestamptz NOT NULL,
    link_hash      text        NOT NULL,
    CONSTRAINT facts_issued_pkey PRIMARY KEY (hall_id, ticket_id),
    CONSTRAINT facts_issued_number_is_unique UNIQUE (hall_id, day, number)
);
-- A citizen's link finds the ticket, also when it has ended.
CREATE INDEX facts_issued_by_link ON facts_issued (link_hash);

CREATE TABLE facts_ended (
    hall_id         text        NOT NULL,
    ticket_id       bigint      NOT NULL,
    day             date        NOT NULL,
    number          text        NOT NULL,
    group_id        text        NOT NULL,
    state           text        NOT NULL,
    reason          text        NOT NULL,
    priority_class  text,
    issued_at       timestamptz NOT NULL,
    first_called_at timestamptz,
    started_at      timestamptz,
    ended_at        timestamptz NOT NULL,
    window_id       text,
    clerk_id        text,
    wait_seconds    real,
    service_seconds real        NOT NULL,
    hold_seconds    real        NOT NULL,
    hops            integer     NOT NULL,
    returns         integer     NOT NULL,
    CONSTRAINT facts_ended_pkey PRIMARY KEY (hall_id, ticket_id)
);
CREATE INDEX facts_ended_of_a_day ON facts_ended (hall_id, day);
