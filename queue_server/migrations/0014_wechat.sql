-- Citizens who came by WeChat, and what they have agreed to hear there.

-- Sealed and found like the phones in `contacts`. The link is kept so that a second scan leads to the same ticket.
CREATE TABLE wechat_contacts (
    hall_id       text        NOT NULL,
    ticket_id     bigint      NOT NULL,
    openid_sealed text        NOT NULL,
    openid_index  bytea       NOT NULL,
    link_sealed   text        NOT NULL,
    language      text        NOT NULL,
    consent_at    timestamptz NOT NULL,
    CONSTRAINT wechat_contacts_pkey PRIMARY KEY (hall_id, ticket_id)
);
CREATE INDEX wechat_contacts_by_openid ON wechat_contacts (openid_index);
CREATE INDEX wechat_contacts_by_age ON wechat_contacts (consent_at);

-- One-time subscriptions: how many messages of a template a person has agreed to and not yet had.
CREATE TABLE consents (
    person    text    NOT NULL,
    template  text    NOT NULL,
    left_over integer NOT NULL,
    CONSTRAINT consents_pkey PRIMARY KEY (person, template),
    CONSTRAINT consents_are_not_overdrawn CHECK (left_over >= 0)
);
