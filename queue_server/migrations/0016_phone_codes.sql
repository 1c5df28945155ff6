-- Phones that are bound to a ticket by a code, and what their owners agreed to.

-- The code that was sent last for a ticket. Phone and code are sealed; both are gone when the code was right.
CREATE TABLE phone_codes (
    hall_id      text        NOT NULL,
    ticket_id    bigint      NOT NULL,
    phone_sealed text        NOT NULL,
    code_sealed  text        NOT NULL,
    tries        integer     NOT NULL DEFAULT 0,
    sent_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT phone_codes_pkey PRIMARY KEY (hall_id, ticket_id)
);
CREATE INDEX phone_codes_by_age ON phone_codes (sent_at);

-- Which sentence was agreed to: `given` when the phone was left with the ticket, `code` when a code was sent to it;
-- and the version of that sentence.
ALTER TABLE contacts ADD COLUMN consent text NOT NULL DEFAULT 'given 1';
