-- Roles that may do less than the owner of an auth-cli database. Run it as the owner, after `auth-cli db init`
-- and again after `auth-cli db migrate`:
--
--     psql -v ON_ERROR_STOP=1 -f postgres-roles.sql DATABASE
--
-- Then grant them to the roles that log in to the server: GRANT auth_login TO web;
--
--   auth_operator  everything, except to change tables and to alter rows of the audit trail
--   auth_login     log users in, renew their sessions and end them, for one named user at a time
--
-- docs/postgresql.md lists every statement that auth_login may run. PostgreSQL 13 or later is required.

BEGIN;
SET LOCAL client_min_messages = warning;

DO $$
BEGIN
    IF to_regrole('auth_operator') IS NULL THEN CREATE ROLE auth_operator; END IF;
    IF to_regrole('auth_login') IS NULL THEN CREATE ROLE auth_login; END IF;
END
$$;

REVOKE ALL ON SCHEMA auth_cli FROM PUBLIC;
GRANT USAGE ON SCHEMA auth_cli TO auth_operator, auth_login;
REVOKE ALL ON ALL TABLES IN SCHEMA auth_cli FROM PUBLIC, auth_operator, auth_login;
REVOKE ALL ON ALL SEQUENCES IN SCHEMA auth_cli FROM PUBLIC, auth_operator, auth_login;

---------------------------------------------------------------------------------------- auth_operator

GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA auth_cli TO auth_operator;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA auth_cli TO auth_operator;
REVOKE UPDATE, DELETE ON auth_cli.audit FROM auth_operator;
REVOKE INSERT, UPDATE, DELETE ON auth_cli.audit_archives FROM auth_operator;
-- auth-cli delete erases what the trail tells of the user: these two columns, in rows whose target it is. A row's chain
-- contains a digest of them, so that they can be erased but not altered: audit verify names each row that was altered,
-- and each that was erased without a deletion of its user after it.
GRANT UPDATE (detail, salt) ON auth_cli.audit TO auth_operator;
REVOKE DELETE ON auth_cli.audit_lanes FROM auth_operator;
REVOKE INSERT, UPDATE, DELETE ON auth_cli.schema_version FROM auth_operator;

------------------------------------------------------------------------------------------- auth_login

-- What every login reads. UPDATE of the empty lock is what LOCK TABLE asks for.
GRANT SELECT ON auth_cli.schema_version, auth_cli.meta, auth_cli.settings, auth_cli.roles,
    auth_cli.signing_keys, auth_cli.hash_census TO auth_login;
GRANT SELECT, UPDATE ON auth_cli.write_lock TO auth_login;

-- Rows of the named user alone: the policies below. The triggers below say which changes are accepted.
GRANT SELECT ON auth_cli.users, auth_cli.passwords, auth_cli.user_roles, auth_cli.totp,
    auth_cli.recovery_codes, auth_cli.links, auth_cli.login_places, auth_cli.outbox,
    auth_cli.sessions, auth_cli.attempts TO auth_login;
GRANT UPDATE (last_login_at, session_epoch, updated_at) ON auth_cli.users TO auth_login;
GRANT UPDATE (last_step) ON auth_cli.totp TO auth_login;
GRANT DELETE ON auth_cli.recovery_codes, auth_cli.links, auth_cli.sessions TO auth_login;
GRANT INSERT ON auth_cli.login_places TO auth_login;
GRANT INSERT (id, user_id, kind, state, sealed_mail, created_at, expires_at),
    UPDATE (state, sealed_mail, attempts, next_attempt_at, claimed_until, error)
    ON auth_cli.outbox TO auth_login;
GRANT INSERT (id, user_id, kind, created_at, used_at, expires_at, idle_seconds, epoch, generation,
    refresh_hash), UPDATE (used_at, generation, refresh_hash, revoked_at, revoke_reason)
    ON auth_cli.sessions TO auth_login;
GRANT INSERT, UPDATE (user_id, failures, code_failures, blocked_until, factor_failures, open_until,
    unanswered) ON auth_cli.attempts TO auth_login;

------------------------------------------------------------------------------------------- functions

-- Names the user whose rows are seen until the transaction ends. A session's id and a user's id are names as well: nobody
-- guesses them. Setting auth_cli.subject directly therefore gives no more than naming the user by id.
CREATE OR REPLACE FUNCTION auth_cli.approach(text, text) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = auth_cli, pg_temp
AS $$
    SELECT set_config('auth_cli.subject', coalesce(CASE $1
        WHEN 'id' THEN (SELECT id FROM users WHERE id = $2)
        WHEN 'email_key' THEN (SELECT id FROM users WHERE email_key = $2)
        WHEN 'username_key' THEN (SELECT id FROM users WHERE username_key = $2)
        WHEN 'session' THEN (SELECT user_id FROM sessions WHERE id = $2)
        WHEN 'link' THEN (SELECT user_id FROM links WHERE mac = decode($2, 'hex'))
    END, ''), true)
