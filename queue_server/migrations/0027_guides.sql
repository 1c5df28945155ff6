-- Guides of matters in versions: what was published is never changed, only followed by another version.

CREATE TABLE guides (
    hall_id      text        NOT NULL,
    matter       text        NOT NULL,
    version      integer     NOT NULL,
    guide        jsonb       NOT NULL,
    published_at timestamptz NOT NULL,
    published_by text        NOT NULL,
    edited_by    text        NOT NULL,
    note         text        NOT NULL,  -- How this version came about: its own word, or a reason.
    CONSTRAINT guides_pkey PRIMARY KEY (hall_id, matter, version)
);

-- At most one draft of a guide. Whoever saves says which revision they have seen.
CREATE TABLE guide_drafts (
    hall_id    text        NOT NULL,
    matter     text        NOT NULL,
    revision   integer     NOT NULL,
    in_review  boolean     NOT NULL,
    guide      jsonb       NOT NULL,
    changed_at timestamptz NOT NULL,
    changed_by text        NOT NULL,
    changed_by_name text   NOT NULL,
    CONSTRAINT guide_drafts_pkey PRIMARY KEY (hall_id, matter)
);

-- What departments would like to see changed, and what became of it.
CREATE TABLE guide_suggestions (
    id         bigint      GENERATED ALWAYS AS IDENTITY CONSTRAINT guide_suggestions_pkey PRIMARY KEY,
    hall_id    text        NOT NULL,
    matter     text        NOT NULL,
    before     jsonb       NOT NULL,
    after      jsonb       NOT NULL,
    reason     text        NOT NULL,
    made_at    timestamptz NOT NULL,
    made_by    text        NOT NULL,
    made_by_name text      NOT NULL,
    state      text        NOT NULL CONSTRAINT guide_suggestions_state_is_known
                           CHECK (state IN ('open', 'accepted', 'declined')),
    settled_at timestamptz,
    settled_by text,
    version    integer                 -- The version it has become.
);
CREATE INDEX guide_suggestions_of_a_hall ON guide_suggestions (hall_id, state, id);

-- A department asks for a new letter; it counts once the reform office has approved it.
CREATE TABLE delegation_renewals (
    id         bigint      GENERATED ALWAYS AS IDENTITY CONSTRAINT delegation_renewals_pkey PRIMARY KEY,
    hall_id    text        NOT NULL,
    matter     text        NOT NULL,
    ends_on    date        NOT NULL,
    reason     text        NOT NULL,
    asked_at   timestamptz NOT NULL,
    asked_by   text        NOT NULL,
    asked_by_name text     NOT NULL,
    state      text        NOT NULL CONSTRAINT delegation_renewals_state_is_known
                           CHECK (state IN ('open', 'approved', 'declined')),
    settled_at timestamptz,
    settled_by text
);
CREATE UNIQUE INDEX delegation_renewals_one_open ON delegation_renewals (hall_id, matter) WHERE state = 'open';
