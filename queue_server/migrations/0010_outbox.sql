-- Messages to people's phones: put here in the transaction of what they tell, sent by the worker.

-- One row per rung of a message's ladder. Times are this server's own, so that no clock of a hall or of a worker
-- decides what is late. No phone stands here: the subject leads to the sealed contact.
CREATE TABLE outbox (
    id             bigint      GENERATED ALWAYS AS IDENTITY CONSTRAINT outbox_pkey PRIMARY KEY,
    hall_id        text        NOT NULL,
    subject        text        NOT NULL,  -- What it is about, such as "h1/17".
    kind           text        NOT NULL,
    occurrence     bigint      NOT NULL,  -- Which time this is said; it grows.
    channel        text        NOT NULL,
    later_channels text        NOT NULL,  -- The rungs above, separated by commas.
    language       text        NOT NULL,
    text_key       text        NOT NULL,
    body           json        NOT NULL,  -- The values of the text.
    priority       smallint    NOT NULL,
    keep_seconds   integer     NOT NULL,  -- Later than this it is worth nothing.
    put_at         timestamptz NOT NULL DEFAULT now(),
    state          text        NOT NULL DEFAULT 'queued',
    due_at         timestamptz NOT NULL DEFAULT now(),  -- The next attempt, or the end of the lease.
    climb_at       timestamptz,           -- When the next rung is taken unless somebody has answered.
    attempts       smallint    NOT NULL DEFAULT 0,
    provider       text        NOT NULL DEFAULT '',
    provider_ref   text        NOT NULL DEFAULT '',
    reason         text        NOT NULL DEFAULT '',
    cost           numeric(10, 4) NOT NULL DEFAULT 0,
    sent_at        timestamptz,
    CONSTRAINT outbox_says_it_once UNIQUE (subject, kind, occurrence, channel),
    CONSTRAINT outbox_state_is_known CHECK (state IN
        ('queued', 'sending', 'retry_wait', 'sent', 'delivered', 'fallback', 'suppressed', 'abandoned'))
);
CREATE INDEX outbox_to_send ON outbox (channel, priority, id) WHERE state IN ('queued', 'sending', 'retry_wait');
CREATE INDEX outbox_to_climb ON outbox (climb_at) WHERE climb_at IS NOT NULL;
CREATE INDEX outbox_by_reference ON outbox (provider, provider_ref) WHERE provider_ref <> '';
CREATE INDEX outbox_of_a_hall ON outbox (hall_id, id);

-- From this occurrence on, older messages of these kinds about the subject are not worth sending any more.
CREATE TABLE withdrawals (
    subject      text        NOT NULL,
    occurrence   bigint      NOT NULL,
    kinds        text        NOT NULL,  -- Separated by commas.
    withdrawn_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT withdrawals_pkey PRIMARY KEY (subject, occurrence)
);
CREATE INDEX withdrawals_by_age ON withdrawals (withdrawn_at);

-- What providers said about messages, in whatever order it came, also before we knew their reference.
CREATE TABLE receipts (
    provider     text        NOT NULL,
    provider_ref text        NOT NULL,
    verdict      text        NOT NULL,
    reason       text        NOT NULL,
    received_at  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT receipts_pkey PRIMARY KEY (provider, provider_ref, verdict),
    CONSTRAINT receipts_verdict_is_known CHECK (verdict IN ('delivered', 'failed'))
);

-- How many messages a hall and a person have had on a day. A person is a keyed digest.
CREATE TABLE allowances (
    scope   text        NOT NULL,
    day     date        NOT NULL,
    used    integer     NOT NULL,
    last_at timestamptz NOT NULL,
    CONSTRAINT allowances_pkey PRIMARY KEY (scope, day)
);

-- Who does not want messages, by the same digest.
CREATE TABLE opt_outs (
    person       text        CONSTRAINT opt_outs_pkey PRIMARY KEY,
    opted_out_at timestamptz NOT NULL DEFAULT now()
);