$$;

-- Whether the transaction that is going on made the row with this xmin, one that can be seen.
CREATE OR REPLACE FUNCTION auth_cli.made_now(made_by xid) RETURNS boolean
    LANGUAGE sql SET search_path = auth_cli, pg_temp
AS $$
    SELECT CASE WHEN later < 2147483648
        THEN pg_xact_status(CAST(CAST(top + later AS text) AS xid8)) = 'in progress' ELSE false END
    FROM (SELECT top, (CAST(CAST($1 AS text) AS bigint) - top % 4294967296 + 4294967296)
            % 4294967296 AS later
        FROM (SELECT CAST(CAST(pg_current_xact_id() AS text) AS bigint) AS top) AS a) AS b
$$;

-- Whether it recorded such an event about the user. A lane's end is locked by those who append to it.
CREATE OR REPLACE FUNCTION auth_cli.recorded_now(of_user text, what text, word text) RETURNS boolean
    LANGUAGE sql SET search_path = auth_cli, pg_temp
AS $$
    WITH ending AS (SELECT lane, place FROM audit_lanes
        WHERE lane = get_byte(sha256(convert_to($1, 'UTF8')), 0) % 64)
    SELECT EXISTS (
        SELECT 1 FROM (
            SELECT audit.xmin AS made_by, event, target, detail FROM audit, ending
            WHERE audit.lane = ending.lane AND audit.place > ending.place - 64
            UNION ALL
            SELECT audit.xmin, event, target, detail FROM audit, ending
            WHERE ending.lane = 0 AND audit.lane = 0 AND audit.place IS NULL
                AND audit.seq > ending.place - 64) AS latest
        WHERE event = $2 AND target = $1 AND position($3 IN detail) > 0 AND made_now(made_by))
$$;

-- Whether it opened a session for the user, and recorded the login.
CREATE OR REPLACE FUNCTION auth_cli.logged_in_now(of_user text) RETURNS boolean
    LANGUAGE sql SET search_path = auth_cli, pg_temp
AS $$
    SELECT EXISTS (
        SELECT 1 FROM sessions
        -- Ids begin with the time.
        WHERE user_id = $1 AND generation = 0 AND revoked_at IS NULL AND made_now(sessions.xmin)
            AND id > lpad(to_hex(CAST((extract(epoch FROM now()) - 3600) * 1000 AS bigint) >> 16), 8, '0')
            AND recorded_now($1, 'authn_login_success', id))
$$;

CREATE OR REPLACE FUNCTION auth_cli.refuse_login_role(why text) RETURNS void
    LANGUAGE plpgsql SET search_path = auth_cli, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION 'a role that only logs users in may not %', why
        USING ERRCODE = 'insufficient_privilege';
END
$$;

-- Seconds now, by the server's clock. A client's may differ by a minute.
CREATE OR REPLACE FUNCTION auth_cli.seconds_now() RETURNS bigint
    LANGUAGE sql SET search_path = auth_cli, pg_temp
AS $$ SELECT CAST(floor(extract(epoch FROM clock_timestamp())) AS bigint) $$;

CREATE OR REPLACE FUNCTION auth_cli.is_now(at bigint) RETURNS boolean
    LANGUAGE sql SET search_path = auth_cli, pg_temp
AS $$ SELECT coalesce(abs($1 - seconds_now()) <= 60, false) $$;

-- A duration among the settings, as "12h".
CREATE OR REPLACE FUNCTION auth_cli.seconds_of(setting text, fallback bigint) RETURNS bigint
    LANGUAGE sql SET search_path = auth_cli, pg_temp
AS $$
    SELECT coalesce((SELECT CAST(left(value, -1) AS bigint)
        * CASE right(value, 1) WHEN 's' THEN 1 WHEN 'm' THEN 60 WHEN 'h' THEN 3600 WHEN 'd' THEN 86400 END
        FROM settings WHERE name = $1), $2)
$$;

-------------------------------------------------------------------------------------------- triggers

CREATE OR REPLACE FUNCTION auth_cli.hold_sessions() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = auth_cli, pg_temp
AS $$
DECLARE
    time_now bigint := seconds_now();
    longest bigint := seconds_of('session.max', 43200);
    user_epoch bigint;
