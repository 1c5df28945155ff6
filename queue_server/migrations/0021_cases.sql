-- Cases: rows with a history. The body is the whole case; the columns beside it are what it is looked for by.

CREATE TABLE cases (
    id         bigint      GENERATED ALWAYS AS IDENTITY CONSTRAINT cases_pkey PRIMARY KEY,
    hall_id    text        NOT NULL,
    code       text        NOT NULL CONSTRAINT cases_code_is_unique UNIQUE,
    version    integer     NOT NULL,
    stage      text        NOT NULL,
    matter     text        NOT NULL,
    department text        NOT NULL,
    ticket_id  bigint      NOT NULL,
    receipt_no text,                   -- NULL: nothing was received yet.
    due_on     date,                   -- NULL: not accepted, or in a year whose holidays nobody knows.
    supply_on  date,                   -- Until when promised materials come, while one is still owed.
    ended_at   timestamptz,
    body       jsonb       NOT NULL,
    CONSTRAINT cases_receipt_is_unique UNIQUE (hall_id, receipt_no)
);
CREATE INDEX cases_of_a_ticket ON cases (hall_id, ticket_id);
CREATE INDEX cases_to_decide ON cases (hall_id, department, due_on) WHERE stage IN ('accepted', 'in_review');
CREATE INDEX cases_with_debts ON cases (supply_on) WHERE supply_on IS NOT NULL;

-- One line for each version of a case: whoever writes one that is there already has lost a race.
CREATE TABLE case_history (
    id      bigint      GENERATED ALWAYS AS IDENTITY CONSTRAINT case_history_id_is_unique UNIQUE,
    case_id bigint      NOT NULL CONSTRAINT case_history_of_a_case REFERENCES cases (id),
    version integer     NOT NULL,
    at      timestamptz NOT NULL,
    name    text        NOT NULL,
    by_id   text        NOT NULL,
    by_name text        NOT NULL,
    details jsonb       NOT NULL,
    CONSTRAINT case_history_pkey PRIMARY KEY (case_id, version)
);

-- Whose case it is, sealed. Nothing else about a case names anybody.
CREATE TABLE applicants (
    case_id       bigint NOT NULL CONSTRAINT applicants_pkey PRIMARY KEY
                         CONSTRAINT applicants_of_a_case REFERENCES cases (id),
    kind          text   NOT NULL,
    name_sealed   text   NOT NULL,
    number_sealed text   NOT NULL,
    number_index  bytea  NOT NULL,  -- A keyed digest, to find the cases of the same applicant.
    CONSTRAINT applicants_kind_is_known CHECK (kind IN ('resident', 'firm', 'permit'))
);
CREATE INDEX applicants_by_number ON applicants (number_index);

-- The last serial that was given, so that numbers follow one another without a gap.
CREATE TABLE receipt_serials (
    hall_id text    NOT NULL,
    year    integer NOT NULL,
    last    integer NOT NULL,
    CONSTRAINT receipt_serials_pkey PRIMARY KEY (hall_id, year)
);

-- Until when a department lets the hall's windows accept a matter. A matter without a row needs no letter.
CREATE TABLE delegations (
    hall_id    text        NOT NULL,
    matter     text        NOT NULL,
    ends_on    date        NOT NULL,
    ask        text        NOT NULL,  -- Who can renew it.
    changed_at timestamptz NOT NULL,
    changed_by text        NOT NULL,
    CONSTRAINT delegations_pkey PRIMARY KEY (hall_id, matter)
);
