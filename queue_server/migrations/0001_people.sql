-- Who works in a hall, who is signed in, and how a citizen can be reached.

CREATE TABLE accounts (
    id            text        CONSTRAINT accounts_pkey PRIMARY KEY,
    hall_id       text,       -- NULL: not bound to one hall.
    login         text        NOT NULL CONSTRAINT accounts_login_is_taken UNIQUE,
    display_name  text        NOT NULL,
    staff_no      text        NOT NULL,
    role          text        NOT NULL,
    trainee       boolean     NOT NULL,
    mentor_id     text        CONSTRAINT accounts_mentor_exists REFERENCES accounts (id),
    disabled      boolean     NOT NULL,
    password_hash text,       -- NULL: this person does not sign in.
    CONSTRAINT accounts_login_is_lower_case CHECK (login = lower(login)),
    CONSTRAINT accounts_role_is_known CHECK (role IN ('clerk', 'guide', 'manager', 'admin')),
    CONSTRAINT accounts_trainee_has_a_mentor CHECK (NOT trainee OR mentor_id IS NOT NULL),
    CONSTRAINT accounts_nobody_mentors_themselves CHECK (mentor_id <> id)
);
CREATE INDEX accounts_of_a_hall ON accounts (hall_id);

-- What an account was like before, who changed it and when. Never holds a password.
CREATE TABLE account_history (
    id         bigint      GENERATED ALWAYS AS IDENTITY CONSTRAINT account_history_pkey PRIMARY KEY,
    account_id text        NOT NULL CONSTRAINT account_history_of_an_account REFERENCES accounts (id),
    changed_at timestamptz NOT NULL,
    changed_by text        NOT NULL,
    account    jsonb       NOT NULL
);
CREATE INDEX account_history_in_order ON account_history (account_id, id);

CREATE TABLE skills (
    account_id text NOT NULL CONSTRAINT skills_of_an_account REFERENCES accounts (id) ON DELETE CASCADE,
    group_id   text NOT NULL,
    level      text NOT NULL,
    CONSTRAINT skills_pkey PRIMARY KEY (account_id, group_id),
    CONSTRAINT skills_level_is_known CHECK (level IN ('primary', 'secondary', 'emergency'))
);

-- Only a digest of each token: whoever reads this table cannot sign in with it.
CREATE TABLE sessions (
    token_hash bytea       CONSTRAINT sessions_pkey PRIMARY KEY,
    account_id text        NOT NULL CONSTRAINT sessions_of_an_account REFERENCES accounts (id) ON DELETE CASCADE,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE INDEX sessions_by_account ON sessions (account_id);

-- Attempts that did not succeed, by a digest of account and address.
CREATE TABLE sign_in_failures (
    attempt_key    bytea       CONSTRAINT sign_in_failures_pkey PRIMARY KEY,
    failures       integer     NOT NULL,
    last_failed_at timestamptz NOT NULL
);

-- How to reach the citizen behind a ticket: sealed, found by a keyed digest, deleted when no longer needed.
CREATE TABLE contacts (
    hall_id      text        NOT NULL,
    ticket_id    bigint      NOT NULL,
    phone_sealed text        NOT NULL,
    phone_index  bytea       NOT NULL,
    language     text        NOT NULL,
    consent_at   timestamptz NOT NULL,
    CONSTRAINT contacts_pkey PRIMARY KEY (hall_id, ticket_id)
);
CREATE INDEX contacts_by_phone ON contacts (phone_index);
CREATE INDEX contacts_by_age ON contacts (consent_at);
