-- A provider for workloads: client_id is the audience that their ID tokens name.
ALTER TABLE providers ADD COLUMN workload INTEGER NOT NULL DEFAULT 0 CHECK (workload IN (0, 1));

-- Which of a provider's ID tokens log in as whom.
CREATE TABLE workload_rules (
    id         TEXT PRIMARY KEY,
    provider   TEXT NOT NULL REFERENCES providers (name) ON DELETE CASCADE,
    user_id    TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    claims     TEXT NOT NULL, -- JSON object of patterns, in order of name
    roles      TEXT NOT NULL, -- JSON list, in order of name
    ttl        INTEGER NOT NULL CHECK (ttl BETWEEN 1 AND 3600), -- seconds
    created_at INTEGER NOT NULL,
    UNIQUE (provider, claims)
) STRICT, WITHOUT ROWID;
CREATE INDEX workload_rules_by_user ON workload_rules (user_id);

-- ID tokens that logged a workload in, by digest, for as long as they would be accepted. They outlive
-- their provider: one that is added anew must not accept them again.
CREATE TABLE used_id_tokens (
    digest       BLOB PRIMARY KEY,
    usable_until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX used_id_tokens_by_time ON used_id_tokens (usable_until);

-- Only a new table takes another kind of session.
CREATE TABLE all_sessions (
    id            TEXT PRIMARY KEY,
    user_id       TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    kind          TEXT NOT NULL DEFAULT 'login' CHECK (kind IN ('login', 'issued', 'workload')),
    created_at    INTEGER NOT NULL,
    used_at       INTEGER NOT NULL,
    expires_at    INTEGER NOT NULL,
    idle_seconds  INTEGER NOT NULL CHECK (idle_seconds > 0),
    epoch         INTEGER NOT NULL,
    generation    INTEGER NOT NULL,
    refresh_hash  BLOB NOT NULL,
    revoked_at    INTEGER,
    revoke_reason TEXT
) STRICT;
INSERT INTO all_sessions (id, user_id, kind, created_at, used_at, expires_at, idle_seconds, epoch,
                          generation, refresh_hash, revoked_at, revoke_reason)
    SELECT id, user_id, kind, created_at, used_at, expires_at, idle_seconds, epoch, generation,
           refresh_hash, revoked_at, revoke_reason
    FROM sessions;
DROP TABLE sessions;
ALTER TABLE all_sessions RENAME TO sessions;
CREATE INDEX sessions_by_user ON sessions (user_id, id);
