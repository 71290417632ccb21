CREATE TABLE providers (
    name                TEXT PRIMARY KEY,
    issuer              TEXT NOT NULL,
    client_id           TEXT NOT NULL,
    sealed_secret       BLOB, -- none for a public client
    scope               TEXT NOT NULL,
    domains             TEXT NOT NULL, -- of addresses let in, with spaces between; '' for all
    redirect_path       TEXT, -- none for a random one each time
    auto_create         INTEGER NOT NULL CHECK (auto_create IN (0, 1)),
    link_verified_email INTEGER NOT NULL CHECK (link_verified_email IN (0, 1)),
    created_at          INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX providers_by_issuer ON providers (issuer);

-- Who a user is elsewhere. Issuers never give a subject to somebody else.
CREATE TABLE identities (
    issuer        TEXT NOT NULL,
    subject       TEXT NOT NULL,
    user_id       TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    linked_at     INTEGER NOT NULL,
    last_login_at INTEGER,
    PRIMARY KEY (issuer, subject)
) STRICT, WITHOUT ROWID;
CREATE INDEX identities_by_user ON identities (user_id);
