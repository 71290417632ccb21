-- Times are Unix seconds, UTC. Columns named sealed_* hold AES-256-GCM under the key file.

CREATE TABLE meta (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE settings (
    name       TEXT PRIMARY KEY,
    value      TEXT NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE users (
    id                   TEXT PRIMARY KEY,
    email                TEXT NOT NULL,
    email_key            TEXT NOT NULL UNIQUE,
    username             TEXT,
    username_key         TEXT UNIQUE,
    name                 TEXT,
    phone                TEXT,
    address              TEXT,
    national_id          TEXT,
    attributes           TEXT NOT NULL DEFAULT '{}',
    verified_at          INTEGER,
    disabled_at          INTEGER,
    disabled_reason      TEXT,
    must_change_password INTEGER NOT NULL DEFAULT 0 CHECK (must_change_password IN (0, 1)),
    -- A session lives only while its own epoch equals this one.
    session_epoch        INTEGER NOT NULL DEFAULT 0,
    created_at           INTEGER NOT NULL,
    updated_at           INTEGER NOT NULL,
    last_login_at        INTEGER
) STRICT;

CREATE TABLE passwords (
    user_id    TEXT PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    hash       TEXT NOT NULL,
    -- Who chose it; a password that nobody proved to own is voided by the first verification.
    set_by     TEXT NOT NULL CHECK (set_by IN ('signup', 'subject', 'operator')),
    changed_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE roles (
    name        TEXT PRIMARY KEY,
    description TEXT,
    created_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE user_roles (
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    role    TEXT NOT NULL REFERENCES roles (name),
    PRIMARY KEY (user_id, role)
) STRICT, WITHOUT ROWID;
CREATE INDEX user_roles_by_role ON user_roles (role);

-- Keyed by a MAC of the canonical address, whether or not a user has it.
CREATE TABLE attempts (
    address       BLOB PRIMARY KEY,
    failures      INTEGER NOT NULL DEFAULT 0 CHECK (failures >= 0),
    code_failures INTEGER NOT NULL DEFAULT 0 CHECK (code_failures >= 0),
    blocked_until INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

CREATE TABLE code_requests (
    id           INTEGER PRIMARY KEY,
    address      BLOB NOT NULL,
    purpose      TEXT NOT NULL,
    requested_at INTEGER NOT NULL
) STRICT;
CREATE INDEX code_requests_by_time ON code_requests (requested_at);

CREATE TABLE codes (
    user_id    TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    purpose    TEXT NOT NULL CHECK (purpose IN ('verify', 'reset')),
    mac        BLOB NOT NULL,
    tries      INTEGER NOT NULL DEFAULT 0,
    issued_at  INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, purpose)
) STRICT, WITHOUT ROWID;

CREATE TABLE outbox (
    seq         INTEGER PRIMARY KEY, -- in order of posting
    id          TEXT NOT NULL UNIQUE,
    user_id     TEXT REFERENCES users (id) ON DELETE CASCADE,
    kind        TEXT NOT NULL CHECK (kind IN ('verify', 'reset', 'link', 'notice')),
    state       TEXT NOT NULL CHECK (state IN ('kept', 'sent', 'failed')),
    sealed_mail BLOB NOT NULL,
    created_at  INTEGER NOT NULL
) STRICT;
CREATE INDEX outbox_by_user ON outbox (user_id);

CREATE TABLE sessions (
    id            TEXT PRIMARY KEY,
    user_id       TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
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
CREATE INDEX sessions_by_user ON sessions (user_id);

CREATE TABLE signing_keys (
    kid         TEXT PRIMARY KEY,
    algorithm   TEXT NOT NULL,
    public_jwk  TEXT NOT NULL,
    sealed_jwk  BLOB NOT NULL,
    state       TEXT NOT NULL CHECK (state IN ('active', 'retired', 'revoked')),
    created_at  INTEGER NOT NULL,
    changed_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE audit (
    seq    INTEGER PRIMARY KEY,
    at     INTEGER NOT NULL,
    actor  TEXT NOT NULL,
    event  TEXT NOT NULL,
    target TEXT,
    result TEXT NOT NULL CHECK (result IN ('ok', 'fail')),
    detail TEXT NOT NULL,
    hash   BLOB NOT NULL
) STRICT;

CREATE TABLE audit_head (
    id   INTEGER PRIMARY KEY CHECK (id = 1),
    seq  INTEGER NOT NULL,
    hash BLOB NOT NULL
) STRICT;
INSERT INTO audit_head (id, seq, hash) VALUES (1, 0, zeroblob(32));
