-- People who decide on cases, and never on one that they have accepted themselves.

ALTER TABLE accounts
    DROP CONSTRAINT accounts_role_is_known,
    ADD CONSTRAINT accounts_role_is_known CHECK (role IN ('clerk', 'guide', 'reviewer', 'manager', 'admin'));
