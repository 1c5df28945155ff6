-- What people say of a service. The digest finds a second rating of the same service, and leads to nobody.

CREATE TABLE ratings (
    id         bigint      GENERATED ALWAYS AS IDENTITY CONSTRAINT ratings_id_is_unique UNIQUE,
    digest     text        NOT NULL CONSTRAINT ratings_pkey PRIMARY KEY,
    hall_id    text        NOT NULL,
    group_id   text        NOT NULL,
    window_id  text        NOT NULL,
    day        date        NOT NULL,
    level      smallint    NOT NULL CONSTRAINT ratings_level_is_one_of_five CHECK (level BETWEEN 1 AND 5),
    aspects    jsonb       NOT NULL,
    comment    text        NOT NULL,
    rated_at   timestamptz NOT NULL,
    due_at     timestamptz,  -- Until when a bad one is answered.
    reply      text,
    replied_at timestamptz,
    replied_by text,
    CONSTRAINT ratings_are_answered_by_somebody CHECK ((replied_at IS NULL) = (replied_by IS NULL))
);
CREATE INDEX ratings_of_a_hall ON ratings (hall_id, day);
CREATE INDEX ratings_to_answer ON ratings (hall_id, due_at) WHERE due_at IS NOT NULL AND replied_at IS NULL;
