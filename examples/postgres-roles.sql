-- Roles that may do less than the owner of an auth-cli database. Run it as the owner, after `auth-cli db init`
-- and again after `auth-cli db migrate`:
--
--     psql -v ON_ERROR_STOP=1 -f postgres-roles.sql DATABASE
--
-- Then give them to those who log in to the server: GRANT auth_login TO web;
--
--   auth_operator  everything but the schema, and nothing that is in the audit trail can be changed
--   auth_login     logs users in, and renews and ends their sessions, one known user at a time: it sees no
--                  row of a user whose address, id or session it cannot name, and grants nothing

DO $$
BEGIN
    IF to_regrole('auth_operator') IS NULL THEN CREATE ROLE auth_operator; END IF;
    IF to_regrole('auth_login') IS NULL THEN CREATE ROLE auth_login; END IF;
END
$$;

REVOKE ALL ON SCHEMA auth_cli FROM PUBLIC;
GRANT USAGE ON SCHEMA auth_cli TO auth_operator, auth_login;

REVOKE ALL ON ALL TABLES IN SCHEMA auth_cli FROM auth_operator, auth_login;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA auth_cli TO auth_operator;
REVOKE UPDATE, DELETE ON auth_cli.audit FROM auth_operator;
REVOKE INSERT, UPDATE, DELETE ON auth_cli.audit_archives FROM auth_operator;
-- auth-cli delete erases what the trail tells of the user: these two columns, in rows whose target it is. A row's chain
-- contains a digest of them, so that they can be erased but not altered: audit verify names each row that was altered,
-- and each that was erased without a deletion of its user after it.
GRANT UPDATE (detail, salt) ON auth_cli.audit TO auth_operator;
REVOKE INSERT, UPDATE, DELETE ON auth_cli.schema_version FROM auth_operator;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA auth_cli TO auth_operator, auth_login;

-- The server appends to the audit trail, and writes there which role was connected.
GRANT EXECUTE ON FUNCTION auth_cli.append_audit, auth_cli.audit_has TO auth_operator, auth_login;
GRANT EXECUTE ON FUNCTION auth_cli.audit_actor, auth_cli.move_audit_number TO auth_operator;

-- What every login reads and writes.
GRANT SELECT ON auth_cli.schema_version, auth_cli.meta, auth_cli.settings, auth_cli.roles,
    auth_cli.signing_keys, auth_cli.hash_census TO auth_login;
GRANT UPDATE ON auth_cli.write_lock TO auth_login;
GRANT SELECT, INSERT, UPDATE, DELETE ON auth_cli.attempts TO auth_login;

-- Of one user at a time.
GRANT SELECT, UPDATE (last_login_at) ON auth_cli.users TO auth_login;
GRANT SELECT ON auth_cli.passwords, auth_cli.user_roles TO auth_login;
GRANT SELECT, UPDATE (last_step) ON auth_cli.totp TO auth_login;
GRANT SELECT, DELETE ON auth_cli.recovery_codes, auth_cli.codes, auth_cli.links TO auth_login;
GRANT SELECT, INSERT ON auth_cli.login_places TO auth_login;
GRANT SELECT, INSERT, UPDATE ON auth_cli.outbox TO auth_login;
GRANT SELECT, INSERT, UPDATE, DELETE ON auth_cli.sessions TO auth_login;

-- The program says whom it is about; only whoever can name a user comes to see the rows of that user.
CREATE OR REPLACE FUNCTION auth_cli.approach(text, text) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = auth_cli, pg_temp
AS $$
    SELECT set_config('auth_cli.subject', coalesce(CASE $1
        WHEN 'id' THEN (SELECT id FROM users WHERE id = $2)
        WHEN 'email_key' THEN (SELECT id FROM users WHERE email_key = $2)
        WHEN 'username_key' THEN (SELECT id FROM users WHERE username_key = $2)
        WHEN 'session' THEN (SELECT user_id FROM sessions WHERE id = $2)
    END, ''), false)
$$;
REVOKE ALL ON FUNCTION auth_cli.approach FROM PUBLIC;
GRANT EXECUTE ON FUNCTION auth_cli.approach TO auth_login;

DO $$
DECLARE
    what record;
BEGIN
    FOR what IN
        SELECT * FROM (VALUES ('users', 'id'), ('passwords', 'user_id'), ('user_roles', 'user_id'),
            ('totp', 'user_id'), ('recovery_codes', 'user_id'), ('codes', 'user_id'),
            ('links', 'user_id'), ('login_places', 'user_id'), ('outbox', 'user_id'),
            ('sessions', 'user_id'), ('identities', 'user_id')) AS pairs (name, subject)
    LOOP
        EXECUTE format('ALTER TABLE auth_cli.%I ENABLE ROW LEVEL SECURITY', what.name);
        EXECUTE format('DROP POLICY IF EXISTS everything ON auth_cli.%I', what.name);
        EXECUTE format('CREATE POLICY everything ON auth_cli.%I TO auth_operator USING (true)',
            what.name);
        EXECUTE format('DROP POLICY IF EXISTS one_user ON auth_cli.%I', what.name);
        EXECUTE format('CREATE POLICY one_user ON auth_cli.%I TO auth_login'
            ' USING (%I = current_setting(''auth_cli.subject'', true))', what.name, what.subject);
    END LOOP;
END
$$;
