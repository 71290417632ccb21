-- A key that never had its private half here only checks tokens of elsewhere; it is not published.
ALTER TABLE signing_keys ADD COLUMN public_only INTEGER NOT NULL DEFAULT 0
    CHECK (public_only IN (0, 1));
UPDATE signing_keys SET public_only = 1 WHERE imported = 1 AND sealed_jwk IS NULL;
-- Pages of one user's sessions are in order of id.
DROP INDEX sessions_by_user;
CREATE INDEX sessions_by_user ON sessions (user_id, id);
