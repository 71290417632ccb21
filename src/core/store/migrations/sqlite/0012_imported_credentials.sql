-- How little a stolen hash resists guessing; NULL for a strong one.
ALTER TABLE passwords ADD COLUMN strength TEXT CHECK (strength IN ('weak', 'fair'));
-- Whether the last import set it, and nobody since.
ALTER TABLE passwords ADD COLUMN from_file INTEGER NOT NULL DEFAULT 0 CHECK (from_file IN (0, 1));

-- What the last import said and the user may have changed since. MACs are keyed by the key file.
CREATE TABLE imported_credentials (
    user_id       TEXT PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    password_mac  BLOB, -- of the hash that was stored; NULL while it still is
    password_head TEXT NOT NULL, -- cost and salt of a hash made here, to make it again
    totp_mac      BLOB,
    must_change   INTEGER NOT NULL CHECK (must_change IN (0, 1))
) STRICT, WITHOUT ROWID;

-- SQL cannot read a hash: whoever needs the census first judges what is here already.
INSERT OR IGNORE INTO meta (name, value)
    SELECT 'hash_census', 'due' WHERE EXISTS (SELECT 1 FROM passwords);