BEGIN
    -- An id is forgotten only when no new session could have it.
    IF TG_OP = 'DELETE' THEN
        RETURN CASE WHEN greatest(OLD.created_at, OLD.expires_at) < time_now - 3600 THEN OLD END;
    END IF;
    SELECT session_epoch INTO user_epoch FROM users WHERE id = NEW.user_id AND disabled_at IS NULL;
    IF TG_OP = 'INSERT' THEN
        IF user_epoch IS NULL OR NEW.epoch <> user_epoch THEN
            PERFORM refuse_login_role('open a session that has ended');
        ELSIF NEW.kind <> 'login' OR NEW.generation <> 0 OR octet_length(NEW.refresh_hash) <> 32
            OR NEW.revoked_at IS NOT NULL OR NEW.revoke_reason IS NOT NULL THEN
            PERFORM refuse_login_role('open a session of another kind');
        ELSIF NOT is_now(NEW.created_at) OR NEW.used_at <> NEW.created_at
            OR NEW.id !~ '^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$'
            OR NOT is_now(CAST(CAST('x0000' || left(replace(NEW.id, '-', ''), 12) AS bit(64)) AS bigint)
                / 1000) THEN
            PERFORM refuse_login_role('open a session at another time: the clocks of client and server '
                'differ by more than a minute');
        ELSIF NEW.expires_at > NEW.created_at + longest
            OR NEW.idle_seconds > least(seconds_of('session.idle', 600), longest) THEN
            PERFORM refuse_login_role('open a session that lasts longer than session.max and session.idle'
                ' of the database');
        END IF;
        NEW.created_at := least(NEW.created_at, time_now);
        NEW.used_at := NEW.created_at;
        NEW.expires_at := least(NEW.expires_at, time_now + longest);
        RETURN NEW;
    END IF;
    IF OLD.revoked_at IS NOT NULL OR (NEW.id, NEW.user_id, NEW.kind, NEW.created_at, NEW.expires_at,
            NEW.idle_seconds, NEW.epoch) <> (OLD.id, OLD.user_id, OLD.kind, OLD.created_at,
            OLD.expires_at, OLD.idle_seconds, OLD.epoch) THEN
        PERFORM refuse_login_role('change a session that has ended, or more than its last use');
    ELSIF NEW.revoked_at IS NOT NULL THEN
        IF NOT is_now(NEW.revoked_at) OR (NEW.generation, NEW.used_at, NEW.refresh_hash)
            <> (OLD.generation, OLD.used_at, OLD.refresh_hash) THEN
            PERFORM refuse_login_role('end a session and change it as well');
        END IF;
    ELSIF OLD.kind <> 'login' OR NEW.generation <> OLD.generation + 1
        OR octet_length(NEW.refresh_hash) <> 32 OR NEW.refresh_hash = OLD.refresh_hash
        OR NEW.revoke_reason IS NOT NULL OR NOT is_now(NEW.used_at) THEN
        PERFORM refuse_login_role('change a session except by a renewal');
    ELSIF user_epoch IS NULL OR OLD.epoch <> user_epoch
        OR time_now >= least(OLD.expires_at, OLD.used_at + OLD.idle_seconds) THEN
        PERFORM refuse_login_role('renew a session that has ended');
    ELSE
        NEW.used_at := greatest(OLD.used_at, least(NEW.used_at, time_now));
    END IF;
    RETURN NEW;
END
$$;

-- After the row is written, since ON CONFLICT DO UPDATE would be judged as an INSERT before.
CREATE OR REPLACE FUNCTION auth_cli.hold_attempts() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = auth_cli, pg_temp
AS $$
DECLARE
    tried bigint;
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.failures > 1 OR NEW.factor_failures > 1 OR NEW.code_failures > 0
            OR NEW.unanswered > NEW.failures THEN
            PERFORM refuse_login_role('count more than one failed attempt at a time');
        END IF;
        RETURN NULL;
    END IF;
    tried := NEW.failures - OLD.failures;
    IF NEW.address <> OLD.address OR NEW.user_id IS DISTINCT FROM coalesce(OLD.user_id, NEW.user_id) THEN
        PERFORM refuse_login_role('give failed attempts to another address or user');
    ELSIF tried > 1 OR NEW.factor_failures > OLD.factor_failures + 1
        OR NEW.code_failures <> OLD.code_failures
        OR NEW.unanswered > OLD.unanswered + greatest(tried, 0) THEN
        PERFORM refuse_login_role('count more than one failed attempt at a time');
    END IF;
    RETURN NULL;
END
$$;

