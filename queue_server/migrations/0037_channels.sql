-- Cases that come without anybody standing at a window: an agent in a village brings them, or the post.

ALTER TABLE accounts
    DROP CONSTRAINT accounts_role_is_known,
    ADD CONSTRAINT accounts_role_is_known
        CHECK (role IN ('clerk', 'guide', 'reviewer', 'agent', 'manager', 'admin'));

ALTER TABLE cases
    ALTER COLUMN ticket_id DROP NOT NULL,
    ADD COLUMN channel  text NOT NULL DEFAULT 'window',
    ADD COLUMN agent_id text,  -- Who brought it, and brings the result.
    ADD CONSTRAINT cases_channel_is_known CHECK (channel IN ('window', 'agent', 'mail')),
    ADD CONSTRAINT cases_at_a_window_have_a_ticket CHECK ((channel = 'window') = (ticket_id IS NOT NULL)),
    ADD CONSTRAINT cases_from_an_agent_name_them CHECK ((channel = 'agent') = (agent_id IS NOT NULL));
CREATE INDEX cases_of_an_agent ON cases (hall_id, agent_id, id) WHERE channel = 'agent';
CREATE INDEX cases_at_arrivals ON cases (hall_id, id)
    WHERE channel <> 'window' AND stage IN ('draft', 'received', 'notified');

-- How to reach whoever a case is for, when no ticket says so.
CREATE TABLE case_contacts (
    case_id      bigint      NOT NULL CONSTRAINT case_contacts_pkey PRIMARY KEY
                             CONSTRAINT case_contacts_of_a_case REFERENCES cases (id),
    phone_sealed text        NOT NULL,
    language     text        NOT NULL,
    consent_at   timestamptz NOT NULL
);
