-- How often somebody may do what costs money: counted here and not in Redis, which may lose everything at any time.

-- A bucket by the instant at which it is full again. Who it belongs to is a keyed digest; rows of full ones are deleted.
CREATE TABLE rates (
    bucket  text        CONSTRAINT rates_pkey PRIMARY KEY,
    full_at timestamptz NOT NULL
);
CREATE INDEX rates_by_age ON rates (full_at);
