-- Matters that are applied for together, and which cases belong to which whole.

CREATE TABLE chains (
    hall_id    text        NOT NULL,
    code       text        NOT NULL,
    body       jsonb       NOT NULL,
    changed_at timestamptz NOT NULL,
    changed_by text        NOT NULL,
    CONSTRAINT chains_pkey PRIMARY KEY (hall_id, code)
);

-- Whoever changes a member locks its master first, so no two of them wait for one another.
CREATE TABLE chain_members (
    case_id   bigint NOT NULL CONSTRAINT chain_members_pkey PRIMARY KEY
                     CONSTRAINT chain_members_of_a_case REFERENCES cases (id),
    master_id bigint NOT NULL CONSTRAINT chain_members_of_a_master REFERENCES cases (id)
);
CREATE INDEX chain_members_of_one ON chain_members (master_id);
