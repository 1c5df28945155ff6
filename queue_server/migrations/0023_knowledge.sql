-- What windows need to know, kept by the departments; questions from windows; what a reviewer judges.

-- An entry as it stands: its newest version, and the one that clerks find. A draft leaves that one alone.
CREATE TABLE knowledge (
    id            bigint  GENERATED ALWAYS AS IDENTITY CONSTRAINT knowledge_pkey PRIMARY KEY,
    hall_id       text    NOT NULL,
    version       integer NOT NULL,
    shown_version integer             -- NULL: never published, or withdrawn.
);
CREATE INDEX knowledge_of_a_hall ON knowledge (hall_id);

-- Every version for ever: a case that cites one shows the text as it was.
CREATE TABLE knowledge_versions (
    entry_id bigint      NOT NULL CONSTRAINT knowledge_versions_of_an_entry REFERENCES knowledge (id),
    version  integer     NOT NULL,
    state    text        NOT NULL,
    at       timestamptz NOT NULL,
    by_id    text        NOT NULL,
    by_name  text        NOT NULL,
    body     jsonb       NOT NULL,
    CONSTRAINT knowledge_versions_pkey PRIMARY KEY (entry_id, version),
    CONSTRAINT knowledge_state_is_known CHECK (state IN ('draft', 'published', 'withdrawn'))
);

-- What clerks looked for in vain, so that a department can write it down.
CREATE TABLE knowledge_misses (
    hall_id text        NOT NULL,
    query   text        NOT NULL,
    matter  text        NOT NULL,
    times   integer     NOT NULL,
    last_at timestamptz NOT NULL,
    CONSTRAINT knowledge_misses_pkey PRIMARY KEY (hall_id, query, matter)
);

-- What a reviewer looks at before deciding on a matter: item, method and standard, in both languages.
CREATE TABLE review_points (
    hall_id    text        NOT NULL,
    matter     text        NOT NULL,
    points     jsonb       NOT NULL,
    changed_at timestamptz NOT NULL,
    changed_by text        NOT NULL,
    CONSTRAINT review_points_pkey PRIMARY KEY (hall_id, matter)
);

ALTER TABLE cases ADD COLUMN asked_at timestamptz;  -- Of the oldest question that nobody has answered.
CREATE INDEX cases_with_questions ON cases (hall_id, asked_at) WHERE asked_at IS NOT NULL;
