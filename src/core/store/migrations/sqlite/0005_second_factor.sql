-- A mailed link logs its user in once; a new one replaces it.
CREATE TABLE links (
    user_id    TEXT PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    mac        BLOB NOT NULL UNIQUE,
    issued_at  INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- A pending secret waits for its first code; a confirmed one is asked for at log-in.
CREATE TABLE totp (
    user_id       TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    state         TEXT NOT NULL CHECK (state IN ('pending', 'confirmed')),
    algorithm     TEXT NOT NULL CHECK (algorithm IN ('SHA1', 'SHA256', 'SHA512')),
    digits        INTEGER NOT NULL CHECK (digits IN (6, 8)),
    period        INTEGER NOT NULL CHECK (period > 0), -- seconds
    sealed_secret BLOB NOT NULL,
    last_step     INTEGER NOT NULL, -- the newest accepted; it and older ones are refused
    changed_at    INTEGER NOT NULL, -- when it came into this state
    held_since    INTEGER NOT NULL, -- when its user came to have one, whichever it was
    PRIMARY KEY (user_id, state)
) STRICT, WITHOUT ROWID;

CREATE TABLE recovery_codes (
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    mac     BLOB NOT NULL,
    PRIMARY KEY (user_id, mac)
) STRICT, WITHOUT ROWID;

-- Whoever fails here knows the password already, so no reset forgets it.
ALTER TABLE attempts ADD COLUMN factor_failures INTEGER NOT NULL DEFAULT 0
    CHECK (factor_failures >= 0);
