-- Whose address it is, as the last attempt said; NULL where nobody had it.
ALTER TABLE attempts ADD COLUMN user_id TEXT COLLATE "C";
-- How many of the failures were attempts that nobody has answered: each may be taken back once.
ALTER TABLE attempts ADD COLUMN unanswered BIGINT NOT NULL DEFAULT 0 CHECK (unanswered >= 0);

-- The rights of a login were wider before. examples/postgres-roles.sql grants those that are left.
DO $$
BEGIN
    IF to_regrole('auth_login') IS NOT NULL THEN
        REVOKE ALL ON ALL TABLES IN SCHEMA auth_cli FROM auth_login;
    END IF;
END
$$;
