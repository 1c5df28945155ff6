-- Results that are ready to be collected. Whose they are is sealed: the table itself names nobody.
CREATE TABLE ready_results (
    id           bigint      GENERATED ALWAYS AS IDENTITY CONSTRAINT ready_results_pkey PRIMARY KEY,
    hall_id      text        NOT NULL,
    seal_id      text        NOT NULL,  -- What the seals are bound to: a row has no number before it is written.
    name_sealed  text        NOT NULL,
    code_sealed  text        NOT NULL,
    window_id    text,
    ready_at     timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL,
    announced_by text        NOT NULL,
    collected_at timestamptz,
    collected_by text,
    CONSTRAINT ready_results_collected_by_somebody CHECK ((collected_at IS NULL) = (collected_by IS NULL)),
    CONSTRAINT ready_results_expire_later CHECK (expires_at > ready_at)
);
CREATE INDEX ready_results_to_collect ON ready_results (hall_id, ready_at DESC) WHERE collected_at IS NULL;
CREATE INDEX ready_results_by_age ON ready_results (expires_at);
