-- Which departments have a say in a matter, what they have to do, and who may decide for them until when.

CREATE TABLE flows (
    hall_id    text        NOT NULL,
    matter     text        NOT NULL,
    body       jsonb       NOT NULL,
    changed_at timestamptz NOT NULL,
    changed_by text        NOT NULL,
    CONSTRAINT flows_pkey PRIMARY KEY (hall_id, matter)
);

-- The tasks of a case stand in its body; here is what an inbox looks for.
CREATE TABLE case_tasks (
    case_id    bigint  NOT NULL CONSTRAINT case_tasks_of_a_case REFERENCES cases (id),
    place      integer NOT NULL,
    hall_id    text    NOT NULL,
    department text    NOT NULL,
    due_on     date,                -- NULL: in a year whose holidays nobody knows.
    is_open    boolean NOT NULL,
    CONSTRAINT case_tasks_pkey PRIMARY KEY (case_id, place)
);
CREATE INDEX case_tasks_of_a_department ON case_tasks (hall_id, department, due_on) WHERE is_open;

-- By this somebody may decide for a department. After its last day the one who stands in does.
CREATE TABLE deciders (
    hall_id    text        NOT NULL,
    account_id text        NOT NULL,
    department text        NOT NULL,
    ends_on    date        NOT NULL,
    stand_in   text,                -- An account. NULL: nobody was named.
    changed_at timestamptz NOT NULL,
    changed_by text        NOT NULL,
    CONSTRAINT deciders_pkey PRIMARY KEY (hall_id, account_id)
);
CREATE INDEX deciders_by_stand_in ON deciders (hall_id, stand_in) WHERE stand_in IS NOT NULL;