-- Failed attempts are forgotten with a login of their user. One that nobody has answered may be taken back.
CREATE OR REPLACE FUNCTION auth_cli.prove_attempts() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = auth_cli, pg_temp
AS $$
DECLARE
    taken_back boolean := NEW.failures = OLD.failures - 1 AND NEW.unanswered = OLD.unanswered - 1
        AND NEW.factor_failures = OLD.factor_failures
        AND (NEW.blocked_until >= OLD.blocked_until
            OR (OLD.failures = 100 AND OLD.factor_failures < 100 AND NEW.blocked_until = 0));
BEGIN
    IF (NEW.failures < OLD.failures OR NEW.factor_failures < OLD.factor_failures
        OR NEW.blocked_until < OLD.blocked_until) AND NOT taken_back
        AND (OLD.user_id IS NULL OR NOT logged_in_now(OLD.user_id)) THEN
        PERFORM refuse_login_role('forget failed attempts without a login');
    END IF;
    RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION auth_cli.hold_users() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = auth_cli, pg_temp
AS $$
BEGIN
    IF NEW.session_epoch NOT IN (OLD.session_epoch, OLD.session_epoch + 1)
        OR (NEW.last_login_at IS DISTINCT FROM OLD.last_login_at AND NOT is_now(NEW.last_login_at))
        OR (NEW.updated_at <> OLD.updated_at
            AND (NEW.session_epoch = OLD.session_epoch OR NOT is_now(NEW.updated_at))) THEN
        PERFORM refuse_login_role('change more of a user than a login does');
    END IF;
    RETURN NEW;
END
$$;

CREATE OR REPLACE FUNCTION auth_cli.hold_totp() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = auth_cli, pg_temp
AS $$
BEGIN
    IF NEW.state <> 'confirmed' OR NEW.last_step <= OLD.last_step
        OR NEW.last_step > (seconds_now() + 60) / NEW.period + 1 THEN
        PERFORM refuse_login_role('take back the step of a second factor, or skip steps');
    END IF;
    RETURN NEW;
END
$$;

-- What only a login does. The column with the user's id is the trigger's argument.
CREATE OR REPLACE FUNCTION auth_cli.prove_login() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = auth_cli, pg_temp
AS $$
BEGIN
    IF NOT logged_in_now(CASE TG_OP WHEN 'DELETE' THEN to_jsonb(OLD) ELSE to_jsonb(NEW) END
            ->> TG_ARGV[0]) THEN
        PERFORM refuse_login_role(format('change %s without a login in the audit trail', TG_TABLE_NAME));
    END IF;
    RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION auth_cli.prove_session() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = auth_cli, pg_temp
AS $$
BEGIN
    IF NOT recorded_now(NEW.user_id, 'authn_login_success', NEW.id) THEN
        PERFORM refuse_login_role('open a session without a login in the audit trail');
    END IF;
    RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION auth_cli.prove_ending() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = auth_cli, pg_temp
AS $$
BEGIN
    IF NOT recorded_now(NEW.id, 'sessions_ended', '') THEN
        PERFORM refuse_login_role('end all sessions without saying so in the audit trail');
    END IF;
    RETURN NULL;
END
$$;

-- append_audit runs as the owner, so this looks at who is connected. A trigger before the row would keep COPY from
-- sending rows together.
CREATE OR REPLACE FUNCTION auth_cli.hold_audit() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = auth_cli, pg_temp
AS $$
BEGIN
    IF NEW.event NOT IN ('authn_login_attempt', 'authn_login_fail', 'authn_login_lock', 'authn_login_success',
        'authn_token_refreshed', 'authn_token_reuse', 'session_ended', 'sessions_ended',
        'mfa_recovery_code_used', 'mail_failed', 'mail_template_failed') THEN
        PERFORM refuse_login_role('record what is not part of a login');
    ELSIF NEW.target <> '' AND NEW.target IS DISTINCT FROM current_setting('auth_cli.subject', true) THEN
        PERFORM refuse_login_role('record what another user does');
    ELSIF NOT is_now(NEW.at) THEN
        PERFORM refuse_login_role('record what happened at another time: the clocks of client and server '
            'differ by more than a minute');
    END IF;
    RETURN NULL;
END
$$;

