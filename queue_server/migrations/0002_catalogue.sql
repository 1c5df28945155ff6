-- What people come for.

CREATE TABLE matters (
    hall_id             text    NOT NULL,
    code                text    NOT NULL,
    position            integer NOT NULL,  -- The order in which the hall lists them.
    name_zh             text    NOT NULL,
    name_en             text    NOT NULL,
    department_zh       text    NOT NULL,
    department_en       text    NOT NULL,
    theme               text    NOT NULL,
    group_id            text,              -- NULL: general business.
    target_minutes      integer NOT NULL,
    kind                text    NOT NULL,
    tags                text[]  NOT NULL,
    synonyms            text[]  NOT NULL,
    specialised_because text    NOT NULL,  -- Not empty: bound to a professional window, for this reason.
    active              boolean NOT NULL,
    CONSTRAINT matters_pkey PRIMARY KEY (hall_id, code),
    CONSTRAINT matters_target_is_positive CHECK (target_minutes > 0),
    CONSTRAINT matters_kind_is_known CHECK (kind IN ('immediate', 'committed')),
    CONSTRAINT matters_specialised_has_a_group CHECK (specialised_because = '' OR group_id IS NOT NULL)
);

-- What a matter was changed to, by whom and when.
CREATE TABLE matter_history (
    id         bigint      GENERATED ALWAYS AS IDENTITY CONSTRAINT matter_history_pkey PRIMARY KEY,
    hall_id    text        NOT NULL,
    code       text        NOT NULL,
    changed_at timestamptz NOT NULL,
    changed_by text        NOT NULL,
    matter     jsonb       NOT NULL
);
CREATE INDEX matter_history_in_order ON matter_history (hall_id, code, id);
