-- Tokens that an operator issues have a session of their own, without a refresh token.
ALTER TABLE sessions ADD COLUMN kind TEXT NOT NULL DEFAULT 'login'
    CHECK (kind IN ('login', 'issued'));

CREATE TABLE keys (
    kid            TEXT PRIMARY KEY,
    algorithm      TEXT NOT NULL,
    public_jwk     TEXT NOT NULL,
    sealed_jwk     BLOB, -- NULL where only the public half is known
    state          TEXT NOT NULL CHECK (state IN ('active', 'retired', 'revoked')),
    created_at     INTEGER NOT NULL,
    changed_at     INTEGER NOT NULL,
    signs_from     INTEGER NOT NULL,
    verifies_until INTEGER,                    -- once retired
    last_expiry    INTEGER NOT NULL DEFAULT 0  -- of the tokens that outlive every session
) STRICT, WITHOUT ROWID;
INSERT INTO keys (kid, algorithm, public_jwk, sealed_jwk, state, created_at, changed_at, signs_from)
    SELECT kid, algorithm, public_jwk, sealed_jwk, state, created_at, changed_at, created_at
    FROM signing_keys;
DROP TABLE signing_keys;
ALTER TABLE keys RENAME TO signing_keys;
