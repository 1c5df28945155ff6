-- Until when somebody is certified for a group or a matter. A row is never changed: the newest one of a subject counts,
-- and one without a last day says that no certificate is asked for any more.

CREATE TABLE certificates (
    id         bigint      GENERATED ALWAYS AS IDENTITY CONSTRAINT certificates_pkey PRIMARY KEY,
    account_id text        NOT NULL CONSTRAINT certificates_of_an_account REFERENCES accounts (id) ON DELETE CASCADE,
    kind       text        NOT NULL,
    subject    text        NOT NULL,  -- The id of the group, or the code of the matter.
    ends_on    date,                  -- The last day on which it holds.
    changed_at timestamptz NOT NULL,
    changed_by text        NOT NULL,
    CONSTRAINT certificates_kind_is_known CHECK (kind IN ('group', 'matter'))
);
CREATE INDEX certificates_newest ON certificates (account_id, kind, subject, id DESC);
