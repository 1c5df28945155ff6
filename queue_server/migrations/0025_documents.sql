-- Documents: what came of a decision, as rows with a history. Whose they are stands with the case, sealed.

CREATE TABLE documents (
    id      bigint  GENERATED ALWAYS AS IDENTITY CONSTRAINT documents_pkey PRIMARY KEY,
    hall_id text    NOT NULL,
    case_id bigint  NOT NULL CONSTRAINT documents_one_of_a_case UNIQUE
                    CONSTRAINT documents_of_a_case REFERENCES cases (id),
    version integer NOT NULL,
    state   text    NOT NULL,
    pickup  text             CONSTRAINT documents_pickup_is_unique UNIQUE,
    body    jsonb   NOT NULL
);
CREATE INDEX documents_to_handle ON documents (hall_id, id) WHERE state <> 'delivered';

-- One line for each version, and in each who holds the document from then on: custody has no gap.
CREATE TABLE document_history (
    document_id bigint      NOT NULL CONSTRAINT document_history_of_a_document REFERENCES documents (id),
    version     integer     NOT NULL,
    at          timestamptz NOT NULL,
    name        text        NOT NULL,
    by_id       text        NOT NULL,
    by_name     text        NOT NULL,
    details     jsonb       NOT NULL,
    CONSTRAINT document_history_pkey PRIMARY KEY (document_id, version)
);

-- What a department hands over to the desk in one bundle.
CREATE TABLE manifests (
    id      bigint  GENERATED ALWAYS AS IDENTITY CONSTRAINT manifests_pkey PRIMARY KEY,
    hall_id text    NOT NULL,
    version integer NOT NULL,
    state   text    NOT NULL,
    body    jsonb   NOT NULL
);
CREATE INDEX manifests_open ON manifests (hall_id, id) WHERE state <> 'closed';

-- Who signed for what. Written once, and never changed.
CREATE TABLE deliveries (
    id               bigint      GENERATED ALWAYS AS IDENTITY CONSTRAINT deliveries_pkey PRIMARY KEY,
    hall_id          text        NOT NULL,
    seal_id          text        NOT NULL,  -- What the seals are bound to: a row has no number before it is written.
    at               timestamptz NOT NULL,
    by_id            text        NOT NULL,
    by_name          text        NOT NULL,
    way              text        NOT NULL,
    identity_kind    text        NOT NULL,
    documents        bigint[]    NOT NULL,
    agent_sealed     text,                  -- NULL: whoever it is for came in person.
    signature_sealed text        NOT NULL,
    CONSTRAINT deliveries_agent_is_known CHECK ((way = 'agent') = (agent_sealed IS NOT NULL))
);

-- Where a document was posted to, and the picture that proves it.
CREATE TABLE mailings (
    document_id    bigint  NOT NULL CONSTRAINT mailings_of_a_document REFERENCES documents (id),
    version        integer NOT NULL,
    address_sealed text    NOT NULL,
    proof_sealed   text    NOT NULL,
    CONSTRAINT mailings_pkey PRIMARY KEY (document_id, version)
);

CREATE INDEX cases_decided ON cases (hall_id, id) WHERE stage = 'decided';
CREATE INDEX cases_to_collect ON cases (hall_id, id) WHERE stage = 'result_ready';
