-- Whose address it is, as the last attempt said; NULL where nobody had it.
ALTER TABLE attempts ADD COLUMN user_id TEXT;
-- How many of the failures were attempts that nobody has answered: each may be taken back once.
ALTER TABLE attempts ADD COLUMN unanswered INTEGER NOT NULL DEFAULT 0 CHECK (unanswered >= 0);
