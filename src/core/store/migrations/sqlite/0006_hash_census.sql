-- How many users have a password hash of each kind; maintained as passwords are written.
CREATE TABLE hash_census (
    scheme       TEXT NOT NULL,
    cost         TEXT NOT NULL,
    strength     TEXT NOT NULL CHECK (strength IN ('weak', 'fair', 'strong')),
    unit         TEXT NOT NULL,    -- what checking one costs: an amount of this,
    amount       INTEGER NOT NULL,
    microseconds INTEGER NOT NULL, -- and about this long
    users        INTEGER NOT NULL,
    PRIMARY KEY (scheme, cost, unit, amount)
) STRICT, WITHOUT ROWID;

-- SQL cannot read a hash: whoever needs the census first counts what is here already.
INSERT INTO meta (name, value)
    SELECT 'hash_census', 'due' WHERE EXISTS (SELECT 1 FROM passwords);
