-- How often a mail was tried, when to try again, and who is at it now.
ALTER TABLE outbox ADD COLUMN expires_at INTEGER;       -- of the code or link in it
ALTER TABLE outbox ADD COLUMN attempts INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0);
ALTER TABLE outbox ADD COLUMN next_attempt_at INTEGER;  -- NULL: at once
ALTER TABLE outbox ADD COLUMN claimed_until INTEGER;    -- a process may be sending it until then
ALTER TABLE outbox ADD COLUMN error TEXT;               -- why the latest attempt failed, in a word
CREATE INDEX outbox_by_state ON outbox (state, seq);

-- Where each user has logged in from, as a MAC: a new place is worth a mail.
CREATE TABLE login_places (
    user_id  TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    place    BLOB NOT NULL,
    first_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, place)
) STRICT, WITHOUT ROWID;
