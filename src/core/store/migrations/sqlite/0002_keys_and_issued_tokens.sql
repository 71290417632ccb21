-- Tokens that an operator issues have a session of their own, without a refresh token.
ALTER TABLE sessions ADD COLUMN kind TEXT NOT NULL DEFAULT 'login'
    CHECK (kind IN ('login', 'issued'));

-- What state a key is in follows from its times.
CREATE TABLE keys (
    seq            INTEGER PRIMARY KEY,  -- in order of coming here
    kid            TEXT NOT NULL UNIQUE, -- RFC 7638 thumbprint
    known_as       TEXT UNIQUE,          -- the kid it came with
    algorithm      TEXT NOT NULL,
    public_jwk     TEXT NOT NULL,
    sealed_jwk     BLOB,                 -- NULL once it signs no more, or never did
    created_at     INTEGER NOT NULL,
    signs_from     INTEGER NOT NULL,
    signs_until    INTEGER,
    verifies_until INTEGER,
    last_expiry    INTEGER,              -- of the issued tokens; they outlive sessions
    revoked_at     INTEGER,
    imported       INTEGER NOT NULL DEFAULT 0 CHECK (imported IN (0, 1))
) STRICT;
-- No session of theirs lasts longer than 30 days, in seconds.
INSERT INTO keys (kid, algorithm, public_jwk, sealed_jwk, created_at, signs_from, signs_until,
                  verifies_until, revoked_at)
    SELECT kid, algorithm, public_jwk, CASE state WHEN 'active' THEN sealed_jwk END, created_at,
           created_at, CASE state WHEN 'retired' THEN changed_at END,
           CASE state WHEN 'retired' THEN changed_at + 2592000 END,
           CASE state WHEN 'revoked' THEN changed_at END
    FROM signing_keys ORDER BY created_at, kid;
DROP TABLE signing_keys;
ALTER TABLE keys RENAME TO signing_keys;
