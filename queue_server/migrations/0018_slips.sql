-- How often the slip of a ticket was sent to a printer, whichever process and kiosk it went through.
CREATE TABLE slips (
    hall_id    text        NOT NULL,
    ticket_id  bigint      NOT NULL,
    printed    integer     NOT NULL,
    printed_at timestamptz NOT NULL,
    CONSTRAINT slips_pkey PRIMARY KEY (hall_id, ticket_id)
);
CREATE INDEX slips_by_age ON slips (printed_at);