-- They hold those who are neither the owner of the tables nor an operator. The rules come with the statement, proofs
-- with the end of the transaction.
DO $$
DECLARE
    what record;
    anyone CONSTANT text := 'row_security_active(''auth_cli.users'')'
        ' AND NOT coalesce(pg_has_role(to_regrole(''auth_operator''), ''USAGE''), false)';
    caller CONSTANT text := 'CASE current_setting(''role'') WHEN ''none'' THEN session_user'
        ' ELSE CAST(current_setting(''role'') AS name) END';
    connected CONSTANT text := format('%s <> current_user AND NOT pg_has_role(%s, current_user, ''USAGE'')'
        ' AND NOT coalesce(pg_has_role(%s, CAST(to_regrole(''auth_operator'') AS oid), ''USAGE''), false)',
        caller, caller, caller);
BEGIN
    FOR what IN
        SELECT * FROM (VALUES
            ('sessions', 'rules', 'BEFORE INSERT OR UPDATE OR DELETE', 'hold_sessions()', anyone),
            ('attempts', 'rules', 'AFTER INSERT OR UPDATE', 'hold_attempts()', anyone),
            ('users', 'rules', 'BEFORE UPDATE', 'hold_users()', anyone),
            ('totp', 'rules', 'BEFORE UPDATE', 'hold_totp()', anyone),
            ('audit', 'rules', 'AFTER INSERT', 'hold_audit()', connected),
            ('sessions', 'proof', 'AFTER INSERT', 'prove_session()', anyone),
            ('attempts', 'proof', 'AFTER UPDATE', 'prove_attempts()', anyone),
            ('users', 'proof', 'AFTER UPDATE OF last_login_at', 'prove_login(''id'')', anyone),
            ('users', 'ending', 'AFTER UPDATE OF session_epoch', 'prove_ending()', anyone),
            ('totp', 'proof', 'AFTER UPDATE', 'prove_login(''user_id'')', anyone),
            ('recovery_codes', 'proof', 'AFTER DELETE', 'prove_login(''user_id'')', anyone),
            ('links', 'proof', 'AFTER DELETE', 'prove_login(''user_id'')', anyone),
            ('login_places', 'proof', 'AFTER INSERT', 'prove_login(''user_id'')', anyone)
        ) AS triggers (name, part, event, call, held)
    LOOP
        EXECUTE format('DROP TRIGGER IF EXISTS login_role_%s ON auth_cli.%I', what.part, what.name);
        EXECUTE format('CREATE %s login_role_%s %s ON auth_cli.%I %s FOR EACH ROW WHEN (%s)'
            ' EXECUTE FUNCTION auth_cli.%s',
            CASE what.part WHEN 'rules' THEN 'TRIGGER' ELSE 'CONSTRAINT TRIGGER' END,
            what.part, what.event, what.name,
            CASE what.part WHEN 'rules' THEN '' ELSE 'DEFERRABLE INITIALLY DEFERRED' END, what.held,
            what.call);
    END LOOP;
END
$$;

-------------------------------------------------------------------------------------------- policies

DO $$
DECLARE
    what record;
BEGIN
    FOR what IN
        SELECT * FROM (VALUES
            ('users', 'id = current_setting(''auth_cli.subject'', true)'),
            ('attempts', '(user_id IS NULL OR user_id = current_setting(''auth_cli.subject'', true))'),
            ('outbox', 'user_id = current_setting(''auth_cli.subject'', true) AND kind = ''notice'''),
            ('passwords', NULL), ('user_roles', NULL), ('totp', NULL), ('recovery_codes', NULL),
            ('codes', NULL), ('links', NULL), ('login_places', NULL), ('sessions', NULL),
            ('identities', NULL)) AS pairs (name, rule)
    LOOP
        EXECUTE format('ALTER TABLE auth_cli.%I ENABLE ROW LEVEL SECURITY', what.name);
        EXECUTE format('DROP POLICY IF EXISTS everything ON auth_cli.%I', what.name);
        EXECUTE format('CREATE POLICY everything ON auth_cli.%I TO auth_operator USING (true)',
            what.name);
        EXECUTE format('DROP POLICY IF EXISTS one_user ON auth_cli.%I', what.name);
        EXECUTE format('CREATE POLICY one_user ON auth_cli.%I TO auth_login USING (%s)', what.name,
            coalesce(what.rule, 'user_id = current_setting(''auth_cli.subject'', true)'));
    END LOOP;
END
$$;

-- No function may be called but these.
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA auth_cli FROM PUBLIC, auth_operator, auth_login;
GRANT EXECUTE ON FUNCTION auth_cli.approach TO auth_login;
GRANT EXECUTE ON FUNCTION auth_cli.append_audit, auth_cli.audit_has TO auth_operator, auth_login;
GRANT EXECUTE ON FUNCTION auth_cli.audit_actor, auth_cli.move_audit_number TO auth_operator;

COMMIT;
