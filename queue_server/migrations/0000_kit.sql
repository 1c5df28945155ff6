-- The first answer to every request that carried an Idempotency-Key, so that a repeat gets the same one.
-- Written in the transaction of the request's own effect: there is never one without the other.
CREATE TABLE requests (
    scope text NOT NULL,            -- Who asked, and where: a key is only unique for one asker at one address.
    key text NOT NULL,
    fingerprint text NOT NULL,      -- Of the payload: the same key with another payload is refused.
    status smallint NOT NULL,
    body text NOT NULL,
    answered_at timestamptz NOT NULL,
    CONSTRAINT requests_pkey PRIMARY KEY (scope, key)
);

-- For the purge.
CREATE INDEX requests_answered_at ON requests (answered_at);
