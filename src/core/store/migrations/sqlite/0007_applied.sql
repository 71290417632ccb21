-- What the manifests of each owner name. Rows go with their user or role, so that one made by hand
-- under an old name is nobody's.
CREATE TABLE applied_users (
    owner          TEXT NOT NULL,
    user_id        TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    made           INTEGER NOT NULL CHECK (made IN (0, 1)), -- it was not there before
    -- Keyed by the key file: the password or hash that was set last.
    credential_mac BLOB,
    -- A new password was asked of the user, who may have chosen one since.
    must_change    INTEGER NOT NULL CHECK (must_change IN (0, 1)),
    PRIMARY KEY (owner, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX applied_users_by_user ON applied_users (user_id);

CREATE TABLE applied_roles (
    owner TEXT NOT NULL,
    role  TEXT NOT NULL REFERENCES roles (name) ON DELETE CASCADE,
    made  INTEGER NOT NULL CHECK (made IN (0, 1)),
    PRIMARY KEY (owner, role)
) STRICT, WITHOUT ROWID;
CREATE INDEX applied_roles_by_role ON applied_roles (role);
