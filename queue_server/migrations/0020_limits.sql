-- Within how many working days a matter is decided: what the hall promises, and what the law says at the latest.

ALTER TABLE matters
    ADD COLUMN committed_days integer,  -- NULL: nothing is promised beyond the law.
    ADD COLUMN statutory_days integer,  -- NULL: the law's general limit.
    ADD CONSTRAINT matters_committed_days_are_days CHECK (committed_days >= 0),
    ADD CONSTRAINT matters_statutory_days_are_days CHECK (statutory_days > 0);
